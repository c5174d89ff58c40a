"""Whether a request is from the station that its path names (reliability S1 to S6, S11)."""

from collections.abc import Iterable

from aiohttp import web

from gateway.config import Effective
from gateway.config.model import Stations
from gateway.io.auth import (
    BasicAuthenticator,
    Credentials,
    basic_credentials,
    certificate_is,
    certificate_names,
)
from gateway.io.csms_ws import Login
from gateway.io.identity import BadIdentity, NoSuchPath, StationPaths
from gateway.io.refusals import Refused
from gateway.io.renewal import Renewals

UNAUTHORIZED = "Who this is could not be established."
SINGLE_HEADERS = ("Host", "Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version")


class Spellings:
    """One spelling for ids that differ in case only. known: ids as configured or stored.

    Others are remembered once they are let in: a stranger must not spell the ids of others.
    """

    def __init__(self, known: Iterable[str], ignore_case: bool) -> None:
        self._ignore_case = ignore_case
        self._spelled = {station.casefold(): station for station in known} if ignore_case else {}

    def of(self, station: str) -> str:
        """The known spelling of an id, else its own."""
        return self._spelled.get(station.casefold(), station) if self._ignore_case else station

    def keep(self, station: str) -> None:
        """The station is spelled so, unless another spelling is known."""
        if self._ignore_case:
            self._spelled.setdefault(station.casefold(), station)

    def same(self, station: str, other: str) -> bool:
        """Whether two ids are one."""
        return station == other or (self._ignore_case and station.casefold() == other.casefold())


class Admittance:
    """The authentication of one listener.

    credentials: None where the CSMS checks the passwords (`csms.auth: station`).
    """

    def __init__(
        self,
        stations: Stations,
        credentials: Credentials | None,
        spellings: Spellings,
        renewals: Renewals,
    ) -> None:
        self._auth = stations.auth
        self._paths = StationPaths(stations.paths, stations.id_pattern)
        self._spellings = spellings
        self._renewals = renewals
        self._basic = (
            BasicAuthenticator(credentials, stations.accept_hex_key) if credentials else None
        )

    def station(self, request: web.BaseRequest) -> str:
        """The station that the path names. Raises NoSuchPath, BadIdentity, Refused."""
        self._once(request)
        return self._spellings.of(self._paths.station(request.raw_path))

    def knows(self, target: str) -> bool:
        """Whether a raw request target has the form of one of the paths."""
        try:
            self._paths.station(target)
        except NoSuchPath:
            return False
        except BadIdentity:
            return True
        return True

    def bad_path(self, error: NoSuchPath | BadIdentity) -> Refused:
        """The answer to a path that names no station (reliability S2, S11)."""
        if isinstance(error, BadIdentity):
            return Refused(400, str(error))
        return Refused(404, str(error)) if self._auth == "none" else self.unauthorized(str(error))

    async def check(self, request: web.BaseRequest, station: str) -> None:
        """Raises Refused unless this is the station."""
        if not await self._is(request, station):
            raise self.unauthorized(self._why_not(request, station))

    def require_profile(self, request: web.BaseRequest, route: Effective) -> None:
        """Raises Refused if the station came in less secure than it has to."""
        minimum = route.stations.security_profile
        if minimum is not None and self._profile(request) < minimum:
            raise Refused(403, f"This station must connect with security profile {minimum}.")

    def spelled(self, station: str) -> str:
        """An id that a message told, in the known spelling. Raises BadIdentity."""
        return self._spellings.of(self._paths.checked(station))

    async def shown(self, request: web.BaseRequest) -> frozenset[str] | None:
        """Who has sent a request in the body of which stands what station it is from.

        The names under which it has shown who it is; None where nobody has to. Raises Refused.
        """
        self._once(request)
        if self._auth == "none":
            return None
        user = ""
        if self._auth == "mtls":
            tls = request.get_extra_info("ssl_object")
            names = certificate_names(tls.getpeercert() or {}) if tls is not None else frozenset()
        else:
            basic = basic_credentials(request.headers.getall("Authorization", ()))
            user = basic.user.decode("utf-8", "replace") if basic is not None else ""
            names = frozenset({user}) if await self._is(request, user) else frozenset()
        if not names:
            raise self.unauthorized(self._why_not(request, user))
        return names

    @property
    def judges(self) -> bool:
        """Whether passwords are checked here, or none are needed; else it is the CSMS that does."""
        return self._auth == "mtls" or self._basic is not None

    def showing(self, request: web.BaseRequest) -> bytes:
        """The login in a request as it stands there."""
        shown = "\n".join(request.headers.getall("Authorization", ()))
        return shown.encode("utf-8", "surrogateescape")

    async def login(self, request: web.BaseRequest, station: str) -> Login:
        """What the station showed, for a CSMS that wants to see it."""
        shown = request.headers.getall("Authorization", ())
        renewed = await self._renewals.towards_csms(station, basic_credentials(shown))
        return Login(renewed or (shown[0] if len(shown) == 1 else None))

    def same(self, station: str, other: str) -> bool:
        """Whether two ids are one."""
        return self._spellings.same(station, other)

    def came_in(self, station: str) -> None:
        """The station has a session."""
        self._spellings.keep(station)

    async def admitted(self, station: str, epoch: int) -> None:
        """A station that was let in has its lease: what is over of its passwords is forgotten."""
        await self._renewals.settle(station, epoch)

    def _once(self, request: web.BaseRequest) -> None:
        """Raises Refused for a header that must not stand twice (reliability S13).

        Two logins where one is asked for are no login, and are answered as such (S6).
        """
        names = SINGLE_HEADERS if self._auth == "basic" else (*SINGLE_HEADERS, "Authorization")
        for name in names:
            if len(request.headers.getall(name, ())) > 1:
                raise Refused(400, f"The header {name} stands twice.")

    def unauthorized(self, why: str) -> Refused:
        """One answer for all reasons, so that it tells nothing about which ids exist."""
        challenge = {"WWW-Authenticate": 'Basic realm="ocpp"'} if self._auth == "basic" else {}
        return Refused(401, UNAUTHORIZED, challenge, why)

    def _why_not(self, request: web.BaseRequest, station: str) -> str:
        """What keeps a request from being the station's, for the operator."""
        if self._auth == "mtls":
            return "Its certificate does not name the station."
        shown = request.headers.getall("Authorization", ())
        basic = basic_credentials(shown)
        if basic is None:
            return (
                "Its Authorization header is no Basic login." if shown else "It shows no password."
            )
        if basic.user == station.encode():
            return "Its password is not the one that is stored for it, if one is."
        if ":" in station:
            return "Its id has a colon, at which HTTP Basic ends the user name."
        return "The user that it shows is not the station."

    async def _is(self, request: web.BaseRequest, station: str) -> bool:
        if self._auth == "mtls":
            return certificate_is(station, request.get_extra_info("ssl_object"))
        if self._auth == "none":
            return True
        basic = basic_credentials(request.headers.getall("Authorization", ()))
        if self._basic is None:
            return basic is not None and basic.user == station.encode()
        stored_fits = await self._basic.accepts(station, basic)
        return await self._renewals.judged(station, basic, stored_fits)

    def _profile(self, request: web.BaseRequest) -> int:
        """The security profile of a connection. Spec: OCPP 2.0.1 Part 2, A00, table 22."""
        if self._auth == "none":
            return 0
        if self._auth == "mtls":
            return 3
        return 2 if request.secure else 1
