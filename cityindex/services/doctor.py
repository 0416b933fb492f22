"""What is installed, what is missing, and the exact command that cures it."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.engine import make_url

from cityindex.config import DEVELOPMENT_KEY, Settings
from cityindex.database import dbapi, make_engine
from cityindex.errors import CityIndexError
from cityindex.gateways.evidence import store_of
from cityindex.gateways.scanner import Verdict, scanner_of
from cityindex.services.upkeep import Upkeep

State = Literal["ok", "missing", "optional"]
APT = "sudo apt-get install -y --no-install-recommends"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `cure` is a command, or empty where nothing ails."""

    what: str
    state: State
    detail: str
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Everything that a working installation needs, in the order in which to mend it."""
    findings = [
        _python(),
        *_database(settings),
        _secret_key(settings),
        _evidence(settings),
        _scanner(settings),
        _chromium(),
        _fonts(),
    ]
    return [finding for finding in findings if finding]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("Python", "ok", version)
    return Finding("Python", "missing", f"{version}, tested are 3.11 to 3.13", f"{APT} python3.13")


def _database(settings: Settings) -> Iterator[Finding]:
    url = make_url(settings.database_url)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite:
        yield _driver()
    name = "SpatiaLite" if sqlite else "PostGIS"
    try:
        engine = make_engine(settings.database_url)
        with engine.connect() as connection:
            # The first word is the version; the rest says how it was built.
            call = "spatialite_version()" if sqlite else "PostGIS_Lib_Version()"
            version = connection.execute(text(f"SELECT {call}")).scalar_one()
        yield Finding(name, "ok", f"{version} at {url.render_as_string(hide_password=True)}")
    except CityIndexError as error:
        yield Finding(name, "missing", str(error), f"{APT} libsqlite3-mod-spatialite")
        return
    except Exception as error:
        yield Finding(name, "missing", str(error).splitlines()[0], _postgres_cure(str(error)))
        return
    yield _tables(Upkeep(engine))
    engine.dispose()


def _postgres_cure(message: str) -> str:
    if "does not exist" in message and "function" in message:
        return "psql DATABASE -c 'CREATE EXTENSION postgis'   (cityindex db upgrade does it where it may)"
    return "check CITYINDEX_DATABASE_URL, and that PostgreSQL runs: pg_lsclusters"


def _driver() -> Finding:
    try:
        driver = dbapi()
    except CityIndexError as error:
        return Finding("SQLite driver", "missing", str(error), f"{sys.executable} -m pip install pysqlite3")
    return Finding("SQLite driver", "ok", f"{driver.__name__.split('.')[0]}, SQLite {driver.sqlite_version}")


def _tables(upkeep: Upkeep) -> Finding:
    try:
        upkeep.require_current()
    except CityIndexError as error:
        return Finding("Tables", "missing", str(error), "cityindex db upgrade")
    return Finding("Tables", "ok", f"revision {upkeep.revision()}")


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key == DEVELOPMENT_KEY:
        return Finding("Secret key", "ok", "the one for development")
    if not settings.secret_key:
        cure = "export CITYINDEX_SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex(32))')"
        return Finding("Secret key", "missing", "CITYINDEX_SECRET_KEY is not set", cure)
    return Finding("Secret key", "ok", "set")


def _evidence(settings: Settings) -> Finding:
    """Written to and read back: a folder that can be seen may still belong to somebody else."""
    where = (settings.evidence_url or "instance/evidence").partition("?")[0]
    try:
        store = store_of(settings.evidence_url)
        probe = store.put(BytesIO(os.urandom(16)), 16)
        store.remove(probe.sha256)
    except CityIndexError as error:
        cure = f"check CITYINDEX_EVIDENCE_URL, and that user {getpass.getuser()} may write there"
        return Finding("Evidence", "missing", str(error), cure)
    return Finding("Evidence", "ok", where)


def _scanner(settings: Settings) -> Finding:
    if not settings.scanner_url:
        cure = f"{APT} clamav-daemon, and CITYINDEX_SCANNER_URL=clamd:///run/clamav/clamd.ctl"
        return Finding("Virus scanner", "optional", "not set: files of evidence are taken unscanned", cure)
    try:
        said = scanner_of(settings.scanner_url).scan(BytesIO(b"doctor"))
    except CityIndexError as error:
        return Finding("Virus scanner", "missing", str(error), "correct CITYINDEX_SCANNER_URL")
    if said.verdict is Verdict.CLEAN:
        return Finding("Virus scanner", "ok", settings.scanner_url)
    return Finding("Virus scanner", "missing", f"{said.verdict}: {said.detail}", "sudo systemctl status clamav-daemon")


def _chromium() -> Finding:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return Finding("Chromium", "ok", found)
    return Finding("Chromium", "optional", "not found: only tests and PDF pages use it", f"{APT} chromium")


def _fonts() -> Finding | None:
    fonts = Path("/usr/share/fonts")
    if os.name != "posix" or not fonts.is_dir():
        return None
    if any(fonts.rglob("*Thai*.ttf")) or any(fonts.rglob("*tlwg*")):
        return Finding("Thai fonts", "ok", "of the system; the site brings its own")
    return Finding("Thai fonts", "optional", "not found: only PDF pages use them", f"{APT} fonts-noto-core")
