<?xml version="1.0" encoding="UTF-8"?>
<!--
  The envelope of every message that the gateway sends, and the elements in it.
  Part of central-system-to-soap.xsl and charge-point-to-soap.xsl; README.md says what comes in.
  No white space between tags: a peer reads the first child of From, whatever it is.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" encoding="UTF-8"/>

  <xsl:param name="station"/>
  <xsl:param name="message-id"/>
  <xsl:param name="relates-to"/>
  <xsl:param name="from"/>
  <xsl:param name="to"/>
  <xsl:param name="fault-code"/>
  <xsl:param name="fault-subcode"/>
  <xsl:param name="reason"/>
  <xsl:param name="must-understand" select="'true'"/>
  <xsl:param name="prefix" select="$service-prefix"/>
  <xsl:param name="soap" select="'http://www.w3.org/2003/05/soap-envelope'"/>
  <xsl:param name="addressing" select="'http://www.w3.org/2005/08/addressing'"/>

  <xsl:variable name="boot" select="/message/boot/o"/>

  <xsl:template match="/message">
    <xsl:element name="soap:Envelope" namespace="{$soap}">
      <!-- Declared once here, also for the names that stand in the text of a fault. -->
      <xsl:copy-of select="namespace::*[name() != 'xml']"/>
      <xsl:element name="soap:Header" namespace="{$soap}">
        <xsl:call-template name="head"/>
      </xsl:element>
      <xsl:element name="soap:Body" namespace="{$soap}">
        <xsl:call-template name="body"/>
      </xsl:element>
    </xsl:element>
  </xsl:template>

  <!-- Which station this is about: an overlay may tell it from what the station said at boot. -->
  <xsl:template name="identity">
    <xsl:value-of select="$station"/>
  </xsl:template>

  <xsl:template match="/message[@kind='identity']">
    <identity>
      <xsl:call-template name="identity"/>
    </identity>
  </xsl:template>

  <xsl:template name="action">
    <xsl:choose>
      <xsl:when test="@action = ''"><xsl:value-of select="$addressing"/>/fault</xsl:when>
      <xsl:when test="@kind = 'Request'">/<xsl:value-of select="@action"/></xsl:when>
      <xsl:otherwise>/<xsl:value-of select="@action"/>Response</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="head">
    <xsl:element name="{$service-prefix}:chargeBoxIdentity" namespace="{$service}">
      <xsl:call-template name="understand"/>
      <xsl:call-template name="identity"/>
    </xsl:element>
    <xsl:element name="wsa:Action" namespace="{$addressing}">
      <xsl:call-template name="understand"/>
      <xsl:call-template name="action"/>
    </xsl:element>
    <xsl:element name="wsa:MessageID" namespace="{$addressing}">
      <xsl:value-of select="$message-id"/>
    </xsl:element>
    <xsl:if test="$from">
      <xsl:element name="wsa:From" namespace="{$addressing}">
        <xsl:element name="wsa:Address" namespace="{$addressing}">
          <xsl:value-of select="$from"/>
        </xsl:element>
      </xsl:element>
    </xsl:if>
    <xsl:if test="@kind = 'Request'">
      <xsl:element name="wsa:ReplyTo" namespace="{$addressing}">
        <xsl:call-template name="understand"/>
        <xsl:element name="wsa:Address" namespace="{$addressing}">
          <xsl:call-template name="anonymous"/>
        </xsl:element>
      </xsl:element>
    </xsl:if>
    <xsl:if test="$relates-to">
      <xsl:element name="wsa:RelatesTo" namespace="{$addressing}">
        <xsl:value-of select="$relates-to"/>
      </xsl:element>
    </xsl:if>
    <xsl:element name="wsa:To" namespace="{$addressing}">
      <xsl:call-template name="understand"/>
      <xsl:choose>
        <xsl:when test="$to"><xsl:value-of select="$to"/></xsl:when>
        <xsl:otherwise><xsl:call-template name="anonymous"/></xsl:otherwise>
      </xsl:choose>
    </xsl:element>
  </xsl:template>

  <xsl:template name="anonymous">
    <xsl:value-of select="$addressing"/>
    <xsl:if test="contains($addressing, '/2004/08/')">/role</xsl:if>
    <xsl:text>/anonymous</xsl:text>
  </xsl:template>

  <!-- Only requests ask to be understood. -->
  <xsl:template name="understand">
    <xsl:if test="@kind = 'Request' and $must-understand">
      <xsl:attribute name="soap:mustUnderstand" namespace="{$soap}">
        <xsl:choose>
          <xsl:when test="contains($soap, 'xmlsoap')">1</xsl:when>
          <xsl:otherwise>true</xsl:otherwise>
        </xsl:choose>
      </xsl:attribute>
    </xsl:if>
  </xsl:template>

  <xsl:template name="body">
    <xsl:choose>
      <xsl:when test="@kind = 'Fault' and contains($soap, 'xmlsoap')">
        <xsl:call-template name="fault11"/>
      </xsl:when>
      <xsl:when test="@kind = 'Fault'">
        <xsl:call-template name="fault12"/>
      </xsl:when>
      <xsl:when test="@element">
        <xsl:element name="{$service-prefix}:{@element}" namespace="{$service}">
          <xsl:apply-templates select="o"/>
        </xsl:element>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- An object that no stylesheet knows. -->
  <xsl:template match="o"/>

  <xsl:template name="fault12">
    <xsl:element name="soap:Fault" namespace="{$soap}">
      <xsl:element name="soap:Code" namespace="{$soap}">
        <xsl:element name="soap:Value" namespace="{$soap}">
          <xsl:value-of select="concat('soap:', $fault-code)"/>
        </xsl:element>
        <xsl:if test="$fault-subcode">
          <xsl:element name="soap:Subcode" namespace="{$soap}">
            <xsl:element name="soap:Value" namespace="{$soap}">
              <xsl:value-of select="concat($prefix, ':', $fault-subcode)"/>
            </xsl:element>
          </xsl:element>
        </xsl:if>
      </xsl:element>
      <xsl:element name="soap:Reason" namespace="{$soap}">
        <xsl:element name="soap:Text" namespace="{$soap}">
          <xsl:attribute name="xml:lang">en</xsl:attribute>
          <xsl:value-of select="$reason"/>
        </xsl:element>
      </xsl:element>
    </xsl:element>
  </xsl:template>

  <!-- SOAP 1.1 has one code; what 1.2 calls its subcode takes the place. -->
  <xsl:template name="fault11">
    <xsl:element name="soap:Fault" namespace="{$soap}">
      <faultcode>
        <xsl:choose>
          <xsl:when test="$fault-subcode">
            <xsl:value-of select="concat($prefix, ':', $fault-subcode)"/>
          </xsl:when>
          <xsl:when test="$fault-code = 'Sender'">soap:Client</xsl:when>
          <xsl:when test="$fault-code = 'Receiver'">soap:Server</xsl:when>
          <xsl:otherwise><xsl:value-of select="concat('soap:', $fault-code)"/></xsl:otherwise>
        </xsl:choose>
      </faultcode>
      <faultstring>
        <xsl:value-of select="$reason"/>
      </faultstring>
    </xsl:element>
  </xsl:template>
</xsl:stylesheet>
