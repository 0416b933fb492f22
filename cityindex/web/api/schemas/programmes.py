"""What answers about programmes, rounds and assessments hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Reference, Strict, day, moment, text, whole, yes


class Programme(Named):
    programme = text("Code.")
    description = text("In the language asked for.", **MAYBE)
    owner = text("In the language asked for.", **MAYBE)
    framework = text("Code of the framework that scores its members.", **MAYBE)
    questionnaire = text("Code of its questionnaire.", **MAYBE)
    members = whole("Present members that this site knows.")
    source = fields.Nested(Reference, metadata={"description": "Where this is known from."}, **MAYBE)


class Member(Named):
    """`name` names the place."""

    programme = text("Code of the programme.")
    place = text("Code of the place.")
    place_type = text("See the code list `place-types`.")
    joined = text("Date of joining, as exactly as it is known.", **MAYBE)
    left = text("Date of leaving; null for a present member.", **MAYBE)
    note = text("What is said of it.", **MAYBE)
    source = text("Where this is known from.")
    demo = yes("Whether it is made up for the demonstration.")


class Round(Strict):
    round = whole("Number.")
    questionnaire = text("Code of the questionnaire.")
    version = text("Its version.")
    programme = text("Code of the programme.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    opened_at = moment("When it was opened.")
    deadline = day("Last day for submitting.")
    review_deadline = day("Last day for reviewing.")
    closed_at = moment("When it was closed; null while it goes on.", **MAYBE)
    invited = whole("Assessments in it; null before results of it are public, and where they are few.", **MAYBE)
    handed_in = whole("Of these, handed in now.", **MAYBE)
    approved = whole("Of these, approved now.", **MAYBE)
    demo = yes("Whether it is made up for the demonstration.")


class Assessment(Named):
    """`name` names the place."""

    assessment = whole("Number.")
    round = whole("Number of its round.")
    questionnaire = text("Code of the questionnaire.")
    programme = text("Code of the programme.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    place = text("Code of the place.")
    place_type = text("When the round was opened.")
    state = text("`open`, `submitted`, `returned`, `approved`, `published` or `appealed`.")
    since = moment("Since when it is in this state.")
    run = whole("The run that published it: its verified results are /api/v1/runs/RUN/scores?place=PLACE.", **MAYBE)
    demo = yes("Whether it is made up for the demonstration.")
