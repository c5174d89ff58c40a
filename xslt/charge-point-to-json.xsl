<?xml version="1.0" encoding="UTF-8"?>
<!--
  SOAP to 1.6 JSON, messages of ChargePointService: the elements that are no strings, by name.
  json.xsl writes the JSON text.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cp="urn://Ocpp/Cp/2015/10/">

  <xsl:template match="
      cp:reservationId | cp:connectorId | cp:id | cp:stackLevel | cp:duration | cp:startPeriod | cp:limit
      | cp:numberPhases | cp:minChargingRate | cp:retries | cp:retryInterval | cp:listVersion |
      cp:chargingProfileId | cp:transactionId">
    <xsl:call-template name="number"/>
  </xsl:template>

  <xsl:template match="cp:readonly">
    <xsl:call-template name="boolean"/>
  </xsl:template>

  <xsl:template match="
      cp:scheduleStart | cp:startSchedule | cp:startTime | cp:stopTime | cp:validFrom | cp:validTo |
      cp:expiryDate | cp:retrieveDate">
    <xsl:call-template name="time"/>
  </xsl:template>

  <xsl:template match="cp:chargingSchedule | cp:chargingProfile | cp:idTagInfo | cp:csChargingProfiles">
    <xsl:call-template name="object"/>
  </xsl:template>

  <xsl:template match="cp:chargingSchedulePeriod | cp:configurationKey | cp:localAuthorizationList">
    <xsl:call-template name="object-in-list"/>
  </xsl:template>

  <xsl:template match="cp:getConfigurationRequest/cp:key | cp:unknownKey">
    <xsl:call-template name="string-in-list"/>
  </xsl:template>
</xsl:stylesheet>
