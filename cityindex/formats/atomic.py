"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from cityindex.errors import NotFound


@contextmanager
def atomically(file: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of `file` only when the writing has succeeded.

    Raises `NotFound` where the folder of `file` is not there.
    """
    if not file.parent.is_dir():
        raise NotFound(f"there is no folder {file.parent}: create it first")
    with TemporaryDirectory(dir=file.parent, prefix=".writing-") as folder:
        part = Path(folder) / file.name
        yield part
        part.replace(file)
