"""What a station gets instead of a WebSocket."""

from collections.abc import Mapping

from aiohttp import web

from gateway.core.errors import GatewayError
from gateway.io.backoff import retry_after


class Refused(GatewayError):
    """A request that is answered with an HTTP status and a sentence."""

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers or {}

    def response(self) -> web.Response:
        return web.Response(status=self.status, text=self.sentence + "\n", headers={**self.headers})


def busy(sentence: str) -> Refused:
    """Not now; the station comes back after a while of its own."""
    return Refused(503, sentence, {"Retry-After": retry_after()})


class NotTaken(Refused):
    """The CSMS was asked and does not take this station."""

    def __init__(self, sentence: str) -> None:
        super().__init__(503, sentence, {"Retry-After": retry_after()})
