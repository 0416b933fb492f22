"""`cityindex serve`: it serves, it says what keeps it from serving, and it stops when told to."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cityindex.app import Application
from cityindex.config import read_settings
from tests.conftest import MakeDatabase

COMMAND = str(Path(sys.executable).parent / "cityindex")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(url: str, **settings: str) -> dict[str, str]:
    own = {f"CITYINDEX_{name.upper()}": value for name, value in settings.items()}
    return {**os.environ, "CITYINDEX_DATABASE_URL": url, **own}


def refusal(url: str, *arguments: str, **settings: str) -> tuple[int, str]:
    command = [COMMAND, "serve", *arguments]
    done = subprocess.run(
        command, env=environment(url, **settings), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@contextmanager
def running(port: int, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server that does not outlive what is asked of it."""
    with subprocess.Popen([COMMAND, "serve", "--port", str(port)], env=settings, stderr=subprocess.PIPE) as server:
        try:
            yield server
        finally:
            server.kill()


def test_serves_until_it_is_told_to_stop(spatialite_databases: MakeDatabase, tmp_path: Path) -> None:
    port = free_port()
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    own = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "TMPDIR": str(temporary)}
    settings = environment(spatialite_databases()) | own
    with running(port, settings) as server:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}".encode() in server.stderr.readline()
        assert _answer(f"http://127.0.0.1:{port}/health/ready") == 200
        asked = 12
        for _ in range(asked):
            assert _answer(f"http://127.0.0.1:{port}/th/about/privacy") == 200
        counts = {_counted(f"http://127.0.0.1:{port}/metrics") for _ in range(6)}
        assert counts == {asked}, "whichever worker answers tells what all have counted"
        places = "+".join(f"{5510101 + number}" for number in range(1000))
        status, said = _refused(f"http://127.0.0.1:{port}/sdmx/2.1/data/DF_OBSERVATIONS/A.{places[:6999]}")
        assert (status, "longer than" in said) == (400, False), "what fits is asked of the site"
        status, said = _refused(f"http://127.0.0.1:{port}/sdmx/2.1/data/DF_OBSERVATIONS/A.{places}.{places}")
        assert status == 414
        assert "longer than 8,190 bytes" in said
        assert "แบ่งขอเป็นหลายส่วน" in said
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=30) == 0
    assert not list(temporary.glob("cityindex-metrics-*")), "the folder of the counts is gone"
    assert list(home.iterdir()) == [], "no control socket is left in the home of the user"


def _refused(url: str) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as refused, urllib.request.urlopen(url, timeout=10):
        pass
    with refused.value as answer:
        return answer.code, answer.read().decode()


def _counted(url: str) -> float:
    """How often the page on privacy was answered, as the metrics tell."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    page = 'cityindex_http_requests_total{method="GET",route="/<language>/about/privacy",status="2xx"} '
    return sum(float(line.removeprefix(page)) for line in lines if line.startswith(page))


def _answer(url: str) -> int:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.2)
    return 0


def test_letters_lead_to_where_the_site_is_served() -> None:
    settings = read_settings({})
    assert Application(settings).at("http://127.0.0.1:8123").address == "http://127.0.0.1:8123"
    public = replace(settings, base_url="https://index.example.go.th")
    assert Application(public).at("http://127.0.0.1:8123").address == "https://index.example.go.th"


def test_a_port_in_use_is_said(spatialite_databases: MakeDatabase) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, said = refusal(spatialite_databases(), "--port", str(other.getsockname()[1]))
    assert code == 75
    assert "--port" in said


def test_a_database_without_tables_is_said(tmp_path: Path) -> None:
    code, said = refusal(f"sqlite:///{tmp_path / 'new.sqlite'}", "--port", str(free_port()))
    assert code == 75
    assert "cityindex db upgrade" in said


def test_production_without_a_secret_is_refused(spatialite_databases: MakeDatabase) -> None:
    code, said = refusal(spatialite_databases(), "--port", str(free_port()), env="production")
    assert code == 2
    assert "CITYINDEX_SECRET_KEY" in said
