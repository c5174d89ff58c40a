<?xml version="1.0" encoding="UTF-8"?>
<!--
  1.6 JSON to SOAP, messages of ChargePointService: the order of their elements.
  envelope.xsl builds the rest. A message without elements needs no line here.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="service" select="'urn://Ocpp/Cp/2015/10/'"/>
  <xsl:variable name="service-prefix" select="'cp'"/>

  <xsl:template mode="order" match="message[@element='cancelReservationRequest']">reservationId</xsl:template>
  <xsl:template mode="order" match="message[@element='cancelReservationResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='changeAvailabilityRequest']">
    connectorId type
  </xsl:template>
  <xsl:template mode="order" match="message[@element='changeAvailabilityResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='changeConfigurationRequest']">key value</xsl:template>
  <xsl:template mode="order" match="message[@element='changeConfigurationResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='clearCacheResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='clearChargingProfileRequest']">
    id connectorId chargingProfilePurpose stackLevel
  </xsl:template>
  <xsl:template mode="order" match="message[@element='clearChargingProfileResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='dataTransferRequest']">
    vendorId messageId data
  </xsl:template>
  <xsl:template mode="order" match="message[@element='dataTransferResponse']">status data</xsl:template>
  <xsl:template mode="order" match="message[@element='getCompositeScheduleRequest']">
    connectorId duration chargingRateUnit
  </xsl:template>
  <xsl:template mode="order" match="message[@element='getCompositeScheduleResponse']">
    status connectorId scheduleStart chargingSchedule
  </xsl:template>
  <xsl:template mode="order" match="message[@element='getConfigurationRequest']">key</xsl:template>
  <xsl:template mode="order" match="message[@element='getConfigurationResponse']">
    configurationKey unknownKey
  </xsl:template>
  <xsl:template mode="order" match="message[@element='getDiagnosticsRequest']">
    location startTime stopTime retries retryInterval
  </xsl:template>
  <xsl:template mode="order" match="message[@element='getDiagnosticsResponse']">fileName</xsl:template>
  <xsl:template mode="order" match="message[@element='getLocalListVersionResponse']">
    listVersion
  </xsl:template>
  <xsl:template mode="order" match="message[@element='remoteStartTransactionRequest']">
    connectorId idTag chargingProfile
  </xsl:template>
  <xsl:template mode="order" match="message[@element='remoteStartTransactionResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='remoteStopTransactionRequest']">
    transactionId
  </xsl:template>
  <xsl:template mode="order" match="message[@element='remoteStopTransactionResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='reserveNowRequest']">
    connectorId expiryDate idTag parentIdTag reservationId
  </xsl:template>
  <xsl:template mode="order" match="message[@element='reserveNowResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='resetRequest']">type</xsl:template>
  <xsl:template mode="order" match="message[@element='resetResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='sendLocalListRequest']">
    listVersion localAuthorizationList updateType
  </xsl:template>
  <xsl:template mode="order" match="message[@element='sendLocalListResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='setChargingProfileRequest']">
    connectorId csChargingProfiles
  </xsl:template>
  <xsl:template mode="order" match="message[@element='setChargingProfileResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='triggerMessageRequest']">
    requestedMessage connectorId
  </xsl:template>
  <xsl:template mode="order" match="message[@element='triggerMessageResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='unlockConnectorRequest']">connectorId</xsl:template>
  <xsl:template mode="order" match="message[@element='unlockConnectorResponse']">status</xsl:template>
  <xsl:template mode="order" match="message[@element='updateFirmwareRequest']">
    retrieveDate location retries retryInterval
  </xsl:template>

  <xsl:template mode="order" match="e[@n='chargingSchedule']">
    duration startSchedule chargingRateUnit chargingSchedulePeriod minChargingRate
  </xsl:template>
  <xsl:template mode="order" match="e[@n='chargingSchedulePeriod']/e">
    startPeriod limit numberPhases
  </xsl:template>
  <xsl:template mode="order" match="e[@n='configurationKey']/e">key readonly value</xsl:template>
  <xsl:template mode="order" match="e[@n='chargingProfile'] | e[@n='csChargingProfiles']">
    chargingProfileId transactionId stackLevel chargingProfilePurpose chargingProfileKind
    recurrencyKind validFrom validTo chargingSchedule
  </xsl:template>
  <xsl:template mode="order" match="e[@n='localAuthorizationList']/e">idTag idTagInfo</xsl:template>
  <xsl:template mode="order" match="e[@n='idTagInfo']">status expiryDate parentIdTag</xsl:template>
</xsl:stylesheet>
