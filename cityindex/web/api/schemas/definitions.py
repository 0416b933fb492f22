"""What answers about indicators, frameworks and code lists hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Reference, Strict, day, number, some, text, whole, yes


class Unit(Strict):
    code = text("See the code list `units`.", **MAYBE)
    name = text("In words, in the language asked for.")
    per = number("The value is per so many …", **MAYBE)
    denominator = text("… of this indicator, where the value is divided before it is scored.", **MAYBE)


class PeriodCoverage(Strict):
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    places = whole("Places with an observation.")
    values = whole("Places with a value.")


class Indicator(Named):
    indicator = text("Code.")
    theme = text("Code of the theme.", **MAYBE)
    definition = text("What is measured, in the language asked for.", **MAYBE)
    unit = fields.Nested(Unit, metadata={"description": "Of the value that is reported."})
    direction = text("`higher` or `lower` is better.")
    type = text("`measured`, `derived`, `rubric` or `yes-no`.")
    status = text("`scored`, `pilot` or `retired`.")
    formula = text("How it is computed from others.", **MAYBE)
    period_kind = text("`calendar-year` or `fiscal-year`.")
    frequency = text("How often it is reported.", **MAYBE)
    source = fields.Nested(Reference, metadata={"description": "Who reports it."}, **MAYBE)
    aligned_to = some(fields.String(), "Codes of strategies and goals.")
    frameworks = some(fields.String(), "Codes of the frameworks that score it.")
    verified_on = day("When the entry was confirmed; null: not yet.", **MAYBE)


class IndicatorDetails(Indicator):
    periods = some(fields.Nested(PeriodCoverage), "What there is of it.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})


class TreeNode(Named):
    node = text("Code.")
    parent = text("Code of the node above; null for the index.", **MAYBE)
    level = whole("Depth: 0 is the index.")
    is_indicator = yes("Whether it is an indicator.")
    weight = number("Its share among its siblings; null where a run computes it.", **MAYBE)
    effective_weight = number("Its share in the index, when nothing is missing; null where a run computes it.", **MAYBE)


class Framework(Named):
    framework = text("Code.")
    version = text("Version.")
    description = text("In the language asked for.", **MAYBE)
    owner = text("In the language asked for.", **MAYBE)
    period_kind = text("`calendar-year` or `fiscal-year`.")
    place_types = some(fields.String(), "Types of places that it scores; null: all.", **MAYBE)
    scale = some(fields.Float(), "Lowest and highest score.")
    definition_sha256 = text("Fingerprint of the definition.")
    periods = some(fields.Integer(), "Periods with a published edition, the newest first.")


class FrameworkDetails(Framework):
    nodes = some(fields.Nested(TreeNode), "The tree, parents before their children.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})


class CodelistItem(Named):
    code = text("Code.")
    aliases = some(fields.String(), "Other ways to write it.")
    group = text("What it is grouped under.", **MAYBE)
    parent = text("Code above it.", **MAYBE)


class Codelist(Named):
    codelist = text("Code.")
    size = whole("How many codes it has.")


class CodelistDetails(Codelist):
    codes = some(fields.Nested(CodelistItem), "The codes, in their order.")
