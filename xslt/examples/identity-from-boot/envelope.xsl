<?xml version="1.0" encoding="UTF-8"?>
<!--
  The CSMS knows a station by a field of its BootNotification, not by the path it connected to:
  by the ICCID of its modem, or by another field that the parameter names, for instance

      identity-field: chargePointSerialNumber

  A station that did not fill the field keeps its own id.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:param name="identity-field" select="'iccid'"/>

  <xsl:template name="identity">
    <xsl:variable name="told" select="normalize-space($boot/e[@n = $identity-field])"/>
    <xsl:choose>
      <xsl:when test="$told"><xsl:value-of select="$told"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$station"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
