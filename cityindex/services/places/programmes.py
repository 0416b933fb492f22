"""Programmes: who is a member, since when. Imported, never guessed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from cityindex.calendars import ReadDate, read_date
from cityindex.definitions.catalogue import Programme
from cityindex.errors import Invalid, NotFound
from cityindex.formats.problems import Problems
from cityindex.models import AuditEvent, Membership
from cityindex.models.codes import own_code, own_scheme
from cityindex.services.observations.columns import Columns, map_columns, scheme_of_attribute
from cityindex.services.places.known_places import KnownPlace, KnownPlaces, known_places
from cityindex.services.places.match_report import MatchReport, Outcome, RowMatch, bad_rows, refuse
from cityindex.services.places.places import Rows
from cityindex.thai import arabic_digits

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

ATTRIBUTES = ("place", "joined", "left", "note", "source")
FINER = {"year": 0, "month": 1, "day": 2}


@dataclass(frozen=True)
class MembersImport:
    """How to read a list of members. `file` is the name to report under."""

    file: str
    by: str
    columns: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    dry_run: bool = False
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A row of the list."""

    line: int
    place: KnownPlace
    joined: ReadDate | None
    left: ReadDate | None
    note: str | None
    source: str | None


class Programmes:
    """Use cases of whoever keeps the lists of members."""

    def __init__(self, sessions: sessionmaker[Session], programmes: Mapping[str, Programme]) -> None:
        self.sessions = sessions
        self.programmes = programmes

    def import_members(self, programme: str, table: Rows, how: MembersImport) -> MatchReport:
        """Add members and complete what is known of them, in one transaction; a dry run only matches.

        Members that the file does not name stay. Raises `NotFound` for an unknown programme, and `Invalid` with every
        bad row, in which case nothing changes.
        """
        if programme not in self.programmes:
            raise NotFound(f"there is no programme {programme}: there are {', '.join(self.programmes)}")
        columns = map_columns(table.header, how.columns, ATTRIBUTES)
        problems = Problems(how.file)
        with self.sessions() as session:
            reader = _Reader(known_places(session, to_change=not how.dry_run), columns, problems)
            members = reader.read(table.rows())
            stored = _stored(session, programme)
            plan = [_compare(member, stored[member.place.id], problems) for member in members]
            rows = tuple(_row(step) for step in plan)
            rejected = [RowMatch(line, "", "rejected") for line in sorted(bad_rows(problems.kept))]
            refuse(problems, [*rejected, *(row for row in rows if row.row not in bad_rows(problems.kept))])
            notes = tuple(f"{text} was read as {read}" for text, read in reader.buddhist.items())
            report = MatchReport(how.file, how.dry_run, rows, columns.ignored, notes)
            if not how.dry_run:
                _write(session, (programme, how), plan)
                detail = json.dumps({"programme": programme, **report.counts})
                session.add(AuditEvent(actor=how.by, action="import-members", subject=how.file, detail=detail))
                session.commit()
        return report


class _Reader:
    def __init__(self, known: KnownPlaces, columns: Columns, problems: Problems) -> None:
        self.known, self.columns, self.problems = known, columns, problems
        self.buddhist: dict[str, str] = {}
        self.code_columns = [
            (column, name)
            for column, name in columns.attributes.items()
            if name == "place" or scheme_of_attribute(name)
        ]
        if not self.code_columns:
            raise Invalid("the file has no column `place` (the place's code): name it, or map one to it")

    def read(self, rows: Iterable[tuple[int, Mapping[str, str]]]) -> list[Member]:
        members = [member for line, cells in rows if (member := self._member(line, cells))]
        of_place: dict[int, list[Member]] = defaultdict(list)
        for member in members:
            of_place[member.place.id].append(member)
        for several in of_place.values():
            self._check_one_after_another(sorted(several, key=lambda m: (_first(m.joined), m.line)))
        return members

    def _member(self, line: int, cells: Mapping[str, str]) -> Member | None:
        place = self._place(line, cells)
        joined, left = self._date(line, cells, "joined"), self._date(line, cells, "left")
        if joined and left and left.first < joined.first:
            self._add(line, "left", str(left), ("it left before it joined", "correct one of the dates"))
        texts = {name: cells.get(self.columns.of(name), "").strip() or None for name in ("note", "source")}
        return Member(line, place, joined, left, **texts) if place else None

    def _place(self, line: int, cells: Mapping[str, str]) -> KnownPlace | None:
        found = {
            p.id: p for column, name in self.code_columns if cells[column] for p in self._with(name, cells[column])
        }
        if len(found) == 1:
            return next(iter(found.values()))
        column = self.code_columns[0][0]
        who = " and ".join(str(place) for place in found.values())
        reason = f"its codes belong to {who}" if found else "no place has this code"
        self._add(line, column, cells[column], (reason, "correct the code, or import the place first"))
        return None

    def _with(self, attribute: str, text: str) -> list[KnownPlace]:
        scheme = scheme_of_attribute(attribute)
        if scheme:
            return self.known.find(scheme, arabic_digits(text).strip())
        code = own_code(text)
        return self.known.find(own_scheme(code), code)

    def _date(self, line: int, cells: Mapping[str, str], attribute: str) -> ReadDate | None:
        text = cells.get(self.columns.of(attribute), "").strip()
        if not text:
            return None
        try:
            read = read_date(arabic_digits(text))
        except Invalid as error:
            self._add(line, self.columns.of(attribute), text, ("it is not a date", str(error)))
            return None
        if read.buddhist:
            self.buddhist[text] = str(read)
        return read

    def _check_one_after_another(self, spells: list[Member]) -> None:
        for before, after in pairwise(spells):
            if not (before.left and after.joined and before.left.first <= after.joined.first):
                reason = f"line {before.line} says that {before.place} is a member at that time"
                self._add(after.line, "place", after.place.code, (reason, "keep one row, or say when it left"))

    def _add(self, line: int, column: str, value: str, said: tuple[str, str]) -> None:
        self.problems.add(*said, row=line, column=column, value=value)


