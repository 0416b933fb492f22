"""The REST API, version 1: everything that the pages show, for programs. It reads through `queries`, as pages do."""

from __future__ import annotations

from flask import Flask

from cityindex.web.api import (  # they declare themselves
    conduct,
    definitions,
    document,
    editions,
    exchange,
    knowledge,
    observations,
    places,
    plans,
    programmes,
    questionnaires,
    releases,
    scores,
    targets,
)
from cityindex.web.api.operations import api
from cityindex.web.permissions import PUBLIC, declare

DECLARED = (
    places, scores, observations, definitions, editions, releases, programmes, questionnaires, targets, plans,
    knowledge, exchange,
)  # fmt: skip


def install(app: Flask) -> None:
    conduct.install(app)
    document.install(app)
    exchange.install(app)
    declare(app, api.name, PUBLIC)
