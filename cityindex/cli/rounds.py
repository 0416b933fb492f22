"""`cityindex round`: open, close and publish a round of self-assessment, and say where it stands."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from cityindex.calendars import read_date
from cityindex.cli.output import application, emit, json_option, say
from cityindex.cli.runs import read_period
from cityindex.errors import NotFound

if TYPE_CHECKING:
    from cityindex.queries.assessments.rounds import RoundRecord

DAYS_TO_ANSWER = 60
programme_option = click.option(
    "--programme", help="The programme whose members answer; default: the one that uses it."
)


@click.group("round")
def round_() -> None:
    """Rounds of self-assessment. PERIOD is a year of the common era, or a Buddhist one, which is said back."""


@round_.command("open")
@click.argument("questionnaire")
@click.argument("period")
@programme_option
@click.option("--deadline", metavar="DATE", help=f"Last day for submitting; default: in {DAYS_TO_ANSWER} days.")
@click.option("--review-deadline", metavar="DATE", help="Last day for reviewing; default: 30 days later.")
@click.option("--appeal-days", type=click.IntRange(1), default=15, show_default=True, help="Time for an appeal.")
@click.option("--second-share", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Second reviews.")
@json_option
def open_(  # noqa: PLR0913 (one a setting of a round)
    *,
    questionnaire: str,
    period: str,
    programme: str | None,
    deadline: str | None,
    review_deadline: str | None,
    appeal_days: int,
    second_share: float,
    as_json: bool,  # noqa: ARG001 (emit reads it)
) -> None:
    """Open a round of QUESTIONNAIRE for PERIOD: an assessment for every member that can answer it."""
    from cityindex.services.assessments.rounds import NewRound

    app = application()
    year = read_period(app.catalogue.questionnaire(questionnaire).questionnaire.framework, period)
    last = _date(deadline) or _in_days(DAYS_TO_ANSWER)
    if deadline is None:
        say(f"deadline: {last} (--deadline says otherwise)")
    new = NewRound(questionnaire, year, last, programme, _date(review_deadline), appeal_days, second_share)
    done = app.rounds.open(new, None)
    emit(
        {"round": done.round, "assessments": done.assessments, "carried": done.carried, "deadline": last.isoformat()},
        f"round {done.round}: {done.assessments} assessments, {done.carried} answers of the round before to confirm",
    )


@round_.command()
@click.argument("questionnaire")
@click.argument("period")
@programme_option
@json_option
def close(questionnaire: str, period: str, programme: str | None, as_json: bool) -> None:  # noqa: ARG001
    """End answering for everybody; reviews, returns and appeals go on."""
    record = _round(questionnaire, period, programme)
    waiting = application().rounds.close(record.id, None)
    emit({"round": record.id, "not_submitted": waiting}, f"round {record.id} closed; {waiting} were not submitted")


@round_.command()
@click.argument("questionnaire")
@click.argument("period")
@programme_option
@json_option
def publish(questionnaire: str, period: str, programme: str | None, as_json: bool) -> None:  # noqa: ARG001
    """Publish every approved assessment: score the framework from their verified answers, make it the edition."""
    record = _round(questionnaire, period, programme)
    done = application().results.publish(record.id, None)
    emit(
        {
            "round": record.id,
            "run": done.run,
            "published": done.published,
            "assessments": done.assessments,
            "withdrawn": done.withdrawn,
        },
        f"run {done.run} is the edition: {done.assessments} assessments, {done.published} of them new",
    )


@round_.command("list")
@json_option
def list_(as_json: bool) -> None:  # noqa: ARG001 (emit reads it)
    """Every round, with how many assessments are in which state."""
    from cityindex.models import Round
    from cityindex.queries.assessments.rounds import assessments, rounds

    with application().sessions() as session:
        found = [
            (one, Counter(each.standing.state.value for each in assessments(session, Round.id == one.id)))
            for one in rounds(session)
        ]
    lines = [f"{one.id}: {_title(one)}: {_counts(states)}" for one, states in found]
    rows = [
        {"round": one.id, "questionnaire": one.questionnaire, "period": one.period, "programme": one.programme}
        | {"states": states, "closed": one.closed_at is not None}
        for one, states in found
    ]
    emit({"rounds": rows}, "\n".join(lines) or "no round was opened yet")


def _round(questionnaire: str, period: str, programme: str | None) -> RoundRecord:
    from cityindex.queries.assessments.rounds import rounds

    app = application()
    year = read_period(app.catalogue.questionnaire(questionnaire).questionnaire.framework, period)
    with app.sessions() as session:
        every = rounds(session, programme)
    found = [one for one in every if (one.questionnaire, one.period) == (questionnaire, year)]
    if len(found) != 1:
        what = "more than one: name it with --programme" if found else "`cityindex round list` shows what there is"
        raise NotFound(f"no single round of {questionnaire} for {year}: {what}")
    return found[0]


def _date(text: str | None) -> date | None:
    return None if text is None else read_date(text).first


def _in_days(days: int) -> date:
    from cityindex.calendars import day_of
    from cityindex.models import now

    return day_of(now()) + timedelta(days=days)


def _title(one: RoundRecord) -> str:
    closed = f"closed {one.closed_on}" if one.closed_on else f"due {one.deadline}"
    return f"{one.questionnaire} {one.version} {one.period} {one.programme}, {closed}{' DEMO' if one.demo else ''}"


def _counts(states: Counter[str]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "empty"
