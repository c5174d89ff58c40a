"""What the process says of itself, in the same lines as its frames."""

import logging

from gateway.observe.lines import Lines
from gateway.observe.redaction import without_url_secrets


class ProcessLog(logging.Handler):
    """Takes Python's log records."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(logging.INFO)
        self._lines = lines
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.write(
            {
                "ts": record.created,
                "level": record.levelname.lower(),
                "event": "log",
                "logger": record.name,
                "text": without_url_secrets(self.format(record)),
            }
        )
