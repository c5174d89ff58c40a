<?xml version="1.0" encoding="UTF-8"?>
<!--
  SOAP to 1.6 JSON, messages of CentralSystemService: how each element is written.
  A list is opened by its first element and closed by its last. Names are spelled out, for a name
  that is computed takes as long as all the rest of its element.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cs="urn://Ocpp/Cs/2015/10/">

  <!-- strings -->
  <xsl:template match="cs:chargeBoxSerialNumber"><xsl:if test="position()!=1">,</xsl:if>"chargeBoxSerialNumber":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:chargePointModel"><xsl:if test="position()!=1">,</xsl:if>"chargePointModel":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:chargePointSerialNumber"><xsl:if test="position()!=1">,</xsl:if>"chargePointSerialNumber":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:chargePointVendor"><xsl:if test="position()!=1">,</xsl:if>"chargePointVendor":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:context"><xsl:if test="position()!=1">,</xsl:if>"context":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:data"><xsl:if test="position()!=1">,</xsl:if>"data":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:errorCode"><xsl:if test="position()!=1">,</xsl:if>"errorCode":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:firmwareVersion"><xsl:if test="position()!=1">,</xsl:if>"firmwareVersion":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:format"><xsl:if test="position()!=1">,</xsl:if>"format":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:iccid"><xsl:if test="position()!=1">,</xsl:if>"iccid":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:idTag"><xsl:if test="position()!=1">,</xsl:if>"idTag":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:imsi"><xsl:if test="position()!=1">,</xsl:if>"imsi":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:info"><xsl:if test="position()!=1">,</xsl:if>"info":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:location"><xsl:if test="position()!=1">,</xsl:if>"location":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:measurand"><xsl:if test="position()!=1">,</xsl:if>"measurand":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:messageId"><xsl:if test="position()!=1">,</xsl:if>"messageId":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:meterSerialNumber"><xsl:if test="position()!=1">,</xsl:if>"meterSerialNumber":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:meterType"><xsl:if test="position()!=1">,</xsl:if>"meterType":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:parentIdTag"><xsl:if test="position()!=1">,</xsl:if>"parentIdTag":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:phase"><xsl:if test="position()!=1">,</xsl:if>"phase":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:reason"><xsl:if test="position()!=1">,</xsl:if>"reason":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:status"><xsl:if test="position()!=1">,</xsl:if>"status":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:unit"><xsl:if test="position()!=1">,</xsl:if>"unit":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:value"><xsl:if test="position()!=1">,</xsl:if>"value":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:vendorErrorCode"><xsl:if test="position()!=1">,</xsl:if>"vendorErrorCode":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cs:vendorId"><xsl:if test="position()!=1">,</xsl:if>"vendorId":"<xsl:apply-templates/>"</xsl:template>

  <!-- numbers and booleans -->
  <xsl:template match="cs:connectorId"><xsl:if test="position()!=1">,</xsl:if>"connectorId":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cs:interval"><xsl:if test="position()!=1">,</xsl:if>"interval":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cs:meterStart"><xsl:if test="position()!=1">,</xsl:if>"meterStart":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cs:meterStop"><xsl:if test="position()!=1">,</xsl:if>"meterStop":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cs:reservationId"><xsl:if test="position()!=1">,</xsl:if>"reservationId":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cs:transactionId"><xsl:if test="position()!=1">,</xsl:if>"transactionId":<xsl:apply-templates/></xsl:template>

  <!-- times -->
  <xsl:template match="cs:currentTime"><xsl:if test="position()!=1">,</xsl:if>"currentTime":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cs:expiryDate"><xsl:if test="position()!=1">,</xsl:if>"expiryDate":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cs:timestamp"><xsl:if test="position()!=1">,</xsl:if>"timestamp":"<xsl:call-template name="time"/>"</xsl:template>

  <!-- objects -->
  <xsl:template match="cs:idTagInfo"><xsl:if test="position()!=1">,</xsl:if>"idTagInfo":{<xsl:apply-templates/>}</xsl:template>

  <!-- lists -->
  <xsl:template match="cs:meterValue"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cs:meterValue)">"meterValue":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cs:meterValue)">]</xsl:if></xsl:template>
  <xsl:template match="cs:sampledValue"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cs:sampledValue)">"sampledValue":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cs:sampledValue)">]</xsl:if></xsl:template>
  <xsl:template match="cs:transactionData"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cs:transactionData)">"transactionData":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cs:transactionData)">]</xsl:if></xsl:template>
</xsl:stylesheet>
