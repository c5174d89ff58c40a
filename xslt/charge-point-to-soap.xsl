<?xml version="1.0" encoding="UTF-8"?>
<!--
  1.6 JSON to SOAP, messages of ChargePointService: the elements of each in wire order.
  envelope.xsl builds the rest. A message without elements needs nothing here; members that are
  named nowhere fall out.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cp="urn://Ocpp/Cp/2015/10/">
  <xsl:variable name="service" select="'urn://Ocpp/Cp/2015/10/'"/>
  <xsl:variable name="service-prefix" select="'cp'"/>

  <xsl:template match="message[@element='cancelReservationRequest']/o">
    <xsl:for-each select="e[@n='reservationId']"><cp:reservationId><xsl:value-of select="."/></cp:reservationId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='cancelReservationResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='changeAvailabilityRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='type']"><cp:type><xsl:value-of select="."/></cp:type></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='changeAvailabilityResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='changeConfigurationRequest']/o">
    <xsl:for-each select="e[@n='key']"><cp:key><xsl:value-of select="."/></cp:key></xsl:for-each>
    <xsl:for-each select="e[@n='value']"><cp:value><xsl:value-of select="."/></cp:value></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='changeConfigurationResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='clearCacheResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='clearChargingProfileRequest']/o">
    <xsl:for-each select="e[@n='id']"><cp:id><xsl:value-of select="."/></cp:id></xsl:for-each>
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='chargingProfilePurpose']"><cp:chargingProfilePurpose><xsl:value-of select="."/></cp:chargingProfilePurpose></xsl:for-each>
    <xsl:for-each select="e[@n='stackLevel']"><cp:stackLevel><xsl:value-of select="."/></cp:stackLevel></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='clearChargingProfileResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='dataTransferRequest']/o">
    <xsl:for-each select="e[@n='vendorId']"><cp:vendorId><xsl:value-of select="."/></cp:vendorId></xsl:for-each>
    <xsl:for-each select="e[@n='messageId']"><cp:messageId><xsl:value-of select="."/></cp:messageId></xsl:for-each>
    <xsl:for-each select="e[@n='data']"><cp:data><xsl:value-of select="."/></cp:data></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='dataTransferResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
    <xsl:for-each select="e[@n='data']"><cp:data><xsl:value-of select="."/></cp:data></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getCompositeScheduleRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='duration']"><cp:duration><xsl:value-of select="."/></cp:duration></xsl:for-each>
    <xsl:for-each select="e[@n='chargingRateUnit']"><cp:chargingRateUnit><xsl:value-of select="."/></cp:chargingRateUnit></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getCompositeScheduleResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='scheduleStart']"><cp:scheduleStart><xsl:value-of select="."/></cp:scheduleStart></xsl:for-each>
    <xsl:for-each select="e[@n='chargingSchedule']/o"><cp:chargingSchedule><xsl:call-template name="ChargingSchedule"/></cp:chargingSchedule></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getConfigurationRequest']/o">
    <xsl:for-each select="e[@n='key']/e"><cp:key><xsl:value-of select="."/></cp:key></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getConfigurationResponse']/o">
    <xsl:for-each select="e[@n='configurationKey']/e/o"><cp:configurationKey><xsl:call-template name="KeyValue"/></cp:configurationKey></xsl:for-each>
    <xsl:for-each select="e[@n='unknownKey']/e"><cp:unknownKey><xsl:value-of select="."/></cp:unknownKey></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getDiagnosticsRequest']/o">
    <xsl:for-each select="e[@n='location']"><cp:location><xsl:value-of select="."/></cp:location></xsl:for-each>
    <xsl:for-each select="e[@n='startTime']"><cp:startTime><xsl:value-of select="."/></cp:startTime></xsl:for-each>
    <xsl:for-each select="e[@n='stopTime']"><cp:stopTime><xsl:value-of select="."/></cp:stopTime></xsl:for-each>
    <xsl:for-each select="e[@n='retries']"><cp:retries><xsl:value-of select="."/></cp:retries></xsl:for-each>
    <xsl:for-each select="e[@n='retryInterval']"><cp:retryInterval><xsl:value-of select="."/></cp:retryInterval></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getDiagnosticsResponse']/o">
    <xsl:for-each select="e[@n='fileName']"><cp:fileName><xsl:value-of select="."/></cp:fileName></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='getLocalListVersionResponse']/o">
    <xsl:for-each select="e[@n='listVersion']"><cp:listVersion><xsl:value-of select="."/></cp:listVersion></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='remoteStartTransactionRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='idTag']"><cp:idTag><xsl:value-of select="."/></cp:idTag></xsl:for-each>
    <xsl:for-each select="e[@n='chargingProfile']/o"><cp:chargingProfile><xsl:call-template name="ChargingProfile"/></cp:chargingProfile></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='remoteStartTransactionResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='remoteStopTransactionRequest']/o">
    <xsl:for-each select="e[@n='transactionId']"><cp:transactionId><xsl:value-of select="."/></cp:transactionId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='remoteStopTransactionResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='reserveNowRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='expiryDate']"><cp:expiryDate><xsl:value-of select="."/></cp:expiryDate></xsl:for-each>
    <xsl:for-each select="e[@n='idTag']"><cp:idTag><xsl:value-of select="."/></cp:idTag></xsl:for-each>
    <xsl:for-each select="e[@n='parentIdTag']"><cp:parentIdTag><xsl:value-of select="."/></cp:parentIdTag></xsl:for-each>
    <xsl:for-each select="e[@n='reservationId']"><cp:reservationId><xsl:value-of select="."/></cp:reservationId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='reserveNowResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='resetRequest']/o">
    <xsl:for-each select="e[@n='type']"><cp:type><xsl:value-of select="."/></cp:type></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='resetResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='sendLocalListRequest']/o">
    <xsl:for-each select="e[@n='listVersion']"><cp:listVersion><xsl:value-of select="."/></cp:listVersion></xsl:for-each>
    <xsl:for-each select="e[@n='localAuthorizationList']/e/o"><cp:localAuthorizationList><xsl:call-template name="AuthorizationData"/></cp:localAuthorizationList></xsl:for-each>
    <xsl:for-each select="e[@n='updateType']"><cp:updateType><xsl:value-of select="."/></cp:updateType></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='sendLocalListResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='setChargingProfileRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='csChargingProfiles']/o"><cp:csChargingProfiles><xsl:call-template name="ChargingProfile"/></cp:csChargingProfiles></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='setChargingProfileResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='triggerMessageRequest']/o">
    <xsl:for-each select="e[@n='requestedMessage']"><cp:requestedMessage><xsl:value-of select="."/></cp:requestedMessage></xsl:for-each>
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='triggerMessageResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='unlockConnectorRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cp:connectorId><xsl:value-of select="."/></cp:connectorId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='unlockConnectorResponse']/o">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='updateFirmwareRequest']/o">
    <xsl:for-each select="e[@n='retrieveDate']"><cp:retrieveDate><xsl:value-of select="."/></cp:retrieveDate></xsl:for-each>
    <xsl:for-each select="e[@n='location']"><cp:location><xsl:value-of select="."/></cp:location></xsl:for-each>
    <xsl:for-each select="e[@n='retries']"><cp:retries><xsl:value-of select="."/></cp:retries></xsl:for-each>
    <xsl:for-each select="e[@n='retryInterval']"><cp:retryInterval><xsl:value-of select="."/></cp:retryInterval></xsl:for-each>
  </xsl:template>

  <xsl:template name="ChargingSchedule">
    <xsl:for-each select="e[@n='duration']"><cp:duration><xsl:value-of select="."/></cp:duration></xsl:for-each>
    <xsl:for-each select="e[@n='startSchedule']"><cp:startSchedule><xsl:value-of select="."/></cp:startSchedule></xsl:for-each>
    <xsl:for-each select="e[@n='chargingRateUnit']"><cp:chargingRateUnit><xsl:value-of select="."/></cp:chargingRateUnit></xsl:for-each>
    <xsl:for-each select="e[@n='chargingSchedulePeriod']/e/o"><cp:chargingSchedulePeriod><xsl:call-template name="ChargingSchedulePeriod"/></cp:chargingSchedulePeriod></xsl:for-each>
    <xsl:for-each select="e[@n='minChargingRate']"><cp:minChargingRate><xsl:value-of select="."/></cp:minChargingRate></xsl:for-each>
  </xsl:template>

  <xsl:template name="KeyValue">
    <xsl:for-each select="e[@n='key']"><cp:key><xsl:value-of select="."/></cp:key></xsl:for-each>
    <xsl:for-each select="e[@n='readonly']"><cp:readonly><xsl:value-of select="."/></cp:readonly></xsl:for-each>
    <xsl:for-each select="e[@n='value']"><cp:value><xsl:value-of select="."/></cp:value></xsl:for-each>
  </xsl:template>

  <xsl:template name="ChargingProfile">
    <xsl:for-each select="e[@n='chargingProfileId']"><cp:chargingProfileId><xsl:value-of select="."/></cp:chargingProfileId></xsl:for-each>
    <xsl:for-each select="e[@n='transactionId']"><cp:transactionId><xsl:value-of select="."/></cp:transactionId></xsl:for-each>
    <xsl:for-each select="e[@n='stackLevel']"><cp:stackLevel><xsl:value-of select="."/></cp:stackLevel></xsl:for-each>
    <xsl:for-each select="e[@n='chargingProfilePurpose']"><cp:chargingProfilePurpose><xsl:value-of select="."/></cp:chargingProfilePurpose></xsl:for-each>
    <xsl:for-each select="e[@n='chargingProfileKind']"><cp:chargingProfileKind><xsl:value-of select="."/></cp:chargingProfileKind></xsl:for-each>
    <xsl:for-each select="e[@n='recurrencyKind']"><cp:recurrencyKind><xsl:value-of select="."/></cp:recurrencyKind></xsl:for-each>
    <xsl:for-each select="e[@n='validFrom']"><cp:validFrom><xsl:value-of select="."/></cp:validFrom></xsl:for-each>
    <xsl:for-each select="e[@n='validTo']"><cp:validTo><xsl:value-of select="."/></cp:validTo></xsl:for-each>
    <xsl:for-each select="e[@n='chargingSchedule']/o"><cp:chargingSchedule><xsl:call-template name="ChargingSchedule"/></cp:chargingSchedule></xsl:for-each>
  </xsl:template>

  <xsl:template name="AuthorizationData">
    <xsl:for-each select="e[@n='idTag']"><cp:idTag><xsl:value-of select="."/></cp:idTag></xsl:for-each>
    <xsl:for-each select="e[@n='idTagInfo']/o"><cp:idTagInfo><xsl:call-template name="IdTagInfo"/></cp:idTagInfo></xsl:for-each>
  </xsl:template>

  <xsl:template name="ChargingSchedulePeriod">
    <xsl:for-each select="e[@n='startPeriod']"><cp:startPeriod><xsl:value-of select="."/></cp:startPeriod></xsl:for-each>
    <xsl:for-each select="e[@n='limit']"><cp:limit><xsl:value-of select="."/></cp:limit></xsl:for-each>
    <xsl:for-each select="e[@n='numberPhases']"><cp:numberPhases><xsl:value-of select="."/></cp:numberPhases></xsl:for-each>
  </xsl:template>

  <xsl:template name="IdTagInfo">
    <xsl:for-each select="e[@n='status']"><cp:status><xsl:value-of select="."/></cp:status></xsl:for-each>
    <xsl:for-each select="e[@n='expiryDate']"><cp:expiryDate><xsl:value-of select="."/></cp:expiryDate></xsl:for-each>
    <xsl:for-each select="e[@n='parentIdTag']"><cp:parentIdTag><xsl:value-of select="."/></cp:parentIdTag></xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
