"""`cityindex serve`: the web side, behind a server that is fit for use."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import application, say
from cityindex.errors import Unavailable

if TYPE_CHECKING:
    from flask import Flask


WORKERS, THREADS = 2, 4
LONGEST_ADDRESS = 8190
"""Bytes of a request line, with method and version: the most that the server can be told to take. Without any limit,
whoever sends an endless one would fill the memory."""
TOO_LONG = (
    "The address of this request is longer than {limit} bytes: nothing was read.\n"
    "Ask in parts (about 900 codes of places go into one address), or leave the places out, which asks for all, "
    "and choose from the answer. A story can be cut into two.\n"
    "ที่อยู่ของคำขอนี้ยาวเกิน {limit} ไบต์ จึงยังไม่ได้อ่าน ให้แบ่งขอเป็นหลายส่วน หรือไม่ระบุพื้นที่เพื่อขอทุกพื้นที่ แล้วเลือกจากคำตอบ\n"
)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the site until it is stopped (Ctrl-C)."""
    app = application().at(f"http://{_shown(host)}:{port}")
    counts = _share_counts() if _can_fork() else None
    app.web()  # what is wrong with the settings is said before a server starts
    app.upkeep.require_current()
    _require_free(host, port)
    site = app.web()
    # Templates are compiled and definitions read before the first reader comes: worker processes share them.
    site.test_client().get("/th/")
    _empty(counts)
    # Connections are not carried over into the worker processes.
    app.engine.dispose()
    say(f"cityindex is at {app.address}  (Ctrl-C stops it)")
    if _can_fork():
        _gunicorn(site, host, port)
    else:
        _werkzeug(site, host, port)


def _share_counts() -> Path:
    """A folder where the worker processes count for `/metrics`, gone when this process ends.

    The library looks for its name in the environment when it is first loaded.
    """
    folder, owner = Path(tempfile.mkdtemp(prefix="cityindex-metrics-")), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)

    def remove() -> None:
        if os.getpid() == owner:  # workers end by the same door
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def _empty(counts: Path | None) -> None:
    """What was asked before anybody came is not counted."""
    for file in counts.iterdir() if counts else ():
        file.unlink()


def _require_free(host: str, port: int) -> None:
    """Say that somebody else listens there: servers that share a port would each get half of the requests."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"{_shown(host)}:{port} cannot be used ({error.strerror}): choose another with --port"
            ) from None


def _gunicorn(site: Flask, host: str, port: int) -> None:
    from gunicorn.app.base import BaseApplication

    options: dict[str, Any] = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": WORKERS,
        "threads": THREADS,
        "worker_class": _worker(),
        "reuse_port": True,
        "control_socket_disable": True,
        "loglevel": "warning",
        # The address of a story holds all of it, and that of data the places asked for.
        "limit_request_line": LONGEST_ADDRESS,
        "proc_name": "cityindex",
    }

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return site

    Server().run()


def _worker() -> type[Any]:
    """Threads, and an answer in words for an address that is too long."""
    from gunicorn.http.errors import LimitRequestLine
    from gunicorn.workers.gthread import ThreadWorker

    class Worker(ThreadWorker):  # type: ignore[misc]
        def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
            if not isinstance(exc, LimitRequestLine):
                super().handle_error(req, client, addr, exc)
                return
            self.log.warning("an address longer than %s bytes", LONGEST_ADDRESS)
            with suppress(OSError):
                client.sendall(_too_long())

    return Worker


def _too_long() -> bytes:
    """The whole answer: nothing of the request could be read, so no page can say it."""
    body = TOO_LONG.format(limit=f"{LONGEST_ADDRESS:,}").encode()
    head = (
        "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _werkzeug(site: Flask, host: str, port: int) -> None:
    from werkzeug.serving import run_simple

    run_simple(host, port, site, threaded=True)


def _can_fork() -> bool:
    return hasattr(os, "fork") and importlib.util.find_spec("gunicorn") is not None


def _shown(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104
