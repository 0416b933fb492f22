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


class Statuses(Strict):
    planned = whole("Lines that are planned.")
    running = whole("Lines that are being done.")
    done = whole("Lines that are done.")
    dropped = whole("Lines that were given up.")


class ShownPlan(Strict):
    """A plan that its place shows to everybody, as a whole; `/places/{code}/plan` has its lines."""

    place = text("Code of the place.")
    place_type = text("See the code list `place-types`.")
    province = text("Code of the province.", **MAYBE)
    lines = whole("How many lines it has.")
    statuses = fields.Nested(Statuses, metadata={"description": "How many lines are how far."})
    years = some(fields.Integer(), "Fiscal years that it has money for or in which a line ends, of the common era.")
    years_be = some(fields.Integer(), "The same years in the Buddhist era.")
    baht = number("Baht of all years, without what was given up; null where no line says any.", **MAYBE)
    shown_since = moment("When its place began to show it.")
    changed_at = moment("When it was changed last.", **MAYBE)
    page = text("Address of its page.")
    demo = yes("Whether it is made up for the demonstration.")
