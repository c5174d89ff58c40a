"""TLS connections made by the standard library, byte for byte, with the key log of their secrets.

A suite of TLS 1.3 can only be chosen where OpenSSL reads its configuration, at the start of a
process: `python -m tests.support.tls_talks`, said things as JSON on stdin, what came of them on
stdout.
"""

import json
import os
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import trustme

HOST = "csms.example"
Said = list[tuple[bool, bytes]]


class TlsTalk(NamedTuple):
    """wire: (by client, bytes) as they crossed; key_log: the text of the file; suite: its name."""

    wire: Said
    key_log: str
    suite: str


def talked(said: Said, version: ssl.TLSVersion, ciphers: str = "") -> TlsTalk:
    """A connection of that version in which these things are said, one after the other.

    ciphers: of TLS 1.2, as OpenSSL names them.
    """
    with tempfile.TemporaryDirectory() as folder:
        key_log = Path(folder) / "keys"
        client, server = _contexts(version, ciphers)
        client.keylog_filename = str(key_log)
        talk = _Talk(client, server)
        for by_client, data in said:
            talk.say(by_client, data)
        return TlsTalk(talk.wire, key_log.read_text(), talk.suite)


def talked13(said: Said, suite: str) -> TlsTalk:
    """The same in TLS 1.3 under one suite, in a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as settings:
        settings.write(
            "openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = system\n"
            f"[system]\nCiphersuites = {suite}\n"
        )
        settings.flush()
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.tls_talks"],
            input=json.dumps([(by_client, data.hex()) for by_client, data in said]),
            env={**os.environ, "OPENSSL_CONF": settings.name},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    wire, key_log, used = json.loads(done.stdout)
    return TlsTalk([(by_client, bytes.fromhex(data)) for by_client, data in wire], key_log, used)


class _Talk:
    """Both ends, each with what comes in and what goes out."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext) -> None:
        self.wire: Said = []
        self._in = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
        self._out = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
        self._ends = {
            True: client.wrap_bio(self._in[True], self._out[True], server_hostname=HOST),
            False: server.wrap_bio(self._in[False], self._out[False], server_side=True),
        }
        self._shake_hands()

    @property
    def suite(self) -> str:
        cipher = self._ends[True].cipher()
        assert cipher is not None
        return str(cipher[0])

    def say(self, by_client: bool, data: bytes) -> None:
        self._ends[by_client].write(data)
        self._note(by_client)
        while True:
            try:
                data = data[len(self._ends[not by_client].read(1 << 16)) :]
            except ssl.SSLWantReadError:
                return
            if not data:
                return

    def _shake_hands(self) -> None:
        done = {True: False, False: False}
        while not all(done.values()):
            for by_client, end in self._ends.items():
                try:
                    end.do_handshake()
                    done[by_client] = True
                except ssl.SSLWantReadError:
                    pass
                self._note(by_client)

    def _note(self, by_client: bool) -> None:
        """What an end put out crosses the wire and lies before the other end."""
        if data := self._out[by_client].read():
            self.wire.append((by_client, data))
            self._in[not by_client].write(data)


def _contexts(version: ssl.TLSVersion, ciphers: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(server)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(client)
    for context in (client, server):
        context.minimum_version = context.maximum_version = version
        if ciphers:
            context.set_ciphers(ciphers)
    return client, server


def main() -> None:
    said = [(by_client, bytes.fromhex(data)) for by_client, data in json.load(sys.stdin)]
    talk = talked(said, ssl.TLSVersion.TLSv1_3)
    wire = [(by_client, data.hex()) for by_client, data in talk.wire]
    json.dump((wire, talk.key_log, talk.suite), sys.stdout)


if __name__ == "__main__":
    main()
