"""The dataflows as they are now: their data, what of it is there, and all artefacts of the service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from threading import Lock

import polars as pl
from sqlalchemy.orm import Session

from cityindex.database import address_of, is_sqlite
from cityindex.definitions.catalogue import Text
from cityindex.formats.sdmx import flows as dataflows
from cityindex.formats.sdmx.artefacts import TIME, Artefact, Library
from cityindex.formats.sdmx.dataset import ALL_DIMENSIONS, SERIES, VALIDITY, DataSet
from cityindex.formats.sdmx.flows import TARGETS
from cityindex.queries.exchange.features import standing
from cityindex.queries.sdmx import structures as sdmx_structures
from cityindex.queries.sdmx.observations import observation_frames
from cityindex.queries.sdmx.scores import score_frames
from cityindex.queries.sdmx.targets import target_frames
from cityindex.queries.sdmx.wishes import KEY, Wish, without
from cityindex.queries.site import holds_demo
from cityindex.web.sdmx.asked import Asked
from cityindex.web.sdmx.conditions import check
from cityindex.web.sdmx.errors import NoResults, Syntax, TooLarge
from cityindex.web.session import application, database

MOST_REGROUPED = 500_000
"""Observations that are grouped by another dimension than time: that is done in memory."""


@dataclass(frozen=True, slots=True)
class Known:
    """A dataflow with the version of what it holds."""

    flow: Artefact
    structure: Artefact
    framework: str | None
    version: str


class _Libraries:
    """The artefacts by the version of what they describe; the last one is kept."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.key: tuple[str, ...] = ()
        self.made: Library | None = None

    def get(self, session: Session) -> Library:
        key = address_of(application().engine), version(session)
        with self.lock:
            if self.made is None or self.key != key:
                self.made, self.key = sdmx_structures.library(session, application().catalogue), key
            return self.made


_libraries = _Libraries()


def library() -> Library:
    return _libraries.get(database())


def known(name: str) -> Known:
    """A dataflow by its id. Raises `NoResults`."""
    there = dataflows.flows(application().catalogue)
    if name not in there:
        raise NoResults(f"there is no such dataflow; there are {', '.join(there)}")
    found = there[name]
    return Known(found.flow, found.structure, found.framework, version(database()))


def version(session: Session) -> str:
    """Of everything that is told: definitions, places, what is published and recorded."""
    definitions = application().catalogue.fingerprint[:12]
    return f"{definitions}-{standing(session).places}-{sdmx_structures.content_version(session)}"


def snapshot() -> Session:
    """A session that outlives the request, as its answer is read while it is sent: to be closed with the answer.

    It sees the database as it is now: what is published or recorded in the meantime is not mixed in.
    """
    session = application().sessions()
    if not is_sqlite(session):  # there, a transaction that reads sees one state anyway
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return session


def content(session: Session, one: Known, asked: Asked, *, with_names: bool) -> DataSet:
    """The data of a query. The first batch is read at once, so that an empty answer and errors are told as such."""
    frames = _frames(session, one, asked)
    first = next(frames, None)
    if first is None:
        raise NoResults("there is no data that the query asks for")
    batches: Iterator[pl.DataFrame] = chain([first], frames)
    if asked.at not in (TIME, ALL_DIMENSIONS):
        batches = iter([_together(batches)])
    return DataSet(
        flow=one.flow,
        structure=one.structure,
        batches=lambda: batches,
        prepared=datetime.now(UTC).replace(microsecond=0),
        at=asked.at,
        detail=asked.detail,
        names=_names(one.structure) if with_names else {},
        history=asked.wish.history,
        chosen=asked.attributes,
        test=holds_demo(session),
    )


def availability(one: Known, asked: Asked, component: str, mode: str) -> Artefact:
    """What there is of what a query asks for, as a constraint. Raises `NoResults`, `Syntax`.

    In mode `available`, the values of a dimension are those that data would be found for if it were asked for them
    instead, all else being equal.
    """
    dimensions = (*SERIES, TIME)
    if component not in ("all", "*", *dimensions):
        raise Syntax(f"there is no such component (write one of {', '.join(dimensions)})")
    held = library().find("contentconstraint", f"CR_{one.flow.id}")
    if held is None:
        raise NoResults("there is no data yet")
    values = dict(held.values) if asked.wish == Wish() else _held(one, asked, mode)
    wanted = values if component in ("all", "*") else {name: values[name] for name in values if name == component}
    return replace(held, values=wanted)


def _held(one: Known, asked: Asked, mode: str) -> dict[str, tuple[str, ...]]:
    if mode == "exact":
        return _values(_frames(database(), one, asked))
    wishes = {name: without(asked.wish, name) for name in (*KEY, TIME)}
    found = {name: _values(_frames(database(), one, replace(asked, wish=wish))) for name, wish in wishes.items()}
    return {"FREQ": ("A",), **{name: values[name] for name, values in found.items()}}


def _check_components(one: Known, asked: Asked) -> None:
    there = [each.id for each in one.structure.of_role("attribute")]
    if asked.attributes is not None and not asked.attributes <= set(there):
        raise Syntax(f"attributes: write all, none or some of {', '.join(there)}")
    for condition in asked.wish.conditions:
        check(condition, one.structure, () if asked.wish.history else VALIDITY)


def _frames(session: Session, one: Known, asked: Asked) -> Iterator[pl.DataFrame]:
    _check_components(one, asked)
    wish = asked.wish
    if not wish.years or wish.areas == frozenset() or wish.indicators == frozenset():
        return iter(())
    if one.flow.id == TARGETS:
        made = target_frames(session, application().catalogue, wish)
    elif one.framework is None:
        made = observation_frames(session, application().catalogue, wish)
    else:
        made = score_frames(session, one.framework, wish)
    return (frame for frame in made if frame.height)


def _together(frames: Iterator[pl.DataFrame]) -> pl.DataFrame:
    held, rows = [], 0
    for frame in frames:
        held.append(frame)
        rows += frame.height
        if rows > MOST_REGROUPED:
            raise TooLarge(
                f"more than {MOST_REGROUPED:,} observations are not grouped by another dimension than time "
                f"(ask for fewer, or for dimensionAtObservation={ALL_DIMENSIONS})"
            )
    return pl.concat(held)


def _values(frames: Iterator[pl.DataFrame]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {"REF_AREA": set(), "INDICATOR": set()}
    years: set[int] = set()
    for frame in frames:
        for name, codes in found.items():
            codes |= set(frame[name].unique().to_list())
        years |= set(frame[TIME].unique().to_list())
    if not years:
        raise NoResults("there is no data that the query asks for")
    listed = {name: tuple(sorted(codes)) for name, codes in found.items()}
    return {"FREQ": ("A",), **listed, TIME: (str(min(years)), str(max(years)))}


def _names(structure: Artefact) -> dict[str, dict[str, Text]]:
    """Names of the codes of every component that has a list."""
    held = library()
    lists = {one.id: held.artefacts.get(one.codelist) for one in structure.components if one.codelist}
    return {name: {item.id: item.name for item in scheme.items} for name, scheme in lists.items() if scheme}
