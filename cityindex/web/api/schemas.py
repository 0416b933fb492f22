"""What the answers hold, for the OpenAPI document. Items have all of these fields unless `fields` asks for some."""

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


class Code(Strict):
    scheme = text("Whose code it is: `dla`, `tis1099`, `nso` …")
    code = text("The code.")
    in_force = yes("Whether it holds now.")
    valid_from = day("Since when, where that is known.", **MAYBE)
    valid_to = day("Until when, where that is known.", **MAYBE)


class Spell(Named):
    place_type = text("What the place was.")
    code = text("Its code then.")
    valid_from = day("Since when, where that is known.", **MAYBE)
    valid_to = day("Until when, where that is known.", **MAYBE)


class Membership(Strict):
    programme = text("Code of the programme or network.")
    joined = text("Date of joining, as exactly as it is known: 2020, 2020-10 or 2020-10-31.", **MAYBE)
    left = text("Date of leaving; null for a present member.", **MAYBE)
    source = text("Where this is known from.")


class Place(Named):
    place = text("Code: seven digits of a local government, two of a province, four of a district.")
    place_type = text("See the code list `place-types`.")
    province = text("Code of the province.", **MAYBE)
    province_name = text("Its name in the language asked for.", **MAYBE)
    district = text("Code of the district.", **MAYBE)
    latitude = number("WGS 84.", **MAYBE)
    longitude = number("WGS 84.", **MAYBE)
    area_km2 = number("Area in square kilometres.", **MAYBE)
    population = whole("Registered population, as the register of places has it.", **MAYBE)
    valid_from = day("Since when the place exists as it is.", **MAYBE)
    valid_to = day("Until when it existed; null for one that exists.", **MAYBE)
    source = text("Where this is known from.")
    demo = yes("Whether it is made up for the demonstration.")


class PlaceDetails(Place):
    codes = some(fields.Nested(Code), "All its codes, those in force first.")
    before = some(fields.Nested(Spell), "What it was before, the latest first.")
    memberships = some(fields.Nested(Membership), "Programmes and networks, present and past.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})


class Unit(Strict):
    code = text("See the code list `units`.", **MAYBE)
    name = text("In words, in the language asked for.")
    per = number("The value is per so many …", **MAYBE)
    denominator = text("… of this indicator, where the value is divided before it is scored.", **MAYBE)


class Score(Named):
    """`name` names the place."""

    place = text("Code of the place.")
    place_type = text("As the run knew it.")
    province = text("Code of the province, as the run knew it.", **MAYBE)
    framework = text("Code of the framework.")
    period = whole("Year of the common era; a fiscal year by the year it ends in.")
    period_be = whole("The same year in the Buddhist era.")
    node = text("Code of the node or indicator; `level` 0 is the index.")
    node_name = text("Its name in the language asked for.")
    level = whole("Depth in the tree: 0 is the index.")
    is_indicator = yes("Whether it is an indicator, which has a value, too.")
    value = number("Of an indicator, in `unit`; null where there is none, never zero instead.", **MAYBE)
    unit = text("Unit of `value` in words.", **MAYBE)
    score = number("On the framework's scale; null where `flag` says why.", **MAYBE)
    rank = whole("1 is best; null where the place is not ranked.", **MAYBE)
    rank_low = whole("Best rank in 90 of 100 repetitions with other choices of the method; of the index only.", **MAYBE)
    rank_high = whole("Worst rank in them.", **MAYBE)
    coverage = number("Share of the weight for which there are values, 0 to 1.", **MAYBE)
    band = text("Band of the index.", **MAYBE)
    status = text("SDMX CL_OBS_STATUS; see the code list `observation-status`.")
    flag = text("Why a score is missing, or what to know about it; empty for an ordinary one.")
    edition = text("Version of the framework.")
    run = whole("The run that computed it: /api/v1/runs/RUN/scores never changes.")
    mark = text("`provisional` or `final`, as it was said with the publication; empty where nothing was said.")
    corrects = whole("The run that this one corrects; /api/v1/runs/RUN says what changed and why.", **MAYBE)
    demo = yes("Whether it is computed from data made up for the demonstration.")


class Observation(Named):
    """`name` names the place."""

    indicator = text("Code of the indicator.")
    indicator_name = text("Its name in the language asked for.")
    place = text("Code of the place.")
    period = whole("Year of the common era; a fiscal year by the year it ends in.")
    period_be = whole("The same year in the Buddhist era.")
    period_kind = text("`calendar-year` or `fiscal-year`.")
    value = number("In `unit`; null where `status` says why.", **MAYBE)
    unit = text("Code of the unit; see the code list `units`.", **MAYBE)
    status = text("SDMX CL_OBS_STATUS; see the code list `observation-status`.")
    source = text("Where the value comes from, in the words of who brought it in.")
    revision = whole("0 for the first value; counted up when it is corrected.")
    in_force = yes("Whether no later revision has taken its place.")
    recorded_at = moment("When it was recorded.")
    recording = whole("Number of the recording.")
    demo = yes("Whether it is made up for the demonstration.")


class Reference(Strict):
    name = text("Name, in the language asked for.")
    url = text("Address.", **MAYBE)
    licence = text("Licence; null where the source states none.", **MAYBE)


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


class Run(Named):
    """`name` names the framework."""

    id = whole("Number of the run.")
    framework = text("Code of the framework.")
    version = text("Its version.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    period_kind = text("`calendar-year` or `fiscal-year`.")
    published = yes("Whether it is the edition in force.")
    published_at = moment("When it was published.")
    made_at = moment("When it was computed.")
    edition_status = text("`provisional` or `final`; null where nothing is said.", **MAYBE)
    corrects = whole("The run that it corrects; null where it is no correction.", **MAYBE)
    what_changed_th = text("What the correction changed, in Thai.", **MAYBE)
    what_changed_en = text("The same in English, where it was written.", **MAYBE)
    why_th = text("Why, in Thai.", **MAYBE)
    why_en = text("The same in English, where it was written.", **MAYBE)
    followed_by = whole("The run that took its place.", **MAYBE)
    places = whole("Places that it holds.")
    scored = whole("Places with a score.")
    ranked = whole("Places with a rank.")
    definition_sha256 = text("Fingerprint of the definition that was used.")
    data_sha256 = text("Fingerprint of the data that were used.")
    made_with = text("Versions of the program.")
    demo = yes("Whether it is computed from data made up for the demonstration.")


class RunDetails(Run):
    nodes = some(fields.Nested(TreeNode), "The tree as it was, parents before their children.")
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "Further addresses."})