@dataclass(frozen=True, slots=True)
class _Step:
    member: Member
    stored: Membership | None
    values: dict[str, Any]


def _stored(session: Session, programme: str) -> Mapping[int, list[Membership]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    for membership in session.scalars(select(Membership).where(Membership.programme == programme)):
        found[membership.place_id].append(membership)
    return found


def _compare(member: Member, stored: Iterable[Membership], problems: Problems) -> _Step:
    spells = list(stored)
    same = next((spell for spell in spells if _same_time(spell, member.joined)), None)
    if same:
        return _Step(member, same, _completed(same, member))
    held = next((spell for spell in spells if spell.left is None), None)
    if held:
        reason = f"{member.place} is a member since {held.joined} already"
        problems.add(reason, "first say when it left", row=member.line, column="joined", value=str(member.joined or ""))
    return _Step(member, None, _values(member))


def _same_time(stored: Membership, joined: ReadDate | None) -> bool:
    if stored.joined is None or joined is None:
        return True
    length = {"year": 4, "month": 7, "day": 10}[min(stored.joined_precision, joined.precision, key=FINER.__getitem__)]
    return stored.joined.isoformat()[:length] == joined.first.isoformat()[:length]


def _values(member: Member) -> dict[str, Any]:
    said = {
        "joined": member.joined.first if member.joined else None,
        "joined_precision": member.joined.precision if member.joined else None,
        "left": member.left.first if member.left else None,
        "left_precision": member.left.precision if member.left else None,
        "note": member.note,
        "source": member.source,
    }
    return {name: value for name, value in said.items() if value is not None}


def _completed(stored: Membership, member: Member) -> dict[str, Any]:
    """What the row adds to or corrects in a membership; a date known less exactly changes nothing."""
    values = _values(member)
    if member.joined and stored.joined and FINER[member.joined.precision] < FINER[stored.joined_precision]:
        del values["joined"], values["joined_precision"]
    return {name: value for name, value in values.items() if getattr(stored, name) != value}


def _row(step: _Step) -> RowMatch:
    outcome: Outcome = "new" if step.stored is None else "changed" if step.values else "matched"
    told = ", ".join(f"{name}: {value}" for name, value in step.values.items()) if outcome == "changed" else ""
    return RowMatch(step.member.line, step.member.place.code, outcome, told)


def _write(session: Session, said: tuple[str, MembersImport], plan: Iterable[_Step]) -> None:
    programme, how = said
    for step in plan:
        if step.stored is not None and step.values:
            session.execute(update(Membership).where(Membership.id == step.stored.id).values(**step.values))
    empty = {"joined": None, "joined_precision": "day", "left": None, "left_precision": "day", "note": None}
    fixed = {"programme": programme, "demo": how.demo, "source": how.source or how.file}
    rows = [empty | fixed | step.values | {"place_id": step.member.place.id} for step in plan if step.stored is None]
    if rows:
        session.execute(insert(Membership), rows)


def _first(read: ReadDate | None) -> date:
    return read.first if read else date.min
