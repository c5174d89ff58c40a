"""Text from peers, made harmless for terminals and log readers (reliability S26)."""

import re

# Control characters (C0, DEL, C1), bidirectional and invisible formatting, line and paragraph
# separators, lone surrogates, tags, byte order mark.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
CUT = "..."


def visible(text: str) -> str:
    """text with everything that a terminal or a reader would not show as itself written out.

    Escapes are JSON's, so the result may stand in a JSON string that is already encoded.
    """
    if text.isascii() and text.isprintable():
        return text
    return _HIDDEN.sub(_escaped, text)


def cut(text: str, limit: int) -> str:
    """text in at most limit bytes of UTF-8, marked if something is missing."""
    if len(text) * 4 <= limit:
        return text
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    return data[: limit - len(CUT)].decode("utf-8", "ignore") + CUT


def _escaped(match: re.Match[str]) -> str:
    data = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{data[n]:02x}{data[n + 1]:02x}" for n in range(0, len(data), 2))
