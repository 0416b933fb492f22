"""What the answers about targets hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Strict, moment, number, some, text, whole, yes


class TargetRevision(Strict):
    revision = whole("Counted from 1.")
    value = number("The value that was to be reached; null where the target was taken back.", **MAYBE)
    reason = fields.String(metadata={"description": "Why, in the words of who set it."})
    set_at = moment("When it was set.")


class Target(Named):
    """`name` names the place."""

    target = whole("Its number.")
    place = text("Code of the place.")
    framework = text("Code of the framework of a node; null for an indicator.", **MAYBE)
    indicator = text("Code of the indicator or node.")
    period = whole("Year of the common era; a fiscal year by the year it ends in.")
    period_be = whole("The same year in the Buddhist era.")
    value = number("The value to reach, in `unit`; a score for a node.")
    unit = text("Unit of `value` in words.")
    owner = text("Who sets it: `residents` (a proposal), `place`, `province` or `nation`.")
    progress = text("`reached`, `on-track`, `behind` or `cannot-be-told`; see /targets/method.")
    progress_why = text("What is missing where it cannot be told; `over` where its year has ended.", **MAYBE)
    newest = number("The newest value of the place up to that year.", **MAYBE)
    newest_period = whole("The year of that value.", **MAYBE)
    start_period = whole("The year from whose value progress is counted.", **MAYBE)
    expected = number("Where the straight line to the target is in the year of the newest value.", **MAYBE)
    reason = fields.String(metadata={"description": "Why, in the words of who set it."})
    consultation = whole("The consultation that it came from.", **MAYBE)
    revision = whole("Counted from 1.")
    set_at = moment("When it was set.")
    demo = yes("Whether it is made up for the demonstration.")


class TargetDetails(Target):
    revisions = some(fields.Nested(TargetRevision), "Everything that was said of it, the newest first.")


class SaidOfTarget(Named):
    """One revision of a target. `name` names the place."""

    target = whole("Its number.")
    place = text("Code of the place.")
    framework = text("Code of the framework of a node; null for an indicator.", **MAYBE)
    indicator = text("Code of the indicator or node.")
    period = whole("Year of the common era; a fiscal year by the year it ends in.")
    period_be = whole("The same year in the Buddhist era.")
    value = number("The value that was to be reached; null where the target was taken back.", **MAYBE)
    unit = text("Unit of `value` in words.")
    owner = text("Who sets it: `residents` (a proposal), `place`, `province` or `nation`.")
    reason = fields.String(metadata={"description": "Why, in the words of who set it."})
    consultation = whole("The consultation that it came from.", **MAYBE)
    revision = whole("Counted from 1.")
    in_force = yes("Whether it is the target now: nothing has followed it, and it is not taken back.")
    set_at = moment("When it was set.")
    demo = yes("Whether it is made up for the demonstration.")
