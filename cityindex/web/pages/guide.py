"""How programs read: examples to copy, and every address of the API, made from its own document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from markupsafe import Markup, escape

from cityindex.queries.runs.editions import current_editions
from cityindex.services.exchange.scopes import DATASETS
from cityindex.web.addresses import absolute
from cityindex.web.api.doc_words import doc_words
from cityindex.web.api.document import document
from cityindex.web.api.keys import SANDBOX_KEY
from cityindex.web.api.limits import WITHOUT_KEY
from cityindex.web.pages.keys import ACTION_NAMES, DATASET_NAMES
from cityindex.web.problems import API
from cityindex.web.session import database

guide = Blueprint("guide", __name__)
METHODS = ("get", "post")
ANCHORS = {"get": "", "post": "-post"}


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter of an address, or a field of what it answers. `kind` is a type of JSON Schema."""

    name: str
    kind: str
    words: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One address, with what it may be asked and what an item of its answer holds."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: tuple[Part, ...]
    kind: str
    fields: tuple[Part, ...]
    example: str


@guide.app_template_filter("ticked")
def ticked(words: str) -> Markup:
    """Words in which `code` stands between backticks."""
    parts = words.split("`")
    return Markup("").join(Markup("<code>{}</code>").format(x) if i % 2 else escape(x) for i, x in enumerate(parts))


@guide.get("/data/api")
def index() -> str:
    editions = current_editions(database())
    first = max(editions, key=lambda one: (one.scored, one.period), default=None)
    said = document()
    return render_template(
        "pages/guide.html",
        base=absolute(API),
        framework=first.framework if first else "local-capacity",
        period=first.period + 543 if first else 2566,
        groups=_groups(said),
        failures=_failures(said),
        openapi=url_for("api.openapi"),
        sandbox=SANDBOX_KEY,
        without_key=WITHOUT_KEY,
        datasets=[
            (name, DATASET_NAMES[name], [(x, ACTION_NAMES[x]) for x in known]) for name, known in DATASETS.items()
        ],
    )


def _groups(said: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Operations by their tag, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, known in said["paths"].items():
        for method in [one for one in METHODS if one in known]:
            made = known[method]
            one = _operation(said, (method, path), known.get("parameters", ()), made)
            found.setdefault(doc_words(made["tags"][0]), []).append(one)
    return found


def _operation(
    said: Mapping[str, Any], address: tuple[str, str], shared: Sequence[Mapping[str, Any]], made: Mapping[str, Any]
) -> Operation:
    method, path = address
    parameters = [*shared, *made.get("parameters", ())]
    [(kind, answer)] = made["responses"]["200"]["content"].items()
    example = path
    for one in shared:
        example = example.replace(f"{{{one['name']}}}", str(one.get("example", "")))
    return Operation(
        method=method.upper(),
        path=path,
        anchor=path.removeprefix(f"{API}/").translate(str.maketrans("/", "-", "{}")) + ANCHORS[method],
        summary=doc_words(made["summary"]),
        description=doc_words(made.get("description", "")),
        parameters=tuple(
            Part(one["name"], _kind(one["schema"]), doc_words(one["description"]), one.get("required", False))
            for one in parameters
        ),
        kind=kind,
        fields=tuple(_fields(said, answer["schema"])) if kind == "application/json" else (),
        example=example if method == "get" else "",
    )


def _fields(said: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Part]:
    """The fields of an answer, or of the items of a list."""
    parts = _resolved(said, schema)["properties"]
    if set(parts) >= {"items", "next"}:
        parts = _resolved(said, parts["items"]["items"])["properties"]
    for name, part in parts.items():
        if name != "notice":
            yield Part(name, _kind(part), doc_words(part.get("description", "")))


def _resolved(said: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = said["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _kind(schema: Mapping[str, Any]) -> str:
    """The type, with what it is a list of; what may be null says so."""
    if "enum" in schema and len(schema["enum"]) < 10:
        return " | ".join(str(one) for one in schema["enum"] if one is not None)
    kinds = schema.get("type", "object")
    shown = " | ".join(kinds) if isinstance(kinds, list) else kinds
    return f"{shown} ({schema['items'].get('type', 'object')})" if shown == "array" else shown


def _failures(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What every address may answer besides."""
    answers = next(iter(said["paths"].values()))["get"]["responses"]
    return [(status, doc_words(one["description"])) for status, one in sorted(answers.items()) if status != "200"]