class Piece(Strict):
    node = text("Code of the node or indicator.")
    name = text("Its name in the language asked for.")
    parent = text("Code of the node above; null for the index.", **MAYBE)
    is_indicator = yes("Whether it is an indicator.")
    score = number("Its score; null where `flag` says why.", **MAYBE)
    weight = number("In this score, after the weight of missing siblings went to the others.")
    contribution = number("Its part of the score of the index: the parts below a node sum to its own.")
    value = number("Of an indicator.", **MAYBE)
    median = number("Median score of the peers.", **MAYBE)
    value_median = number("Median value of the peers.", **MAYBE)
    difference = number("Score less the median.", **MAYBE)
    effect = number("What that gives or takes in the index.", **MAYBE)
    peers = whole("Peers with a score there.")
    flag = text("Why a score is missing, or what to know about it.")


class Explanation(Named):
    """`name` names the place."""

    place = text("Code of the place.")
    framework = text("Code of the framework.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    run = whole("The run that computed it.")
    score = number("Of the index.")
    rank = whole("Of the index; 0 where the place is not ranked.")
    rank_low = whole("Best rank in 90 of 100 repetitions with other choices of the method; of the index only.", **MAYBE)
    rank_high = whole("Worst rank in them.", **MAYBE)
    peers = fields.Dict(metadata={"description": "What the peers share with the place, and how many they are."})
    pieces = some(fields.Nested(Piece), "Every node and indicator, the index first.")
    demo = yes("Whether it is computed from data made up for the demonstration.")


class Trait(Strict):
    trait = text("`population`, `density`, `revenue`, `place_type` or `region`.")
    mine = fields.Raw(metadata={"description": "Of the place that was asked for; null where it is not known."}, **MAYBE)
    other = fields.Raw(metadata={"description": "Of this place; null where it is not known."}, **MAYBE)


class SimilarPlace(Named):
    place = text("Code of the place.")
    place_type = text("See the code list `place-types`.")
    province = text("Code of the province.", **MAYBE)
    distance = number("0: the same in all traits; 1: as far apart as two places by chance.")
    traits = some(fields.Nested(Trait), "Why: every trait that places are compared by.")
    demo = yes("Whether it is made up for the demonstration.")


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
    invited = whole("Assessments in it; null where there are too few to be counted in public.", **MAYBE)
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


class Change(Strict):
    change = whole("Its number: later ones are higher.")
    kind = text("`recording` of values, or `publication` of an edition.")
    at = moment("When it happened.")
    recording = whole("Number of the recording.", **MAYBE)
    rows = whole("Values that it brought.", **MAYBE)
    source = text("Where they come from, in the words of who brought them in.", **MAYBE)
    framework = text("Framework of the edition.", **MAYBE)
    version = text("Its version.", **MAYBE)
    period = whole("Year of the common era.", **MAYBE)
    period_be = whole("The same year in the Buddhist era.", **MAYBE)
    run = whole("The run that is public from then on; null: none is.", **MAYBE)
    action = text("`published` or `rolled-back`.", **MAYBE)
    demo = yes("Whether it is made up for the demonstration.")


class Failure(Strict):
    at = moment("When it happened.")
    detail = text("What happened, as JSON.")


class Agreement(Named):
    agreement = text("Code.")
    version = text("Its version.")
    status = text("`draft`, `active` or `ended`.")
    direction = text("`send`: from here to the partner; `receive`: from the partner to here.")
    partner = text("Name of the partner, in the language asked for.")
    legal_basis = text("The legal ground, in the language asked for.")
    indicators = some(fields.String(), "Codes of the indicators; none where it is about scores.")
    scores = some(fields.String(), "Codes of the frameworks whose scores it is about.")
    frequency = text("How often: `daily`, `weekly`, `monthly`, `quarterly` or `yearly`.")
    demo = yes("Whether it is about data made up for the demonstration.")
    last_run = moment("When the schedule last ran here.", **MAYBE)
    last_outcome = text("How that ended: `done`, `failed` or `interrupted`.", **MAYBE)
    next_run = moment("When it runs next.", **MAYBE)
    last_sequence = whole("Number of the last delivery with a receipt; 0: none yet.")
    last_settled_at = moment("When that receipt was written or stored.", **MAYBE)
    rows = whole("Rows of that delivery.", **MAYBE)
    waiting = whole("Number of the delivery that waits or was given up.", **MAYBE)
    error = text("Why its last try failed.")
    behind_since = moment("Since when values came in here that were not delivered; of what is sent.", **MAYBE)
    failures = some(fields.Nested(Failure), "What was refused or failed, the newest first.")


class Delivery(Strict):
    delivery = whole("Its number here.")
    agreement = text("Code of the agreement.")
    direction = text("`send` or `receive`, seen from here.")
    sequence = whole("Its number under the agreement: 1, 2, 3 without a gap.")
    state = text("`waiting`, `accepted`, `given-up` or `applied`.")
    rows = whole("Rows in it.")
    accepted = whole("Rows that were taken.", **MAYBE)
    rejected = whole("Rows that were not taken: the receipt has the reasons.", **MAYBE)
    sha256 = text("Of the rows as they travel.")
    demo = yes("Whether it is made up for the demonstration.")
    made_at = moment("When it was built.")
    settled_at = moment("When its receipt was written or stored.", **MAYBE)
    tries = whole("Tries that failed.")
    next_try_at = moment("When it is tried again.", **MAYBE)
    error = text("Why the last try failed.")
    manifest = text("Signed by the sender (JWS).")
    receipt = text("Signed by the receiver (JWS).", **MAYBE)


class Receipt(Strict):
    agreement = text("Code of the agreement.", required=True)
    sequence = whole("Number of the delivery.", required=True)
    rows = whole("Rows in it.", required=True)
    rejected_rows = whole("Rows that were not taken.", required=True)
    again = yes("Whether it was applied before.")
    receipt = text("Signed (JWS): it lists the rows that were not taken, with reason and cure.", required=True)


class Comment(Named):
    """`name` names the place."""

    comment = whole("Its number.")
    agreement = text("Code of the agreement.")
    reference = text("Your own name for the comment.")
    place = text("Code of the place.")
    indicator = text("Code of the indicator.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    made_at = moment("When it came.")
    answer = fields.String(metadata={"description": "What the place answered; null: not yet."}, **MAYBE)
    answered_at = moment("When it answered.", **MAYBE)
    text = fields.String(metadata={"description": "What you say about the value."})


class CommentTaken(Strict):
    comment = whole("Its number.", required=True)
    again = yes("Whether it was taken before.")


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
