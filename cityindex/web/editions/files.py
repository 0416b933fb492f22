"""Files of editions, written once and kept as long as the process lives: a run never changes."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from cityindex.database import address_of
from cityindex.errors import Unavailable
from cityindex.formats.exports import FORMATS
from cityindex.queries.runs.edition_tables import edition_table
from cityindex.queries.runs.editions import Edition
from cityindex.web.editions import bundle as edition_bundle
from cityindex.web.session import database

KEPT = 500 * 1024 * 1024
"""Bytes of files that a process keeps; the ones asked for longest ago go first."""
PATIENCE = 30.0
"""Seconds to wait while another file is being written: one at a time, so that readers of pages do not have to."""
BOM = b"\xef\xbb\xbf"


class KeptFiles:
    """A folder of this process with the files asked for most recently, `size` bytes at most but for the last one."""

    def __init__(self, size: int = KEPT) -> None:
        self.size = size
        self.files: OrderedDict[tuple[str, ...], Path] = OrderedDict()
        self.lock = Lock()
        self.folder: Path | None = None

    def file(self, key: tuple[str, ...], name: str, write: Callable[[Path], None]) -> Path:
        """The file of a key, written where it is not there. Raises `Unavailable` while others keep it waiting."""
        if not self.lock.acquire(timeout=PATIENCE):
            raise Unavailable("other files are being written")
        try:
            if key not in self.files:
                self.files[key] = self._written(name, write)
            self.files.move_to_end(key)
            self._make_room()
            return self.files[key]
        finally:
            self.lock.release()

    def _written(self, name: str, write: Callable[[Path], None]) -> Path:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="cityindex-files-"))
            atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        file = Path(tempfile.mkdtemp(dir=self.folder)) / name
        try:
            write(file)
        except BaseException:
            shutil.rmtree(file.parent, ignore_errors=True)
            raise
        return file

    def _make_room(self) -> None:
        sizes = {key: file.stat().st_size for key, file in self.files.items()}
        while sum(sizes.values()) > self.size and len(self.files) > 1:
            key, file = self.files.popitem(last=False)
            del sizes[key]
            shutil.rmtree(file.parent, ignore_errors=True)


class EditionFiles(KeptFiles):
    """Files of editions, by run and kind."""

    def path(self, edition: Edition, kind: str) -> Path:
        """The file of an edition. Raises `Unavailable` while others keep it waiting."""
        return self.file((*_of(edition), kind), f"edition.{kind}", lambda file: _write(edition, kind, file))


def _of(edition: Edition) -> tuple[str, str, str]:
    """What an edition is known by, whatever the database: ids may be given anew where a backup is restored."""
    return address_of(database()), str(edition.run), edition.made_at.isoformat()


def _write(edition: Edition, kind: str, file: Path) -> None:
    if kind == "zip":
        edition_bundle.write(edition, file)
        return
    FORMATS[kind](edition_table(database(), edition, geometry=kind == "geojson"), file)
    if kind == "csv":  # without the mark, Excel does not read Thai
        file.write_bytes(BOM + file.read_bytes())


edition_files = EditionFiles()
