"""local_list: the tokens that a station may let charge on its own. Spec: translation-csms 3.7.

A list is sent in one piece and under the CSMS's own version number. Entries that the other version
cannot say are left out; of two entries that become one token the last one counts.
"""

from functools import partial

from gateway.core.dialects import Version
from gateway.core.frames import JsonObject
from gateway.core.session import holdings
from gateway.core.session.exchange import Exchange
from gateway.core.session.procedures.relay import translated
from gateway.core.session.requests import Answer, Outcome, Procedure, Reply, Request
from gateway.core.session.tokens import ID_TAG_LENGTH

ENTRIES, VERSION = "localAuthorizationList", "versionNumber"
FULL, ACCEPTED = "Full", "Accepted"
OMITTED = "UnsupportedParam"


def send_local_list(x: Exchange) -> Procedure:
    yield from _to_v201(x) if x.target is Version.V201 else _to_v16(x)


def _to_v201(x: Exchange) -> Procedure:
    entries: list[JsonObject] = x.payload.get(ENTRIES, [])
    if x.payload["updateType"] == FULL and any("idTagInfo" not in entry for entry in entries):
        yield x.local("illegal")
        return
    tokens = x.desk.bindings.tokens
    by_token: dict[str, JsonObject] = {}
    for entry in entries:
        id_token = tokens.untag(entry["idTag"])[0].lower()
        by_token.pop(id_token, None)
        by_token[id_token] = entry
    for entry in by_token.values():
        tokens.register(entry["idTag"], *tokens.untag(entry["idTag"]))
    reply = yield x.ask(translated(x, _with(x, list(by_token.values())), None))
    yield x.conclude(reply)


def _to_v16(x: Exchange) -> Procedure:
    entries: list[JsonObject] = x.payload.get(ENTRIES, [])
    tokens = x.desk.bindings.tokens
    for entry in entries:
        tokens.learn(entry["idToken"]["idToken"], entry["idToken"]["type"])
    usable = [made for entry in entries if (made := _usable(x, entry)) is not None]
    omitted = len(entries) - len(usable)
    if omitted:
        x.lost.append(f"{x.call.action}.request:{ENTRIES}[]")
    by_tag: dict[str, JsonObject] = {}
    for entry in usable:
        tag = _tag(x, entry["idToken"]).lower()
        by_tag.pop(tag, None)
        by_tag[tag] = entry
    sent = list(by_tag.values())
    late = partial(_taken, x, sent)
    reply = yield x.ask(translated(x, _with(x, sent), None), late)
    late(reply)
    yield _told(x, reply, omitted)


def local_list_version(x: Exchange) -> Procedure:
    """relay; a 1.6 station that tells of no list holds none."""
    reply = yield x.ask(x.request())
    answer = x.conclude(reply)
    if isinstance(answer, Answer) and answer.payload[VERSION] == 0:
        holdings.list_replaced(x.desk.bindings, ())
    yield answer


def _taken(x: Exchange, entries: list[JsonObject], reply: Reply) -> None:
    """The station holds the entries that it has accepted."""
    if not _is_accepted(reply):
        return
    bindings = x.desk.bindings
    tags = {index: _tag(x, entry["idToken"]) for index, entry in enumerate(entries)}
    kept = [tags[index] for index, entry in enumerate(entries) if "idTokenInfo" in entry]
    if x.payload["updateType"] == FULL:
        holdings.list_replaced(bindings, kept)
    else:
        holdings.list_changed(bindings, kept, set(tags.values()) - set(kept))


def _usable(x: Exchange, entry: JsonObject) -> JsonObject | None:
    """The entry as a 1.6 station can take it, None if it cannot.

    An alias of a long token would never equal what a reader reads; a token of some EVSEs only is
    left for the station to ask about.
    """
    if len(entry["idToken"]["idToken"]) > ID_TAG_LENGTH:
        return None
    full, info = x.payload["updateType"] == FULL, entry.get("idTokenInfo")
    if full and (info is None or "evseId" in info):
        return None
    if info is None:
        return entry
    if "evseId" in info:
        return {"idToken": entry["idToken"]}
    return {**entry, "idTokenInfo": _with_group(x, info)}


def _with_group(x: Exchange, info: JsonObject) -> JsonObject:
    """A group that has no 1.6 name is left out (`id_token.overflow: reject`)."""
    group = info.get("groupIdToken", {"idToken": ""})["idToken"]
    if len(group) <= ID_TAG_LENGTH or x.desk.settings.id_token.overflow != "reject":
        return info
    x.lost.append(f"{x.call.action}.request:{ENTRIES}[].idTokenInfo.groupIdToken")
    return {name: value for name, value in info.items() if name != "groupIdToken"}


def _tag(x: Exchange, token: JsonObject) -> str:
    return x.desk.bindings.tag(token["idToken"], token["type"])


def _with(x: Exchange, entries: list[JsonObject]) -> JsonObject:
    """The call with these entries; an empty list is left out."""
    payload = {name: value for name, value in x.payload.items() if name != ENTRIES}
    return {**payload, ENTRIES: entries} if entries else payload


def _told(x: Exchange, reply: Reply, omitted: int) -> Request:
    """The answer; a CSMS learns of entries that did not reach the station."""
    answer = x.conclude(reply)
    if omitted and _is_accepted(reply) and isinstance(answer, Answer):
        info = {"reasonCode": OMITTED, "additionalInfo": f"{omitted} entries omitted"}
        return answer._replace(payload={**answer.payload, "statusInfo": info})
    return answer


def _is_accepted(reply: Reply) -> bool:
    return reply.outcome is Outcome.RESULT and bool(reply.payload["status"] == ACCEPTED)
