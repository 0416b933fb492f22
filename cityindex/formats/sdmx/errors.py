"""Error messages of the standard."""

from __future__ import annotations

import orjson

from cityindex.formats.sdmx import xml
from cityindex.formats.sdmx.data_ml import SCHEMAS


def as_ml(code: int, said: str, version: str) -> bytes:
    """An SDMX-ML error message of version `2.1` or `3.0`."""
    schema = version.replace(".", "_")
    spaces = " ".join(f'xmlns:{name}="{SCHEMAS}/v{schema}/{name}"' for name in ("message", "common"))
    return (
        f"{xml.HEAD}<message:Error {spaces}>"
        f'<message:ErrorMessage code="{code}"><common:Text xml:lang="en">{xml.text(said)}</common:Text>'
        "</message:ErrorMessage></message:Error>\n"
    ).encode()


def as_json(code: int, said: str) -> bytes:
    """An SDMX-JSON message that holds an error and nothing else."""
    return orjson.dumps({"errors": [{"code": code, "title": said, "titles": {"en": said}}]})
