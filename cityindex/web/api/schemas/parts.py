"""What the schemas of the answers are made of, and those that every answer may have.

Items have all of these fields unless `fields` asks for some.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, fields


def text(description: str, **more: Any) -> fields.Field[Any]:
    return fields.String(metadata={"description": description}, **more)


def number(description: str, **more: Any) -> fields.Field[Any]:
    return fields.Float(metadata={"description": description}, **more)


def whole(description: str, **more: Any) -> fields.Field[Any]:
    return fields.Integer(metadata={"description": description}, **more)


def yes(description: str) -> fields.Field[Any]:
    return fields.Boolean(metadata={"description": description})


def moment(description: str, **more: Any) -> fields.Field[Any]:
    return fields.DateTime(metadata={"description": description}, **more)


def day(description: str, **more: Any) -> fields.Field[Any]:
    return fields.Date(metadata={"description": description}, **more)


def some(inner: Any, description: str, **more: Any) -> fields.Field[Any]:
    return fields.List(inner, metadata={"description": description}, **more)


MAYBE: dict[str, Any] = {"allow_none": True}


class Strict(Schema):
    """What is not declared is not there."""

    class Meta:
        unknown = RAISE


class Named(Strict):
    name = text("In the language asked for; Thai where there is no English.", **MAYBE)
    name_th = text("In Thai.", **MAYBE)
    name_en = text("In English.", **MAYBE)


class Reference(Strict):
    name = text("Name, in the language asked for.")
    url = text("Address.", **MAYBE)
    licence = text("Licence; null where the source states none.", **MAYBE)


class ProblemPart(Strict):
    parameter = text("The parameter that is meant; empty for the whole.", required=True)
    reason = text("What is wrong with it.", required=True)
    cure = text("How to put it right.", required=True)


class ProblemDetails(Strict):
    """An error (RFC 9457), as application/problem+json."""

    type = text("Address of the explanation.", required=True)
    title = text("The status in words.", required=True)
    status = whole("The HTTP status.", required=True)
    detail = text("What happened.", required=True)
    request_id = text("Say it when you ask us about this answer; it is the header X-Request-ID, too.", required=True)
    problems = some(fields.Nested(ProblemPart), "Everything that is wrong, with the cure.", required=True)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a page of such items."""
    parts = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": text("Cursor of the next page; null on the last one.", required=True, allow_none=True),
        "notice": text("Said with a sandbox key: all of it is invented."),
    }
    return type(f"{item.__name__}Page", (Strict,), parts)


@cache
def answer_of(item: type[Schema]) -> type[Schema]:
    """The schema of one thing."""
    return type(f"{item.__name__}Answer", (item,), {"notice": text("Said with a sandbox key: all of it is invented.")})
