<?xml version="1.0" encoding="UTF-8"?>
<!--
  JSON text out of the elements of a message body that is valid by its schema.
  Part of central-system-to-json.xsl and charge-point-to-json.xsl, which say how each element is
  written: a comma unless it is the first of its parent, its name, its value.
  Text comes in with the characters escaped that JSON wants escaped: README.md.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/*" priority="2">{<xsl:apply-templates/>}</xsl:template>

  <!-- An element that no stylesheet knows. -->
  <xsl:template match="*"/>

  <xsl:template name="boolean">
    <xsl:value-of select="normalize-space() = 'true' or normalize-space() = '1'"/>
  </xsl:template>

  <!-- A time; one without a zone is in UTC. -->
  <xsl:template name="time">
    <xsl:variable name="clock" select="substring-after(., 'T')"/>
    <xsl:apply-templates/>
    <xsl:if test="translate($clock, 'Z+-', '') = $clock">Z</xsl:if>
  </xsl:template>
</xsl:stylesheet>
