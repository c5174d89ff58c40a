<?xml version="1.0" encoding="UTF-8"?>
<!--
  1.6 JSON to SOAP, messages of CentralSystemService: the elements of each in wire order.
  envelope.xsl builds the rest. A message without elements needs nothing here; members that are
  named nowhere fall out.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:cs="urn://Ocpp/Cs/2015/10/">
  <xsl:variable name="service" select="'urn://Ocpp/Cs/2015/10/'"/>
  <xsl:variable name="service-prefix" select="'cs'"/>

  <xsl:template match="message[@element='authorizeRequest']/o">
    <xsl:for-each select="e[@n='idTag']"><cs:idTag><xsl:value-of select="."/></cs:idTag></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='authorizeResponse']/o">
    <xsl:for-each select="e[@n='idTagInfo']/o"><cs:idTagInfo><xsl:call-template name="IdTagInfo"/></cs:idTagInfo></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='bootNotificationRequest']/o">
    <xsl:for-each select="e[@n='chargePointVendor']"><cs:chargePointVendor><xsl:value-of select="."/></cs:chargePointVendor></xsl:for-each>
    <xsl:for-each select="e[@n='chargePointModel']"><cs:chargePointModel><xsl:value-of select="."/></cs:chargePointModel></xsl:for-each>
    <xsl:for-each select="e[@n='chargePointSerialNumber']"><cs:chargePointSerialNumber><xsl:value-of select="."/></cs:chargePointSerialNumber></xsl:for-each>
    <xsl:for-each select="e[@n='chargeBoxSerialNumber']"><cs:chargeBoxSerialNumber><xsl:value-of select="."/></cs:chargeBoxSerialNumber></xsl:for-each>
    <xsl:for-each select="e[@n='firmwareVersion']"><cs:firmwareVersion><xsl:value-of select="."/></cs:firmwareVersion></xsl:for-each>
    <xsl:for-each select="e[@n='iccid']"><cs:iccid><xsl:value-of select="."/></cs:iccid></xsl:for-each>
    <xsl:for-each select="e[@n='imsi']"><cs:imsi><xsl:value-of select="."/></cs:imsi></xsl:for-each>
    <xsl:for-each select="e[@n='meterType']"><cs:meterType><xsl:value-of select="."/></cs:meterType></xsl:for-each>
    <xsl:for-each select="e[@n='meterSerialNumber']"><cs:meterSerialNumber><xsl:value-of select="."/></cs:meterSerialNumber></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='bootNotificationResponse']/o">
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
    <xsl:for-each select="e[@n='currentTime']"><cs:currentTime><xsl:value-of select="."/></cs:currentTime></xsl:for-each>
    <xsl:for-each select="e[@n='interval']"><cs:interval><xsl:value-of select="."/></cs:interval></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='dataTransferRequest']/o">
    <xsl:for-each select="e[@n='vendorId']"><cs:vendorId><xsl:value-of select="."/></cs:vendorId></xsl:for-each>
    <xsl:for-each select="e[@n='messageId']"><cs:messageId><xsl:value-of select="."/></cs:messageId></xsl:for-each>
    <xsl:for-each select="e[@n='data']"><cs:data><xsl:value-of select="."/></cs:data></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='dataTransferResponse']/o">
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
    <xsl:for-each select="e[@n='data']"><cs:data><xsl:value-of select="."/></cs:data></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='diagnosticsStatusNotificationRequest']/o">
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='firmwareStatusNotificationRequest']/o">
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='heartbeatResponse']/o">
    <xsl:for-each select="e[@n='currentTime']"><cs:currentTime><xsl:value-of select="."/></cs:currentTime></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='meterValuesRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cs:connectorId><xsl:value-of select="."/></cs:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='transactionId']"><cs:transactionId><xsl:value-of select="."/></cs:transactionId></xsl:for-each>
    <xsl:for-each select="e[@n='meterValue']/e/o"><cs:meterValue><xsl:call-template name="MeterValue"/></cs:meterValue></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='startTransactionRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cs:connectorId><xsl:value-of select="."/></cs:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='idTag']"><cs:idTag><xsl:value-of select="."/></cs:idTag></xsl:for-each>
    <xsl:for-each select="e[@n='timestamp']"><cs:timestamp><xsl:value-of select="."/></cs:timestamp></xsl:for-each>
    <xsl:for-each select="e[@n='meterStart']"><cs:meterStart><xsl:value-of select="."/></cs:meterStart></xsl:for-each>
    <xsl:for-each select="e[@n='reservationId']"><cs:reservationId><xsl:value-of select="."/></cs:reservationId></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='startTransactionResponse']/o">
    <xsl:for-each select="e[@n='transactionId']"><cs:transactionId><xsl:value-of select="."/></cs:transactionId></xsl:for-each>
    <xsl:for-each select="e[@n='idTagInfo']/o"><cs:idTagInfo><xsl:call-template name="IdTagInfo"/></cs:idTagInfo></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='statusNotificationRequest']/o">
    <xsl:for-each select="e[@n='connectorId']"><cs:connectorId><xsl:value-of select="."/></cs:connectorId></xsl:for-each>
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
    <xsl:for-each select="e[@n='errorCode']"><cs:errorCode><xsl:value-of select="."/></cs:errorCode></xsl:for-each>
    <xsl:for-each select="e[@n='info']"><cs:info><xsl:value-of select="."/></cs:info></xsl:for-each>
    <xsl:for-each select="e[@n='timestamp']"><cs:timestamp><xsl:value-of select="."/></cs:timestamp></xsl:for-each>
    <xsl:for-each select="e[@n='vendorId']"><cs:vendorId><xsl:value-of select="."/></cs:vendorId></xsl:for-each>
    <xsl:for-each select="e[@n='vendorErrorCode']"><cs:vendorErrorCode><xsl:value-of select="."/></cs:vendorErrorCode></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='stopTransactionRequest']/o">
    <xsl:for-each select="e[@n='transactionId']"><cs:transactionId><xsl:value-of select="."/></cs:transactionId></xsl:for-each>
    <xsl:for-each select="e[@n='idTag']"><cs:idTag><xsl:value-of select="."/></cs:idTag></xsl:for-each>
    <xsl:for-each select="e[@n='timestamp']"><cs:timestamp><xsl:value-of select="."/></cs:timestamp></xsl:for-each>
    <xsl:for-each select="e[@n='meterStop']"><cs:meterStop><xsl:value-of select="."/></cs:meterStop></xsl:for-each>
    <xsl:for-each select="e[@n='reason']"><cs:reason><xsl:value-of select="."/></cs:reason></xsl:for-each>
    <xsl:for-each select="e[@n='transactionData']/e/o"><cs:transactionData><xsl:call-template name="MeterValue"/></cs:transactionData></xsl:for-each>
  </xsl:template>
  <xsl:template match="message[@element='stopTransactionResponse']/o">
    <xsl:for-each select="e[@n='idTagInfo']/o"><cs:idTagInfo><xsl:call-template name="IdTagInfo"/></cs:idTagInfo></xsl:for-each>
  </xsl:template>

  <xsl:template name="IdTagInfo">
    <xsl:for-each select="e[@n='status']"><cs:status><xsl:value-of select="."/></cs:status></xsl:for-each>
    <xsl:for-each select="e[@n='expiryDate']"><cs:expiryDate><xsl:value-of select="."/></cs:expiryDate></xsl:for-each>
    <xsl:for-each select="e[@n='parentIdTag']"><cs:parentIdTag><xsl:value-of select="."/></cs:parentIdTag></xsl:for-each>
  </xsl:template>

  <xsl:template name="MeterValue">
    <xsl:for-each select="e[@n='timestamp']"><cs:timestamp><xsl:value-of select="."/></cs:timestamp></xsl:for-each>
    <xsl:for-each select="e[@n='sampledValue']/e/o"><cs:sampledValue><xsl:call-template name="SampledValue"/></cs:sampledValue></xsl:for-each>
  </xsl:template>

  <xsl:template name="SampledValue">
    <xsl:for-each select="e[@n='value']"><cs:value><xsl:value-of select="."/></cs:value></xsl:for-each>
    <xsl:for-each select="e[@n='context']"><cs:context><xsl:value-of select="."/></cs:context></xsl:for-each>
    <xsl:for-each select="e[@n='format']"><cs:format><xsl:value-of select="."/></cs:format></xsl:for-each>
    <xsl:for-each select="e[@n='measurand']"><cs:measurand><xsl:value-of select="."/></cs:measurand></xsl:for-each>
    <xsl:for-each select="e[@n='phase']"><cs:phase><xsl:value-of select="."/></cs:phase></xsl:for-each>
    <xsl:for-each select="e[@n='location']"><cs:location><xsl:value-of select="."/></cs:location></xsl:for-each>
    <xsl:for-each select="e[@n='unit']"><cs:unit><xsl:value-of select="."/></cs:unit></xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
