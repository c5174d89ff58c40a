<?xml version="1.0" encoding="UTF-8"?>
<!--
  SOAP to 1.6 JSON, messages of ChargePointService: how each element is written.
  A list is opened by its first element and closed by its last. Names are spelled out, for a name
  that is computed takes as long as all the rest of its element.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cp="urn://Ocpp/Cp/2015/10/">

  <!-- strings -->
  <xsl:template match="cp:chargingProfileKind"><xsl:if test="position()!=1">,</xsl:if>"chargingProfileKind":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:chargingProfilePurpose"><xsl:if test="position()!=1">,</xsl:if>"chargingProfilePurpose":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:chargingRateUnit"><xsl:if test="position()!=1">,</xsl:if>"chargingRateUnit":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:data"><xsl:if test="position()!=1">,</xsl:if>"data":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:fileName"><xsl:if test="position()!=1">,</xsl:if>"fileName":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:idTag"><xsl:if test="position()!=1">,</xsl:if>"idTag":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:key"><xsl:if test="position()!=1">,</xsl:if>"key":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:location"><xsl:if test="position()!=1">,</xsl:if>"location":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:messageId"><xsl:if test="position()!=1">,</xsl:if>"messageId":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:parentIdTag"><xsl:if test="position()!=1">,</xsl:if>"parentIdTag":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:recurrencyKind"><xsl:if test="position()!=1">,</xsl:if>"recurrencyKind":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:requestedMessage"><xsl:if test="position()!=1">,</xsl:if>"requestedMessage":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:status"><xsl:if test="position()!=1">,</xsl:if>"status":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:type"><xsl:if test="position()!=1">,</xsl:if>"type":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:updateType"><xsl:if test="position()!=1">,</xsl:if>"updateType":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:value"><xsl:if test="position()!=1">,</xsl:if>"value":"<xsl:apply-templates/>"</xsl:template>
  <xsl:template match="cp:vendorId"><xsl:if test="position()!=1">,</xsl:if>"vendorId":"<xsl:apply-templates/>"</xsl:template>

  <!-- numbers and booleans -->
  <xsl:template match="cp:chargingProfileId"><xsl:if test="position()!=1">,</xsl:if>"chargingProfileId":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:connectorId"><xsl:if test="position()!=1">,</xsl:if>"connectorId":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:duration"><xsl:if test="position()!=1">,</xsl:if>"duration":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:id"><xsl:if test="position()!=1">,</xsl:if>"id":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:limit"><xsl:if test="position()!=1">,</xsl:if>"limit":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:listVersion"><xsl:if test="position()!=1">,</xsl:if>"listVersion":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:minChargingRate"><xsl:if test="position()!=1">,</xsl:if>"minChargingRate":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:numberPhases"><xsl:if test="position()!=1">,</xsl:if>"numberPhases":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:readonly"><xsl:if test="position()!=1">,</xsl:if>"readonly":<xsl:call-template name="boolean"/></xsl:template>
  <xsl:template match="cp:reservationId"><xsl:if test="position()!=1">,</xsl:if>"reservationId":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:retries"><xsl:if test="position()!=1">,</xsl:if>"retries":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:retryInterval"><xsl:if test="position()!=1">,</xsl:if>"retryInterval":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:stackLevel"><xsl:if test="position()!=1">,</xsl:if>"stackLevel":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:startPeriod"><xsl:if test="position()!=1">,</xsl:if>"startPeriod":<xsl:apply-templates/></xsl:template>
  <xsl:template match="cp:transactionId"><xsl:if test="position()!=1">,</xsl:if>"transactionId":<xsl:apply-templates/></xsl:template>

  <!-- times -->
  <xsl:template match="cp:expiryDate"><xsl:if test="position()!=1">,</xsl:if>"expiryDate":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:retrieveDate"><xsl:if test="position()!=1">,</xsl:if>"retrieveDate":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:scheduleStart"><xsl:if test="position()!=1">,</xsl:if>"scheduleStart":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:startSchedule"><xsl:if test="position()!=1">,</xsl:if>"startSchedule":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:startTime"><xsl:if test="position()!=1">,</xsl:if>"startTime":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:stopTime"><xsl:if test="position()!=1">,</xsl:if>"stopTime":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:validFrom"><xsl:if test="position()!=1">,</xsl:if>"validFrom":"<xsl:call-template name="time"/>"</xsl:template>
  <xsl:template match="cp:validTo"><xsl:if test="position()!=1">,</xsl:if>"validTo":"<xsl:call-template name="time"/>"</xsl:template>

  <!-- objects -->
  <xsl:template match="cp:chargingProfile"><xsl:if test="position()!=1">,</xsl:if>"chargingProfile":{<xsl:apply-templates/>}</xsl:template>
  <xsl:template match="cp:chargingSchedule"><xsl:if test="position()!=1">,</xsl:if>"chargingSchedule":{<xsl:apply-templates/>}</xsl:template>
  <xsl:template match="cp:csChargingProfiles"><xsl:if test="position()!=1">,</xsl:if>"csChargingProfiles":{<xsl:apply-templates/>}</xsl:template>
  <xsl:template match="cp:idTagInfo"><xsl:if test="position()!=1">,</xsl:if>"idTagInfo":{<xsl:apply-templates/>}</xsl:template>

  <!-- lists -->
  <xsl:template match="cp:chargingSchedulePeriod"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cp:chargingSchedulePeriod)">"chargingSchedulePeriod":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cp:chargingSchedulePeriod)">]</xsl:if></xsl:template>
  <xsl:template match="cp:configurationKey"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cp:configurationKey)">"configurationKey":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cp:configurationKey)">]</xsl:if></xsl:template>
  <xsl:template match="cp:getConfigurationRequest/cp:key"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cp:key)">"key":[</xsl:if>"<xsl:apply-templates/>"<xsl:if test="not(following-sibling::*[1]/self::cp:key)">]</xsl:if></xsl:template>
  <xsl:template match="cp:localAuthorizationList"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cp:localAuthorizationList)">"localAuthorizationList":[</xsl:if>{<xsl:apply-templates/>}<xsl:if test="not(following-sibling::*[1]/self::cp:localAuthorizationList)">]</xsl:if></xsl:template>
  <xsl:template match="cp:unknownKey"><xsl:if test="position()!=1">,</xsl:if>
    <xsl:if test="not(preceding-sibling::*[1]/self::cp:unknownKey)">"unknownKey":[</xsl:if>"<xsl:apply-templates/>"<xsl:if test="not(following-sibling::*[1]/self::cp:unknownKey)">]</xsl:if></xsl:template>
</xsl:stylesheet>
