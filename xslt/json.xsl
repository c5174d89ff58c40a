<?xml version="1.0" encoding="UTF-8"?>
<!--
  JSON text out of the elements of a message body that is valid by its schema.
  Part of central-system-to-json.xsl and charge-point-to-json.xsl, which say what is no string.
  Text comes in with the characters escaped that JSON wants escaped: README.md.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/*" priority="2">
    <xsl:text>{</xsl:text>
    <xsl:apply-templates/>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <!-- A string. -->
  <xsl:template match="*">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>"</xsl:text>
    <xsl:value-of select="local-name()"/>
    <xsl:text>":"</xsl:text>
    <xsl:apply-templates/>
    <xsl:text>"</xsl:text>
  </xsl:template>

  <xsl:template name="number">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>"</xsl:text>
    <xsl:value-of select="local-name()"/>
    <xsl:text>":</xsl:text>
    <xsl:apply-templates/>
  </xsl:template>

  <xsl:template name="boolean">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>"</xsl:text>
    <xsl:value-of select="local-name()"/>
    <xsl:text>":</xsl:text>
    <xsl:value-of select="normalize-space() = 'true' or normalize-space() = '1'"/>
  </xsl:template>

  <!-- A time without a zone is one of UTC. -->
  <xsl:template name="time">
    <xsl:variable name="clock" select="substring-after(., 'T')"/>
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>"</xsl:text>
    <xsl:value-of select="local-name()"/>
    <xsl:text>":"</xsl:text>
    <xsl:apply-templates/>
    <xsl:if test="translate($clock, 'Z+-', '') = $clock">Z</xsl:if>
    <xsl:text>"</xsl:text>
  </xsl:template>

  <xsl:template name="object">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:text>"</xsl:text>
    <xsl:value-of select="local-name()"/>
    <xsl:text>":{</xsl:text>
    <xsl:apply-templates/>
    <xsl:text>}</xsl:text>
  </xsl:template>

  <!-- One item of a list; the list is opened by its first item and closed by its last. -->
  <xsl:template name="object-in-list">
    <xsl:call-template name="open-list"/>
    <xsl:text>{</xsl:text>
    <xsl:apply-templates/>
    <xsl:text>}</xsl:text>
    <xsl:call-template name="close-list"/>
  </xsl:template>

  <xsl:template name="string-in-list">
    <xsl:call-template name="open-list"/>
    <xsl:text>"</xsl:text>
    <xsl:apply-templates/>
    <xsl:text>"</xsl:text>
    <xsl:call-template name="close-list"/>
  </xsl:template>

  <xsl:template name="open-list">
    <xsl:if test="position() != 1">,</xsl:if>
    <xsl:if test="local-name() != local-name(preceding-sibling::*[1])">
      <xsl:text>"</xsl:text>
      <xsl:value-of select="local-name()"/>
      <xsl:text>":[</xsl:text>
    </xsl:if>
  </xsl:template>

  <xsl:template name="close-list">
    <xsl:if test="local-name() != local-name(following-sibling::*[1])">]</xsl:if>
  </xsl:template>
</xsl:stylesheet>
