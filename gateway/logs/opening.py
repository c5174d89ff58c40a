"""Lines of files as they come: plain, gzip or zstd, from disk or standard input.

Whatever is wrong with a file (it ends early, a line never ends) is a Remark; what could be read
before is given out. Memory stays within a block and the longest line that is let through.
"""

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader, BytesIO, FileIO
from itertools import chain
from operator import methodcaller
from typing import IO, Protocol, cast

import zstandard

from gateway.core.errors import ConfigError
from gateway.logs.entry import Remark

STDIN = "-"
BLOCK = 1 << 18
LONGEST_LINE = 1 << 22
_ZSTD_BLOCK = 1 << 10
"""What a zstd stream is fed at once: a kilobyte cannot unpack to more than some 30 MB."""
_HEAD = 16
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_END = b"\n"
_without_end = methodcaller("rstrip", _END)
_UTF8 = codecs.BOM_UTF8
_ESCAPE = b"\x1b"
_COLOURS = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")
"""What terminals are told by; JSON and XML have it nowhere."""
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Bytes(Protocol):
    """What is read from: a file, or what unpacks one."""

    def read(self, size: int = ..., /) -> bytes: ...


class Source:
    """One input. name: as the user gave it; consumed: bytes of it read so far, for the progress.

    line: whole lines read so far;
    remarks: what was wrong with it up to now; whoever reads takes them out.
    Raises ConfigError if it cannot be opened.
    """

    def __init__(self, name: str) -> None:
        self.name = "stdin" if name == STDIN else name
        self.remarks: list[Remark] = []
        try:
            self._file: IO[bytes] = (
                sys.stdin.buffer if name == STDIN else BufferedReader(FileIO(name))
            )
            head = self._peek(4)
        except OSError as error:
            raise ConfigError(f"{name} cannot be read: {error.strerror}") from error
        self.consumed = 0
        self.line = 0
        self._held = b""
        self._unpacked = _unpacked(self, head)

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def read(self, size: int = BLOCK) -> bytes:
        """The next packed bytes."""
        data = self._file.read(size)
        self.consumed += len(data)
        return data

    @property
    def head(self) -> bytes:
        """The first bytes of the content, which stay to be read."""
        if not self._held:
            self._held = next(self.blocks(), b"")
        return self._held[:_HEAD]

    def blocks(self) -> Iterator[bytes]:
        """The content, unpacked, in blocks; a remark where the file is damaged."""
        held, self._held = self._held, b""
        if held:
            yield held
        try:
            while block := self._unpacked.read(BLOCK):
                yield block
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
            self._unpacked = BytesIO()
            self.remark(self.line, "truncated", f"cannot be unpacked to its end: {error}")
        except OSError as error:
            self._unpacked = BytesIO()
            self.remark(self.line, "truncated", f"reading ended early: {error.strerror or error}")

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """(number from 1, line without its end). A line longer than LONGEST_LINE is left out."""
        return chain.from_iterable(self._blocks_of_lines())

    def _blocks_of_lines(self) -> Iterator[Iterable[tuple[int, bytes]]]:
        rest, number, skipping = b"", 1, False
        for block in _decoded(self.blocks()):
            text = rest + block
            if _ESCAPE in text:
                text = _COLOURS.sub(b"", text)
            # Lines of a BytesIO are found by memchr; `split` looks at each byte.
            lines = list(map(_without_end, BytesIO(text)))
            rest = lines.pop() if text and not text.endswith(_END) else b""
            numbered: Iterable[tuple[int, bytes]] = enumerate(lines, number)
            number += len(lines)
            self.line = number - 1
            if skipping or len(text) > LONGEST_LINE:
                numbered = self._short(numbered, number - len(lines) if skipping else 0)
                skipping = skipping and not lines
            yield numbered
            if len(rest) > LONGEST_LINE:
                if not skipping:
                    self._too_long(number)
                rest, skipping = b"", True
        if rest and not skipping:
            yield ((number, rest),)

    def _short(self, lines: Iterable[tuple[int, bytes]], tail: int) -> Iterator[tuple[int, bytes]]:
        """Lines that are let through. tail: number of the one that is the end of a long one."""
        for number, line in lines:
            if len(line) <= LONGEST_LINE and number != tail:
                yield number, line
            elif number != tail:
                self._too_long(number)

    def remark(self, line: int, rule: str, text: str) -> None:
        self.remarks.append(Remark(self.name, line, rule, text))

    def _peek(self, size: int) -> bytes:
        return self._file.peek(size)[:size] if isinstance(self._file, BufferedReader) else b""

    def _too_long(self, number: int) -> None:
        self.remark(number, "line_too_long", f"the line is longer than {LONGEST_LINE} bytes")


def _unpacked(source: Source, head: bytes) -> Bytes:
    if head.startswith(_GZIP):
        return _Gzip(fileobj=cast(IO[bytes], source), mode="rb")
    return _Zstd(source) if head == _ZSTD else source


class _Gzip(gzip.GzipFile):
    """Gives what is unpacked as it comes: `read` drops what stands before a damaged place."""

    def read(self, size: int | None = BLOCK) -> bytes:
        return self.read1(BLOCK if size is None else size)


class _Zstd:
    """Frame after frame of a zstd file, with an error where the last one is cut off.

    The library's own stream reader ends silently there.
    """

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self._rest = b""
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False

    def read(self, size: int = BLOCK, /) -> bytes:
        while packed := self._rest or self._source.read(_ZSTD_BLOCK):
            self._rest, self._begun = b"", True
            block = self._frame.decompress(packed)
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame, self._begun = zstandard.ZstdDecompressor().decompressobj(), False
            if block:
                return block
        if self._begun:
            raise EOFError("the last frame is cut off")
        return b""


def _decoded(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks as UTF-8, where a mark at the beginning says that they are something else."""
    first = next(blocks, b"")
    coding = _UTF16.get(first[:2])
    if coding is None:
        yield first.removeprefix(_UTF8)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(coding)("replace")
    yield decoder.decode(first[2:]).encode()
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "replace")
