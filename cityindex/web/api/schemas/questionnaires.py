"""What answers about questionnaires hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Strict, some, text, whole


class Choice(Strict):
    """A level of maturity, or an option."""

    value = text("The level's number, or the option's code.")
    name = text("In words, in the language asked for.")


class Question(Named):
    """`name` is the question."""

    question = text("Code; of a measured one also that of its indicator.")
    number = text("Where it stands: section and place in it.")
    help = text("What is meant by it, in the language asked for.", **MAYBE)
    kind = text("`rubric`, `yes-no`, `number`, `choice`, `multiple-choice` or `text`.")
    asked_if = text("When it is asked, in words; null: always.", **MAYBE)
    choices = some(fields.Nested(Choice), "Levels or options, in their order.")


class Section(Named):
    section = text("Code.")
    description = text("In the language asked for.", **MAYBE)
    questions = some(fields.Nested(Question), "Its questions, in their order.")


class Questionnaire(Named):
    questionnaire = text("Code.")
    version = text("Version.")
    description = text("In the language asked for.", **MAYBE)
    owner = text("In the language asked for.", **MAYBE)
    framework = text("Code of the framework that scores its answers.")
    place_types = some(fields.String(), "Types of places that answer it; null: all.", **MAYBE)
    questions = whole("How many questions it has.")
    definition_sha256 = text("Fingerprint of the definition.")


class QuestionnaireDetails(Questionnaire):
    sections = some(fields.Nested(Section), "Sections with their questions.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})
