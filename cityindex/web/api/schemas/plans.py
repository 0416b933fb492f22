"""What the answers about plans hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Strict, moment, number, some, text, whole, yes


class Money(Strict):
    period = whole("Fiscal year of the common era, by the year it ends in; null where no year is said.", **MAYBE)
    period_be = whole("The same year in the Buddhist era.", **MAYBE)
    baht = number("Baht.")


class PlanLine(Strict):
    """A line of a plan that its place shows to everybody. The place has written it; nobody has verified it."""

    line = whole("Its number.")
    place = text("Code of the place.")
    programme = text("The programme of the local development plan that it stands under.")
    what = text("What is done.")
    objective = text("What for.")
    output = text("What is made or done: how much of what, where.")
    outcome = text("What is expected to come of it.")
    owner = text("The office in charge.")
    budgets = some(fields.Nested(Money), "Baht by fiscal year; none where nothing is said.")
    ends = whole("Fiscal year in which it ends, of the common era.", **MAYBE)
    ends_be = whole("The same year in the Buddhist era.", **MAYBE)
    indicator = text("Code of the indicator that it is to improve.", **MAYBE)
    target = whole("Number of the target that it serves; see `/targets/{number}`.", **MAYBE)
    strategy = some(fields.String(), "Codes of strategies and master plans that it serves.")
    status = text("`planned`, `running`, `done` or `dropped`.")
    evidence = text("Where to see that it was done.")
    changed_at = moment("When it was changed last.")
    demo = yes("Whether it is made up for the demonstration.")
