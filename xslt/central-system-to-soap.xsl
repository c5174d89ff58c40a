<?xml version="1.0" encoding="UTF-8"?>
<!--
  1.6 JSON to SOAP, messages of CentralSystemService: the order of their elements.
  envelope.xsl builds the rest. A message without elements needs no line here.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:variable name="service" select="'urn://Ocpp/Cs/2015/10/'"/>
  <xsl:variable name="service-prefix" select="'cs'"/>

  <xsl:template mode="order" match="message[@element='authorizeRequest']">idTag</xsl:template>
  <xsl:template mode="order" match="message[@element='authorizeResponse']">idTagInfo</xsl:template>
  <xsl:template mode="order" match="message[@element='bootNotificationRequest']">
    chargePointVendor chargePointModel chargePointSerialNumber chargeBoxSerialNumber firmwareVersion
    iccid imsi meterType meterSerialNumber
  </xsl:template>
  <xsl:template mode="order" match="message[@element='bootNotificationResponse']">
    status currentTime interval
  </xsl:template>
  <xsl:template mode="order" match="message[@element='dataTransferRequest']">
    vendorId messageId data
  </xsl:template>
  <xsl:template mode="order" match="message[@element='dataTransferResponse']">status data</xsl:template>
  <xsl:template mode="order" match="message[@element='diagnosticsStatusNotificationRequest']">
    status
  </xsl:template>
  <xsl:template mode="order" match="message[@element='firmwareStatusNotificationRequest']">
    status
  </xsl:template>
  <xsl:template mode="order" match="message[@element='heartbeatResponse']">currentTime</xsl:template>
  <xsl:template mode="order" match="message[@element='meterValuesRequest']">
    connectorId transactionId meterValue
  </xsl:template>
  <xsl:template mode="order" match="message[@element='startTransactionRequest']">
    connectorId idTag timestamp meterStart reservationId
  </xsl:template>
  <xsl:template mode="order" match="message[@element='startTransactionResponse']">
    transactionId idTagInfo
  </xsl:template>
  <xsl:template mode="order" match="message[@element='statusNotificationRequest']">
    connectorId status errorCode info timestamp vendorId vendorErrorCode
  </xsl:template>
  <xsl:template mode="order" match="message[@element='stopTransactionRequest']">
    transactionId idTag timestamp meterStop reason transactionData
  </xsl:template>
  <xsl:template mode="order" match="message[@element='stopTransactionResponse']">idTagInfo</xsl:template>

  <xsl:template mode="order" match="e[@n='idTagInfo']">status expiryDate parentIdTag</xsl:template>
  <xsl:template mode="order" match="e[@n='meterValue']/e | e[@n='transactionData']/e">
    timestamp sampledValue
  </xsl:template>
  <xsl:template mode="order" match="e[@n='sampledValue']/e">
    value context format measurand phase location unit
  </xsl:template>
</xsl:stylesheet>
