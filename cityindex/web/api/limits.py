"""How many requests a minute somebody may send, counted for all processes of this machine together.

The counts stand in a small file of their own: no import waits for them, and they wait for none.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from cityindex.database import dbapi
from cityindex.web import problems
from cityindex.web.reader import network_address
from cityindex.web.session import held

WITHOUT_KEY = 600
A_MINUTE = 60
KEY = "cityindex-limits"
COUNT = """INSERT INTO requests (minute, who, n) VALUES (?, ?, 1)
ON CONFLICT (minute, who) DO UPDATE SET n = n + 1 RETURNING n"""


@dataclass(frozen=True, slots=True)
class Spent:
    """Where somebody stands in the present minute."""

    limit: int
    count: int
    seconds: int

    @property
    def remaining(self) -> int:
        return max(self.limit - self.count, 0)


class Counter:
    """Counts by minute in a file. Where it cannot be written to, nobody is limited: reading goes before counting."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.local = threading.local()
        self.minute = 0

    def count(self, who: str, at: float) -> int:
        minute = int(at // A_MINUTE)
        try:
            database = self._database()
            if minute != self.minute:
                self.minute = minute
                database.execute("DELETE FROM requests WHERE minute < ?", (minute,))
            found: int = database.execute(COUNT, (minute, who)).fetchone()[0]
        except dbapi().Error:
            return 0
        return found

    def _database(self) -> Any:
        if not hasattr(self.local, "database"):
            made = dbapi().connect(str(self.path), isolation_level=None, timeout=1.0)
            made.execute("PRAGMA journal_mode=WAL").fetchall()
            made.execute("PRAGMA synchronous=OFF")
            made.execute("CREATE TABLE IF NOT EXISTS requests (minute INT, who TEXT, n INT, PRIMARY KEY (minute, who))")
            self.local.database = made
        return self.local.database


def install(app: Flask) -> None:
    settings = held(app).settings
    site = hashlib.sha256(f"{settings.database_url} {settings.base_url}".encode()).hexdigest()[:16]
    app.extensions[KEY] = Counter(_own_folder() / f"requests-{site}.sqlite")
    app.after_request(tell)


def spend() -> Spent:
    """Count this request of the key, or else of the address that it came with."""
    caller, at = g.get("client"), time.time()
    if caller is not None:
        who, limit = f"key {caller.key}", caller.rate
    else:
        # Neither the file nor a copy of it says who has been here.
        secret = str(current_app.secret_key)
        who, limit = hashlib.sha256(f"{secret} {network_address()}".encode()).hexdigest()[:24], WITHOUT_KEY
    count = current_app.extensions[KEY].count(who, at)
    g.spent = Spent(limit, count, A_MINUTE - int(at % A_MINUTE))
    return g.spent


def refused(spent: Spent) -> Response:
    """The answer to who has sent too many."""
    more = "" if g.get("client") else "; with a key of this site, more are allowed"
    response = problems.problem(
        429, f"more than {spent.limit} requests in a minute: wait {spent.seconds} seconds{more}"
    )
    response.headers["Retry-After"] = str(spent.seconds)
    return response


def tell(response: Response) -> Response:
    """Say how much is left. An answer that shared caches keep for everybody says nothing of one reader."""
    spent: Spent | None = g.get("spent")
    if spent is not None and request.method != "OPTIONS":
        response.headers["RateLimit-Limit"] = str(spent.limit)
        response.headers["RateLimit-Remaining"] = str(spent.remaining)
        response.headers["RateLimit-Reset"] = str(spent.seconds)
    return response


def _own_folder() -> Path:
    """A folder that nobody else on the machine can write to."""
    user = os.getuid() if hasattr(os, "getuid") else "own"
    folder = Path(tempfile.gettempdir()) / f"cityindex-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    mine = not hasattr(os, "getuid") or (folder.lstat().st_uid == os.getuid() and not folder.is_symlink())
    return folder if mine else Path(tempfile.mkdtemp(prefix="cityindex-"))
