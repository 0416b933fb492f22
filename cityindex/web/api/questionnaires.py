"""Questionnaires of self-assessment, as they are defined now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from cityindex.definitions.catalogue import QuestionnaireEntry, Text
from cityindex.web.api.answers import page, single
from cityindex.web.api.arguments import Paged
from cityindex.web.api.definitions import cut, said
from cityindex.web.api.operations import listing, one
from cityindex.web.api.programmes import TAG
from cityindex.web.api.schemas import questionnaires as schemas
from cityindex.web.assessments.questionnaire_view import Asked, Part, parts
from cityindex.web.filters import translated
from cityindex.web.session import application


@listing("/questionnaires", Paged, schemas.Questionnaire, TAG)
def questionnaires(asked: dict[str, Any]) -> ResponseReturnValue:
    """List questionnaires, by code."""
    known = sorted(application().catalogue.questionnaires.values(), key=lambda entry: entry.code)
    return page(asked, lambda: cut(asked, known, _item))


@one("/questionnaires/<code>", schemas.QuestionnaireDetails, TAG, code="digital-maturity")
def questionnaire(asked: dict[str, Any], code: str) -> ResponseReturnValue:
    """Show a questionnaire with its questions and their levels, as it is defined now."""
    entry = application().catalogue.questionnaire(code)

    def make() -> Mapping[str, Any]:
        links = {
            "page": url_for("questionnaires.profile", code=code),
            "definition": url_for("questionnaires.definition", code=code, name=code),
        }
        return {**_item(entry), "sections": [_section(part) for part in parts(entry)], "links": links}

    return single(asked, make)


def _item(entry: QuestionnaireEntry) -> dict[str, Any]:
    return {
        "questionnaire": entry.code,
        **said(entry.name),
        "version": entry.version,
        "description": _words(entry.description),
        "owner": _words(entry.owner),
        "framework": entry.questionnaire.framework,
        "place_types": list(entry.questionnaire.applies_to) if entry.questionnaire.applies_to else None,
        "questions": len(entry.questionnaire.questions),
        "definition_sha256": entry.fingerprint,
    }


def _section(part: Part) -> dict[str, Any]:
    return {
        "section": part.code,
        **said(part.name),
        "description": _words(part.description),
        "questions": [_question(one) for one in part.questions],
    }


def _question(one: Asked) -> dict[str, Any]:
    question, words = one.question, one.words
    return {
        "question": question.code,
        "number": one.number,
        **said(words.text),
        "help": _words(words.help),
        "kind": question.kind,
        "asked_if": one.condition or None,
        "choices": [
            {"value": str(value), "name": translated(said_of)}
            for value, said_of in (*words.levels.items(), *words.options.items())
        ],
    }


def _words(text: Text | None) -> str | None:
    return translated(text) or None if text else None
