"""counted: a procedure whose accepted commands change what a 1.6 station holds (holdings.py).

Parameter `counts` of the map towards 1.6, beside the procedure's own:

    installed: {use, certificate}    members of the request
    deleted: member                  of the request: certificateHashData
    listed: {uses, found}            members of the request and of the answer

Spec: translation-csms 6.6 (SecurityCtrlr.CertificateEntries).
"""

from collections.abc import Callable
from typing import Any

from gateway.core.frames import JsonObject
from gateway.core.session import holdings
from gateway.core.session.exchange import Exchange
from gateway.core.session.requests import Answer, Procedure

_ACCEPTED, _NONE = "Accepted", "NotFound"
_LEAF = "V2GCertificateChain"
"""The station's own certificate: no entry of the store of roots."""


def counted(procedure: Callable[[Exchange], Procedure]) -> Callable[[Exchange], Procedure]:
    def watched(x: Exchange) -> Procedure:
        counts = x.direction.params.get("counts")
        inner = procedure(x)
        if counts is None:
            yield from inner
            return
        value: Any = None
        while True:
            try:
                request = inner.send(value)
            except StopIteration:
                return
            if isinstance(request, Answer):
                _note(x, counts, request.payload)
            value = yield request

    return watched


def _note(x: Exchange, counts: JsonObject, answer: JsonObject) -> None:
    bindings, asked, accepted = x.desk.bindings, x.payload, answer.get("status") == _ACCEPTED
    if "installed" in counts and accepted:
        names = counts["installed"]
        holdings.certificate_installed(bindings, asked[names["use"]], asked[names["certificate"]])
    elif "deleted" in counts and accepted:
        holdings.certificate_deleted(bindings, asked[counts["deleted"]])
    elif "listed" in counts and (accepted or answer.get("status") == _NONE):
        names = counts["listed"]
        _note_list(x, asked.get(names["uses"]), answer.get(names["found"], []))


def _note_list(x: Exchange, asked: list[str] | None, found: list[JsonObject]) -> None:
    """asked: the uses that were asked for, None for all."""
    params = x.direction.params
    for use in asked or (*params["native"], *params["enveloped"]):
        if use != _LEAF:
            listed = [c["certificateHashData"] for c in found if c["certificateType"] == use]
            holdings.certificates_listed(x.desk.bindings, use, listed)
