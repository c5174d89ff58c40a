"""The traffic of a gateway in a file, for `convert` and `validate`; the records: `trace.py`.

The event loop only puts a message into a queue; a thread does the rest. What waits is bounded:
where the disk is too slow messages are left out, and the next record says how many.
"""

import logging
import os
import threading
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Self

from gateway.core.errors import ConfigError
from gateway.observe.redaction import Redactor
from gateway.observe.trace import Heard, Trace

MOST_BYTES = 64 << 20
"""Of messages that wait to be written, with OVERHEAD for each."""
OVERHEAD = 512

logger = logging.getLogger(__name__)


class Recorder:
    """Writes what it hears. Used with `with`; leaving it writes what still waits.

    redactor: hides tokens and secrets; None: everything is shown. An existing file is continued.
    Raises ConfigError if it cannot be written; later failures end the recording, not the gateway.
    """

    def __init__(self, file: str, redactor: Redactor | None) -> None:
        self._file = file
        self._trace = Trace(redactor)
        self._out = _opened(file)
        self._queue: SimpleQueue[Heard | None] = SimpleQueue()
        # Each of the two is counted by one thread only, so neither needs a lock.
        self._put = self._taken = 0
        self._left_out = self._all_left_out = 0
        self._broken = False
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._all_left_out:
            logger.warning("%s: %d messages were left out", self._file, self._all_left_out)

    def hear(self, heard: Heard) -> None:
        """Keep a message; called on the event loop."""
        size = len(heard.data) + OVERHEAD
        if self._broken:
            return
        if self._put + size - self._taken > MOST_BYTES:
            self._left_out += 1
            self._all_left_out += 1
            return
        if self._left_out:
            heard = heard._replace(left_out=self._left_out)
            self._left_out = 0
        self._put += size
        self._queue.put(heard)

    def _write(self) -> None:
        out, queue, trace = self._out, self._queue, self._trace
        try:
            with out:
                while (heard := queue.get()) is not None:
                    out.write(trace.line(heard))
                    self._taken += len(heard.data) + OVERHEAD
                    if queue.empty():
                        out.flush()
        except OSError as error:
            self._broken = True
            logger.error("%s: the recording has ended: %s", self._file, error.strerror or error)
        except Exception:
            # A fault of ours: without this, messages would go on to be put into the queue unheard.
            self._broken = True
            logger.exception("%s: the recording has ended", self._file)


def _opened(file: str) -> IO[bytes]:
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = os.fstat(handle).st_size
        out = os.fdopen(handle, "ab")
        if size and os.pread(handle, 1, size - 1) != b"\n":
            # The end of a process that was killed while it wrote.
            out.write(b"\n")
    except OSError as error:
        reason = error.strerror or str(error)
        cure = "name a file in a folder that the gateway may write to"
        raise ConfigError(f"record.file: {file} cannot be written: {reason}", None, cure) from error
    return out
