"""What an address asks for, checked before anything is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from marshmallow import Schema, ValidationError

from cityindex.errors import Invalid, Problem


def checked(schema: Schema, arguments: Mapping[str, str]) -> dict[str, Any]:
    """`arguments` as `schema` reads them. Raises `Invalid` that names every argument that cannot be meant."""
    try:
        return cast("dict[str, Any]", schema.load(dict(arguments)))
    except ValidationError as error:
        messages = cast("dict[str, list[str]]", error.messages)
        problems = [
            Problem(" ".join(said), "leave it out or change it", column=name) for name, said in messages.items()
        ]
        raise Invalid("the address asks for something that cannot be", problems) from error
