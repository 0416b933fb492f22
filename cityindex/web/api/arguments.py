"""What an address of the API may ask for. What is not declared is refused: a misspelled filter filters nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, cast

from flask import Request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.fields import DelimitedList
from webargs.flaskparser import FlaskParser

from cityindex.calendars import common_year
from cityindex.errors import Invalid, Problem

MOST = 1000
SEVERAL = 100
"""Values that one parameter may list."""
CODE = validate.Regexp(r"^[0-9A-Za-z_.-]{1,100}$", error="a code has letters, digits, `-`, `_` and `.` only")


class Parser(FlaskParser):
    """Reads the query; everything that is wrong with it is said at once."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE}  # noqa: RUF012  (as the library has it)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        twice = sorted(name for name, values in req.args.lists() if len(values) > 1)
        if twice:
            cure = "give it once; several values of one parameter are separated by commas"
            raise Invalid("a parameter is given twice", [Problem("given twice", cure, column=name) for name in twice])
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_more: Any) -> NoReturn:
        said = next(iter(cast("Mapping[str, Mapping[str, Any]]", error.messages).values()))
        raise Invalid(
            "the address asks for something that cannot be",
            [Problem(_words(words), _cure(name, schema), column=name) for name, words in said.items()],
        ) from error


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = Parser()


ERAS = [{"minimum": 1900, "maximum": 2100}, {"minimum": 2443, "maximum": 2643}]
"""Years that are read, as JSON Schema says it."""


class Period(fields.Integer):
    """A year of either era, read as one of the common era."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        year = super()._deserialize(value, attr, data, **more)
        try:
            return common_year(year)
        except Invalid as error:
            raise ValidationError(str(error)) from error


def nothing() -> None:
    """The value of a parameter that is left out: called, so that it is not documented as a default."""


def period(description: str = "") -> fields.Field[Any]:
    """The argument `period`."""
    words = description or "Year in the common era; one in the Buddhist era (2566) is read as 2023."
    return Period(load_default=nothing, metadata={"description": words, "anyOf": ERAS, "example": 2023})


def code(description: str, **more: Any) -> fields.Field[Any]:
    return fields.String(load_default=nothing, validate=CODE, metadata={"description": description, **more})


def place_type() -> fields.Field[Any]:
    """The argument `place_type`."""
    words = "A type or one of its aliases; see the code list `place-types`."
    return fields.String(load_default=nothing, validate=validate.Length(min=1, max=50), metadata={"description": words})


def several(description: str, **more: Any) -> fields.Field[Any]:
    """Codes separated by commas."""
    most = validate.Length(min=1, max=SEVERAL)
    return DelimitedList(
        fields.String(validate=CODE), load_default=nothing, validate=most, metadata={"description": description, **more}
    )


class Asked(Schema):
    """What every address may be asked."""

    class Meta:
        unknown = RAISE

    lang = fields.String(
        load_default=nothing,
        validate=validate.OneOf(["th", "en"]),
        metadata={"description": "Language of `name` and other words; else by `Accept-Language`, else Thai."},
    )


def asking(wanted: type[Schema], names: Iterable[str]) -> type[Schema]:
    """`wanted`, and which of the fields `names` the items shall have."""
    sparse = DelimitedList(
        fields.String(validate=validate.OneOf(sorted(names))),
        data_key="fields",
        load_default=nothing,
        validate=validate.Length(min=1, max=SEVERAL),
        metadata={"description": "Give these fields of each item only, separated by commas."},
    )
    return type(wanted.__name__, (wanted,), {"fields_": sparse})


class Paged(Asked):
    """What every list may be asked."""

    limit = fields.Integer(
        load_default=100,
        validate=validate.Range(min=1, max=MOST),
        metadata={"description": f"How many items a page has, at most {MOST}."},
    )
    cursor = fields.String(
        load_default=nothing,
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{16,4000}$", error="this is no cursor"),
        metadata={"description": "The `next` of the page before. The other parameters stay the same."},
    )


def _words(words: Any) -> str:
    if isinstance(words, dict):  # of a list: by position
        words = [word for some in words.values() for word in some]
    return " ".join(dict.fromkeys(str(word) for word in words))


def _cure(name: str, schema: Schema) -> str:
    names = [field.data_key or name for name, field in schema.fields.items()]
    return f"the parameters here are {', '.join(names)}" if name not in names else "change it or leave it out"
