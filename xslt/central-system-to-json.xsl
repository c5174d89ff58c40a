<?xml version="1.0" encoding="UTF-8"?>
<!--
  SOAP to 1.6 JSON, messages of CentralSystemService: the elements that are no strings, by name.
  json.xsl writes the JSON text.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cs="urn://Ocpp/Cs/2015/10/">

  <xsl:template match="
      cs:interval | cs:connectorId | cs:transactionId | cs:meterStart | cs:reservationId | cs:meterStop">
    <xsl:call-template name="number"/>
  </xsl:template>

  <xsl:template match="cs:expiryDate | cs:currentTime | cs:timestamp">
    <xsl:call-template name="time"/>
  </xsl:template>

  <xsl:template match="cs:idTagInfo">
    <xsl:call-template name="object"/>
  </xsl:template>

  <xsl:template match="cs:meterValue | cs:sampledValue | cs:transactionData">
    <xsl:call-template name="object-in-list"/>
  </xsl:template>
</xsl:stylesheet>
