"""`cityindex run`, `publish` and `rollback`: from stored observations to what the public sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cityindex.calendars import FIRST_BUDDHIST_YEAR, common_year, show_period
from cityindex.cli.output import application, emit, json_option, say

if TYPE_CHECKING:
    from cityindex.queries.runs.editions import RunRecord

OPERATOR = "command line"
"""Who did it, where nobody has signed in."""


@click.command()
@click.argument("framework")
@click.argument("period")
@json_option
def run(framework: str, period: str, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Score FRAMEWORK for PERIOD from the stored observations. Prints the id of the new run.

    PERIOD is a year of the common era, or a Buddhist one (2566), which is said back.
    """
    from cityindex.queries.runs.editions import run_record

    app = application()
    year = read_period(framework, period)
    made = app.scoring.run(framework, year, OPERATOR)
    with app.sessions() as session:
        record = run_record(session, made)
    _tell(record)
    emit(_json(record), str(made))


@click.command()
@click.argument("run_id", metavar="RUN", type=int)
@click.option("--mark", type=click.Choice(["provisional", "final"]), help="how sure its figures are")
@click.option("--what", default="", metavar="TEXT", help="what a correction changed, in Thai")
@click.option("--why", default="", metavar="TEXT", help="why, in Thai")
@json_option
def publish(run_id: int, mark: str | None, what: str, why: str, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Make RUN the public edition of its framework and period. What is said of it stands for good."""
    from cityindex.services.runs.publication import Terms

    done = application().publishing.publish(run_id, OPERATOR, Terms(mark or "", what, why))
    instead = f", instead of run {done.before}" if done.before else ""
    emit(
        {"run": done.run, "framework": done.framework, "period": done.period, "before": done.before},
        f"run {done.run} is the edition of {done.framework} {done.period}{instead}",
    )


@click.command()
@click.argument("framework")
@click.argument("period")
@json_option
def rollback(framework: str, period: str, as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Go back to the edition of FRAMEWORK and PERIOD before the one in force; if it was the first, withdraw it."""
    app = application()
    done = app.publishing.rollback(framework, read_period(framework, period), OPERATOR)
    now = f"run {done.run} is the edition again" if done.run else "it was the first, so nothing is public now"
    emit(
        {"run": done.run, "framework": done.framework, "period": done.period, "before": done.before},
        f"{done.framework} {done.period}: run {done.before} withdrawn; {now}",
    )


def read_period(framework: str, period: str) -> int:
    """The year that is meant; a Buddhist one is said back."""
    year = common_year(period)
    if int(period) >= FIRST_BUDDHIST_YEAR:
        entry = application().catalogue.frameworks.get(framework)
        fiscal = entry is not None and entry.framework.period == "fiscal-year"
        say(f"{'fiscal year' if fiscal else 'year'} {int(period)} = {year}")
    return year


def _tell(record: RunRecord) -> None:
    counts = record.summary
    kind = application().catalogue.framework(record.framework).framework.period
    label = " DEMO" if record.demo else ""
    say(
        f"{record.framework} {record.version}, {show_period(record.period, kind, 'en')}:{label} "
        f"{counts['places']} places, {counts['scored']} scored, {counts['ranked']} ranked"
    )
    for warning in counts["warnings"]:
        say(f"warning: {warning}")


def _json(record: RunRecord) -> dict[str, object]:
    counts = {name: record.summary[name] for name in ("places", "scored", "ranked", "warnings", "frozen")}
    return {
        "run": record.id,
        "framework": record.framework,
        "version": record.version,
        "period": record.period,
        "demo": record.demo,
        "data": record.data,
        "definition": record.definition,
        **counts,
    }
