"""The virus scanner: clamd over the network, or a command that reads the file from its input."""

from __future__ import annotations

import shlex
import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from cityindex.errors import Invalid
from cityindex.gateways.evidence import CHUNK, Source

PATIENCE = 60.0
"""Seconds that a scan may take; a file that is not scanned by then waits for the next try."""
MOST_OF_A_REPLY = 4096


class Verdict(StrEnum):
    """What is known of a file."""

    UNSCANNED = "unscanned"
    """No scanner is set up."""
    WAITING = "waiting"
    """The scanner could not say: nobody may read the file until it can."""
    CLEAN = "clean"
    INFECTED = "infected"


READABLE = frozenset({Verdict.CLEAN, Verdict.UNSCANNED})


@dataclass(frozen=True, slots=True)
class Scan:
    """`detail` is what was found, or why it could not be looked for."""

    verdict: Verdict
    detail: str = ""


class Scanner(Protocol):
    """Looks at a file. It never raises: what it could not scan is `WAITING`."""

    def scan(self, stream: Source) -> Scan: ...


def scanner_of(url: str | None) -> Scanner:
    """The scanner that CITYINDEX_SCANNER_URL names: `clamd://host:port`, `clamd:///run/clamd.ctl`, `command:…`."""
    if not url:
        return NoScanner()
    parts = urlsplit(url)
    if parts.scheme == "clamd" and (parts.hostname or parts.path):
        return Clamd((parts.hostname, parts.port or 3310) if parts.hostname else parts.path)
    if parts.scheme == "command" and (words := shlex.split(url.removeprefix("command:"))):
        return Command(tuple(words))
    raise Invalid(
        f"CITYINDEX_SCANNER_URL is «{url}»: write clamd://host:port, clamd:///path/of/socket or command:/path"
    )


class NoScanner:
    def scan(self, stream: Source) -> Scan:
        return Scan(Verdict.UNSCANNED)


@dataclass(frozen=True, slots=True)
class Clamd:
    """clamd's own protocol, INSTREAM. `address` is (host, port) or the path of a socket."""

    address: tuple[str, int] | str

    def scan(self, stream: Source) -> Scan:
        try:
            with self._connected() as connection:
                self._send(connection, stream)
                reply = b""
                while len(reply) < MOST_OF_A_REPLY and not reply.endswith(b"\0") and (part := connection.recv(1024)):
                    reply += part
        except OSError as error:
            return Scan(Verdict.WAITING, f"clamd does not answer: {error}")
        return _understood(reply.rstrip(b"\0\n").decode("utf-8", "replace"))

    def _connected(self) -> socket.socket:
        if not isinstance(self.address, str):
            return socket.create_connection(self.address, PATIENCE)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection

    @staticmethod
    def _send(connection: socket.socket, stream: Source) -> None:
        # Where it has enough (StreamMaxLength), clamd says so and hangs up: what it said is read all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(b"zINSTREAM\0")
            while part := stream.read(CHUNK):
                connection.sendall(struct.pack(">I", len(part)) + part)
            connection.sendall(struct.pack(">I", 0))


@dataclass(frozen=True, slots=True)
class Command:
    """A program that reads the file from its input and ends with 0 (clean) or 1 (infected), as `clamscan -` does."""

    words: tuple[str, ...]

    def scan(self, stream: Source) -> Scan:
        try:
            done = self._run(stream)
        except (OSError, subprocess.TimeoutExpired) as error:
            return Scan(Verdict.WAITING, f"{self.words[0]} does not run: {error}")
        said = done.stdout.decode("utf-8", "replace").strip()
        known = {0: Verdict.CLEAN, 1: Verdict.INFECTED}.get(done.returncode)
        if known is None:
            return Scan(Verdict.WAITING, f"{self.words[0]} ended with {done.returncode}: {said}"[:MOST_OF_A_REPLY])
        return Scan(known, said[:200] if known is Verdict.INFECTED else "")

    def _run(self, stream: Source) -> subprocess.CompletedProcess[bytes]:
        # Files have a limit of some megabytes, so one is handed over as a whole.
        return subprocess.run(  # noqa: S603 (the operator's own setting)
            self.words,
            input=stream.read(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )


def _understood(reply: str) -> Scan:
    said = reply.partition(":")[2].strip() or reply
    if said == "OK":
        return Scan(Verdict.CLEAN)
    if said.endswith(" FOUND"):
        return Scan(Verdict.INFECTED, said.removesuffix(" FOUND")[:200])
    return Scan(Verdict.WAITING, f"clamd could not scan: {said or 'it hung up'}"[:200])
