"""Who reads what: counted in memory, and written down by a thread of its own, so that no reader waits for it."""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from cityindex.calendars import THAILAND
from cityindex.errors import CityIndexError
from cityindex.queries.accounts.clients import MANY
from cityindex.services.exchange.scopes import DATASETS
from cityindex.web import problems
from cityindex.web.session import held

if TYPE_CHECKING:
    from cityindex.app import Application

KEY = "cityindex-usage"
WRITTEN_AFTER = 20.0
"""Seconds that counts wait in memory at most."""
OTHER = {"runs": "scores", "editions": "scores", "frameworks": "indicators", "codelists": "indicators",
         "rounds": "assessments"}  # fmt: skip
"""Addresses that belong to a data set of another name."""


class Usage:
    """Requests by day, key, data set and place, not yet written down."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.lock = threading.Lock()
        self.waiting: Counter[tuple[date, int, str, int]] = Counter()
        self.timer: threading.Timer | None = None
        atexit.register(self.write)

    def note(self, key: int, dataset: str, place: int) -> None:
        with self.lock:
            self.waiting[datetime.now(THAILAND).date(), key, dataset, place] += 1
            if self.timer is None:
                self.timer = threading.Timer(WRITTEN_AFTER, self.write)
                self.timer.daemon = True
                self.timer.start()

    def write(self) -> None:
        """Write down what waits; where the database is busy, it waits on."""
        with self.lock:
            uses, self.waiting, self.timer = self.waiting, Counter(), None
        if not uses:
            return
        try:
            self.application.clients.count(uses)
        except (SQLAlchemyError, CityIndexError):
            with self.lock:
                self.waiting.update(uses)


def install(app: Flask) -> None:
    app.extensions[KEY] = Usage(held(app))
    app.after_request(note)


def about(place: int) -> int:
    """Say that the present request is about one place, and hand it on."""
    g.place_read = place
    return place


def note(response: Response) -> Response:
    """After each request: count it, if something was read."""
    if problems.wanted() and response.status_code in (200, 304) and request.method == "GET" and not g.get("sandbox"):
        first = request.path.removeprefix(f"{problems.API}/").split("/")[0]
        dataset = OTHER.get(first, first)
        if dataset in DATASETS:
            caller = g.get("client")
            usage: Usage = current_app.extensions[KEY]
            usage.note(caller.key if caller else MANY, dataset, g.get("place_read", MANY))
    return response
