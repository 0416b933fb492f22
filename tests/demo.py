"""The demo data as a file: made once for what it is made from, and shared by all processes that test."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cityindex.app import Application

CHECKOUT = Path(__file__).parent.parent
KEPT = CHECKOUT / ".pytest_cache" / "demo"
MADE_FROM = ("cityindex", "indicators", "migrations", "seeds", "requirements.txt")
ONLY_SHOWS = ("web", "charts", "maps", "reports", "translations", "cli", "jobs")
"""Parts of the code that demo data does not come through."""


def demo_file() -> Path:
    """A SpatiaLite file with the seeds and the demo, scored and published. Copy it before anything may be written.

    The files of its evidence are in the folder beside it: `evidence_of`.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        file = KEPT / f"{_fingerprint()}.sqlite"
        if not (file.exists() and evidence_of(file).exists() and seeds_of(file).exists()):
            for old in KEPT.glob("*.*"):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
            _make(file)
        return file


def evidence_of(file: Path) -> Path:
    return file.with_suffix(".evidence")


def seeds_of(file: Path) -> Path:
    """The same database before the demo came."""
    return file.with_suffix(".seeds")


def _make(file: Path) -> None:
    from cityindex.app import Application
    from cityindex.config import read_settings

    draft = file.with_suffix(".draft")
    settings = {"CITYINDEX_DATABASE_URL": f"sqlite:///{draft}", "CITYINDEX_EVIDENCE_URL": str(evidence_of(file))}
    application = Application(read_settings(settings))
    application.upkeep.upgrade()
    application.seeding.seed()
    _complete(application)
    shutil.copy(draft, seeds_of(file))
    for _ in application.demo.add():
        pass
    _complete(application)
    draft.rename(file)


def _complete(application: Application) -> None:
    """Nothing of the database is in another file than its own."""
    with application.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    application.engine.dispose()


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for part in MADE_FROM:
        root = CHECKOUT / part
        files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        for path in files:
            below = path.relative_to(CHECKOUT).parts
            if "__pycache__" not in below and not (below[0] == "cityindex" and below[1] in ONLY_SHOWS):
                digest.update(f"{path.relative_to(CHECKOUT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


if __name__ == "__main__":
    demo_file()
