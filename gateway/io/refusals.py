"""What a station gets instead of a WebSocket."""

import logging
from collections.abc import Mapping

from aiohttp import web

from gateway.core.errors import GatewayError
from gateway.io.backoff import retry_after

logger = logging.getLogger(__name__)


class Refused(GatewayError):
    """A request that is answered with an HTTP status and a sentence. why: what the operator is
    told in its place, where the answer must not tell it."""

    def __init__(
        self,
        status: int,
        sentence: str,
        headers: Mapping[str, str] | None = None,
        why: str = "",
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}
        self.why = why or sentence

    def response(self) -> web.Response:
        return web.Response(status=self.status, text=self.sentence + "\n", headers={**self.headers})


def tell(request: web.BaseRequest, code: int, sentence: str) -> None:
    """Name in the log who is refused what, and why. A query may hold a password."""
    path = request.raw_path.partition("?")[0]
    logger.warning("%s from %s is refused: %d %s", path, request.remote, code, sentence)


def busy(sentence: str) -> Refused:
    """Not now; the station comes back after a while of its own."""
    return Refused(503, sentence, {"Retry-After": retry_after()})


class NotTaken(Refused):
    """The CSMS was asked and does not take this station."""

    def __init__(self, sentence: str) -> None:
        super().__init__(503, sentence, {"Retry-After": retry_after()})
