"""Targets and consultations in the words of pages: values, who set them, how far they are and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from markupsafe import Markup

from cityindex import charts
from cityindex.charts import ways
from cityindex.definitions.catalogue import Text
from cityindex.queries.participation.consultations import ConsultationRecord, Offer, Topic
from cityindex.queries.participation.targets import TargetRecord, TargetState, period_kind
from cityindex.web import words
from cityindex.web.filters import both_eras, number, period, score, translated, year
from cityindex.web.places.words import scored_value
from cityindex.web.session import application

OWNERS: Mapping[str, Any] = {
    "residents": lazy_gettext("proposed by residents"),
    "place": lazy_gettext("set by the place"),
    "province": lazy_gettext("set by the province"),
    "nation": lazy_gettext("set for the country"),
}
PROGRESS: Mapping[str, Any] = {
    "reached": lazy_gettext("reached"),
    "on-track": lazy_gettext("on track"),
    "behind": lazy_gettext("behind"),
    "cannot-be-told": lazy_gettext("cannot be told"),
}
MARKS: Mapping[str, str] = {"reached": "●", "on-track": "◐", "behind": "○", "cannot-be-told": "–"}
"""A shape beside the words, so that colour says nothing alone."""
WHY: Mapping[str, Any] = {
    "no-value": lazy_gettext("there is no value yet"),
    "no-start": lazy_gettext("there is no value to begin from"),
    "none-newer": lazy_gettext("there is no newer value since it was set"),
    "awaited": lazy_gettext("its year is over, and the value of that year is not known yet"),
    "over": lazy_gettext("its year is over"),
}
VERDICTS: Mapping[str, Any] = {
    "adopted": lazy_gettext("adopted"),
    "changed": lazy_gettext("adopted with another value"),
    "not-adopted": lazy_gettext("not adopted"),
}
GROUNDS: Mapping[str, Any] = {
    "personal": lazy_gettext("it is about a person"),
    "insult": lazy_gettext("it insults somebody"),
    "advertising": lazy_gettext("it advertises something"),
    "off-topic": lazy_gettext("it is about something else"),
    "danger": lazy_gettext("it calls for harm"),
}
DOORS: Mapping[str, Any] = {
    "email": lazy_gettext("a link by e-mail"),
    "openid": lazy_gettext("signing in with OpenID Connect"),
}


def name_of(code: str, framework: str = "") -> str:
    """The name of an indicator, or of a node with its framework; its code where it is defined no longer."""
    found = name_in_both(code, framework)
    return translated(found) if found else code


def name_in_both(code: str, framework: str = "") -> Text | None:
    catalogue = application().catalogue
    if not framework:
        return catalogue.indicators[code].name if code in catalogue.indicators else None
    entry = catalogue.frameworks.get(framework)
    if entry is None or code not in entry.names:
        return None
    name = entry.names[code]
    return Text(f"{name.th} ({entry.name.th})", f"{name.en} ({entry.name.en})")


def amount(value: float | None, code: str, framework: str = "") -> Any:
    """A value with its unit, as the profile of a place shows it; a score for a node."""
    catalogue = application().catalogue
    if framework or code not in catalogue.indicators:
        return score(value)
    return scored_value(value, catalogue.indicators[code])


def text_amount(value: float, code: str, framework: str = "") -> str:
    """The same as plain text, for charts and files."""
    catalogue = application().catalogue
    if framework or code not in catalogue.indicators:
        return gettext("%(score)s points", score=score(value))
    return words.with_unit(value, catalogue.indicators[code])


def unit_of(code: str, framework: str = "") -> str:
    """The unit of a value, for a column of a file."""
    catalogue = application().catalogue
    if framework or code not in catalogue.indicators:
        return gettext("points")
    return words.result_unit(catalogue.indicators[code])


def aim_words(value: float, code: str, better: float, framework: str = "") -> str:
    """`at least 42.7%`, `at most 17.3 µg/m³`."""
    shown = text_amount(value, code, framework)
    entry = application().catalogue.indicators.get(code)
    if not framework and entry is not None and entry.indicator.type == "yes-no":
        return shown
    return gettext("at least %(value)s", value=shown) if better > 0 else gettext("at most %(value)s", value=shown)


def by_words(one: TargetRecord) -> str:
    """The year by whose end a target is reached, as its kind of year."""
    return year_words(one.period, one.code, one.framework)


def year_words(by: int, code: str, framework: str = "") -> str:
    """A year as the kind of year that an indicator, or the framework of a node, has."""
    catalogue = application().catalogue
    defined = framework in catalogue.frameworks if framework else code in catalogue.indicators
    return period(by, period_kind(catalogue, framework, code)) if defined else year(by)


def progress_words(state: TargetState) -> str:
    """`on track: 38.7% in 2568, the line says 37.2%`, with the reason where nothing can be told."""
    told, one = state.told, state.target
    said = [str(PROGRESS[told.progress])]
    if told.why:
        said.append(str(WHY[told.why]))
    if told.value is not None and told.year is not None:
        newest = {"value": text_amount(told.value, one.code, one.framework), "year": year(told.year)}
        said.append(gettext("%(value)s in %(year)s", **newest))
    if line := line_words(state):
        said.append(line)
    return f"{said[0]}: {', '.join(said[1:])}" if said[1:] else said[0]


def line_words(state: TargetState) -> str:
    """`on the straight line 37.2%`, in the year of the newest value; empty where the line says nothing of it."""
    one = state.target
    if state.told.expected is None or _is_yes_or_no(one.code):
        return ""
    line = text_amount(round(state.told.expected, 6), one.code, one.framework)
    return gettext("on the straight line it would be %(value)s", value=line)


def _is_yes_or_no(code: str) -> bool:
    """Of which there is nothing in between, on a straight line or elsewhere."""
    entry = application().catalogue.indicators.get(code)
    return entry is not None and entry.indicator.type == "yes-no"


def way_of(state: TargetState, height: float = ways.HEIGHT, *, years: bool = False) -> Markup | None:
    """The picture of the way to a target; None where there is no value of the place up to its year.

    `years`: with the first and the last year below.
    """
    one, line = state.target, state.line
    readings = [_reading(one, at, value) for at, value in sorted(state.values.items()) if at <= one.period]
    if not readings:
        return None
    wanted = text_amount(one.value, one.code, one.framework)
    said = gettext("target %(value)s, %(year)s", value=wanted, year=year(one.period))
    begin = (line.start, line.begin) if line else None
    title = gettext("The way to the target: %(name)s", name=name_of(one.code, one.framework))
    ends = (year(readings[0].year), year(one.period)) if years else None
    picture = charts.Way(readings, one.period, one.value, said, begin, one.place, ends)
    drawn = charts.way(picture, charts.Caption(title, _described(state, readings, said)), height)
    return Markup(drawn)  # noqa: S704 (made by cityindex.charts)


def _reading(one: TargetRecord, at: int, value: float) -> charts.Reading:
    said = text_amount(value, one.code, one.framework)
    return charts.Reading(at, value, f"{translated(one)}, {both_eras(at)}: {said}")


def _described(state: TargetState, readings: Sequence[charts.Reading], said: str) -> str:
    return ". ".join(part for part in (*(one.said for one in readings), said, line_words(state)) if part)


def offer_words(offer: Offer) -> str:
    """Where a value that can be chosen comes from."""
    return {
        "same": gettext("as it is now"),
        "peers": gettext("the middle of similar places"),
        "quarter": gettext("what the best quarter of similar places have: can be done"),
        "own": gettext("a value of the municipality"),
    }[offer.kind]


def effect_words(offer: Offer, asked: ConsultationRecord) -> str:
    """What a value would do to the score: `score 68.5 → 70.1, rank 58 → 42`; nothing where it cannot be calculated."""
    if offer.score is None or asked.score is None or offer.kind == "same":
        return ""
    said = gettext("score %(was)s → %(now)s", was=score(asked.score), now=score(offer.score))
    if offer.rank is None or asked.rank is None:
        return said
    return gettext("%(score)s, rank %(was)s → %(now)s", score=said, was=number(asked.rank), now=number(offer.rank))


def score_words(asked: ConsultationRecord) -> str:
    """What the score and rank beside the values are, for whoever has never seen them; nothing where there is none."""
    entry = application().catalogue.frameworks.get(asked.framework)
    if asked.score is None or entry is None:
        return ""
    facts = {"framework": translated(entry.name), "score": score(asked.score)}
    if asked.rank is None:
        return gettext("Score: that of the %(framework)s, now %(score)s.", **facts)
    ranks = {"rank": number(asked.rank), "all": number(asked.ranked)}
    return gettext(
        "Score and rank: those of the %(framework)s, now %(score)s and rank %(rank)s of %(all)s.", **facts, **ranks
    )


def standing_words(topic: Topic) -> str:
    """Where the place stands among similar ones, in one sentence."""
    if topic.median is None:
        return gettext("Too few similar places have a figure to compare with.")
    middle = text_amount(topic.median, topic.code)
    if topic.value is None:
        return gettext("The place has no figure of this year; the middle of %(n)s similar places is %(middle)s.",
                       n=number(topic.peers), middle=middle)  # fmt: skip
    return gettext(
        "Better than %(behind)s of %(n)s similar places; the middle of them is %(middle)s.",
        behind=number(topic.behind), n=number(topic.peers), middle=middle,
    )  # fmt: skip
