"""The scanner, against a server that speaks clamd's protocol."""

from __future__ import annotations

import io
import socketserver
import struct
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cityindex.errors import Invalid
from cityindex.gateways.scanner import Clamd, Command, NoScanner, Scan, Verdict, scanner_of
from tests.files import EICAR

LIMIT = 1 << 20


class Clam(socketserver.StreamRequestHandler):
    """As clamd does: length and data, length and data, a length of nothing; then what it found."""

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > LIMIT:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.wfile.write(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clam) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"clamd://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_clamd_says_clean_or_what_it_found(clamd: str) -> None:
    scanner = scanner_of(clamd)
    assert scanner.scan(io.BytesIO(b"a letter" * 100_000)) == Scan(Verdict.CLEAN)
    assert scanner.scan(io.BytesIO(b"x" * 300_000 + EICAR)) == Scan(Verdict.INFECTED, "Win.Test.EICAR_HDB-1")


def test_what_clamd_cannot_scan_waits(clamd: str) -> None:
    said = scanner_of(clamd).scan(io.BytesIO(bytes(LIMIT + 1)))
    assert said.verdict is Verdict.WAITING
    nobody = Clamd(("127.0.0.1", 1)).scan(io.BytesIO(b"x"))
    assert nobody.verdict is Verdict.WAITING
    assert "does not answer" in nobody.detail


def test_clamd_on_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "clamd.ctl"
    with socketserver.ThreadingUnixStreamServer(str(path), Clam) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        assert scanner_of(f"clamd://{path}").scan(io.BytesIO(EICAR)).verdict is Verdict.INFECTED
        server.shutdown()
    assert scanner_of(f"clamd://{path}").scan(io.BytesIO(EICAR)).verdict is Verdict.WAITING


@pytest.mark.parametrize(
    ("ends_with", "verdict"), [(0, Verdict.CLEAN), (1, Verdict.INFECTED), (2, Verdict.WAITING), (-9, Verdict.WAITING)]
)
def test_a_command_reads_the_file_and_says_so_by_how_it_ends(ends_with: int, verdict: Verdict) -> None:
    program = (
        f"import os, sys; sys.stdin.read() == 'x' or sys.exit(7); print('found it', flush=True); {_ending(ends_with)}"
    )
    said = Command((sys.executable, "-S", "-c", program)).scan(io.BytesIO(b"x"))
    assert said.verdict is verdict
    assert ("found it" in said.detail) == (verdict is not Verdict.CLEAN)


def _ending(code: int) -> str:
    return f"sys.exit({code})" if code >= 0 else f"os.kill(os.getpid(), {-code})"


def test_a_command_that_is_not_there_leaves_files_waiting() -> None:
    assert scanner_of("command:/no/such/program --quiet").scan(io.BytesIO(b"x")).verdict is Verdict.WAITING


def test_settings_that_cannot_be() -> None:
    assert isinstance(scanner_of(None), NoScanner)
    assert scanner_of(None).scan(io.BytesIO(b"x")) == Scan(Verdict.UNSCANNED)
    assert scanner_of("clamd://scan.example") == Clamd(("scan.example", 3310))
    for url in ("http://127.0.0.1:3310", "clamd://", "command:", "command:  "):
        with pytest.raises(Invalid, match="CITYINDEX_SCANNER_URL"):
            scanner_of(url)
