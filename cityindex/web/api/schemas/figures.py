"""What answers about observations, scores and the runs that computed them hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.definitions import TreeNode
from cityindex.web.api.schemas.parts import MAYBE, Named, Strict, moment, number, some, text, whole, yes


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


class PeerRank(Strict):
    shares = text("What they share: `place_type`, `population_band`, `region` or another attribute.")
    group = text("Which group of it.")
    rank = whole("1 is best.")
    rank_low = whole("Best rank in 90 of 100 repetitions; null where the run has no intervals.", **MAYBE)
    rank_high = whole("Worst rank in them.", **MAYBE)
    size = whole("How many places of the group are ranked.")


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
    peer_ranks = some(fields.Nested(PeerRank), "Its ranks on the index among places that share something with it.")
    peers = fields.Dict(metadata={"description": "What the peers share with the place, and how many they are."})
    pieces = some(fields.Nested(Piece), "Every node and indicator, the index first.")
    demo = yes("Whether it is computed from data made up for the demonstration.")
