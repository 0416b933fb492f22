"""Where the data folders of the project are: in a checkout, an editable install and a wheel."""

from __future__ import annotations

from pathlib import Path

from cityindex.errors import NotFound

_PACKAGE = Path(__file__).parent


def resource_root(name: str) -> Path:
    """The folder `indicators`, `seeds`, `migrations` or `templates`: in a wheel inside the package, else beside it."""
    for base in (_PACKAGE / "data", _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise NotFound(f"the folder {name}/ of cityindex is missing: reinstall the package")
