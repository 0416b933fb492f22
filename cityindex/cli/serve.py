"""`cityindex serve`: the web side, behind a server that is fit for use."""

from __future__ import annotations

import importlib.util
import os
import socket
from typing import TYPE_CHECKING, Any

import click

from cityindex.cli.output import application, say
from cityindex.errors import Unavailable

if TYPE_CHECKING:
    from flask import Flask


WORKERS, THREADS = 2, 4


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the site until it is stopped (Ctrl-C)."""
    app = application()
    app.web()  # what is wrong with the settings is said before a server starts
    app.upkeep.require_current()
    _require_free(host, port)
    site = app.web()
    # Templates are compiled and definitions read before the first reader comes: worker processes share them.
    site.test_client().get("/th/")
    # Connections are not carried over into the worker processes.
    app.engine.dispose()
    say(f"cityindex is at {app.settings.base_url or f'http://{_shown(host)}:{port}'}  (Ctrl-C stops it)")
    if _can_fork():
        _gunicorn(site, host, port)
    else:
        _werkzeug(site, host, port)


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
        "worker_class": "gthread",
        "reuse_port": True,
        "control_socket_disable": True,
        "loglevel": "warning",
        # The address of a story holds all of it.
        "limit_request_line": 8190,
        "proc_name": "cityindex",
    }

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return site

    Server().run()


def _werkzeug(site: Flask, host: str, port: int) -> None:
    from werkzeug.serving import run_simple

    run_simple(host, port, site, threaded=True)


def _can_fork() -> bool:
    return hasattr(os, "fork") and importlib.util.find_spec("gunicorn") is not None


def _shown(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104
