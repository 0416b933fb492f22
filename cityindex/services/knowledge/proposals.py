"""The register of proposals and sandboxes: imported as lists, with what each list said before."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from cityindex.calendars import read_date
from cityindex.definitions.catalogue import Catalogue
from cityindex.errors import Invalid, NotFound
from cityindex.formats.problems import Problems
from cityindex.models import AuditEvent, Proposal, ProposalChange, now
from cityindex.models.codes import own_code, own_scheme
from cityindex.services.assessments.described import fault_of_address
from cityindex.services.knowledge.proposing import WRITTEN
from cityindex.services.knowledge.said import MARKUP, clean_text
from cityindex.services.observations.columns import Columns, map_columns
from cityindex.services.places.known_places import KnownPlaces, known_places
from cityindex.services.places.match_report import MatchReport, Outcome, RowMatch, bad_rows, refuse
from cityindex.services.places.places import Rows
from cityindex.thai import arabic_digits, name_key, normalise

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, sessionmaker

LINES = {"title_th": 300, "title_en": 300, "area": 300}
TEXTS = ("summary", "rule", "evidence", "outcome")
LONGEST_TEXT, LONGEST_CODE, LONGEST_LIST = 8000, 64, 200
ATTRIBUTES = ("code", "kind", "place", *LINES, *TEXTS, "status", "since", "until", "themes", "url")


@dataclass(frozen=True)
class ProposalsImport:
    """How to read a list. `list` names it from one import to the next; `kind` is of rows that give none."""

    file: str
    by: str
    source: str
    list: str = ""
    kind: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    demo: bool = False


class Proposals:
    """The use case of whoever keeps a list."""

    def __init__(self, sessions: sessionmaker[Session], catalogue: Catalogue) -> None:
        self.sessions = sessions
        self.catalogue = catalogue

    def import_list(self, table: Rows, how: ProposalsImport) -> MatchReport:
        """Bring in a list, in one transaction; rows match by their code. What the list leaves out stays as it is.

        `Invalid` without a source, and with every bad row: then nothing changes.
        """
        if not how.source.strip():
            raise Invalid("nothing says where the list comes from: give --source, with its date")
        name = (how.list or how.file).strip()[:LONGEST_LIST]
        if name == WRITTEN:
            raise Invalid(f"«{WRITTEN}» is what places wrote here: give the list another name")
        columns = map_columns(table.header, how.columns, ATTRIBUTES)
        problems = Problems(how.file)
        with self.sessions() as session:
            known = known_places(session, to_change=not how.dry_run)
            rows = list(_Reader(self.catalogue, columns, how.kind, problems).read(table.rows(), known))
            _require_once(rows, problems)
            stored = {row.code: row for row in session.scalars(select(Proposal).where(Proposal.list == name))}
            matches = [_match(line, values, stored.get(values["code"])) for line, values in rows]
            bad = bad_rows(problems.kept)
            refuse(problems, [*(RowMatch(line, "", "rejected") for line in sorted(bad)), *matches])
            if not how.dry_run:
                _write(session, how, name, rows, stored)
                _tell(session, how, name, matches)
                session.commit()
        return MatchReport(how.file, how.dry_run, tuple(matches), columns.ignored)


class _Reader:
    def __init__(self, catalogue: Catalogue, columns: Columns, kind: str, problems: Problems) -> None:
        self.kinds = catalogue.codelist("proposal-kinds")
        self.statuses = catalogue.codelist("proposal-statuses")
        self.themes = catalogue.themes
        self.columns, self.kind, self.problems = columns, kind, problems
        if "title_th" not in columns.attributes.values():
            raise Invalid("the file has no column `title_th`: name it, or map one to it")

    def read(
        self, rows: Iterable[tuple[int, Mapping[str, str]]], known: KnownPlaces
    ) -> Iterable[tuple[int, dict[str, Any]]]:
        for line, cells in rows:
            before = len(self.problems.kept)
            values = self._values(line, cells, known)
            if len(self.problems.kept) == before:
                yield line, values

    def _values(self, line: int, cells: Mapping[str, str], known: KnownPlaces) -> dict[str, Any]:
        said = {name: cells.get(self.columns.of(name), "").strip() for name in ATTRIBUTES}
        values: dict[str, Any] = {name: self._line(line, name, said[name]) for name in LINES}
        values |= {name: self._text(line, name, said[name]) for name in TEXTS}
        since, precision = self._date(line, "since", said["since"])
        until, until_precision = self._date(line, "until", said["until"])
        place = self._place(line, said["place"], known)
        if not values["title_th"]:
            self._add(line, "title_th", "", ("a proposal needs a title", "write it in Thai"))
        return {
            **values,
            "code": self._code(line, said["code"]),
            "kind": self._of(line, "kind", said["kind"] or self.kind),
            "status": self._of(line, "status", said["status"] or "unknown"),
            "since": since,
            "precision": precision,
            "until": until,
            "until_precision": until_precision,
            "themes": self._themes(line, said["themes"]),
            "place_id": place,
            "url": self._url(line, said["url"]),
        }

    def _code(self, line: int, written: str) -> str:
        code = normalise(written)
        if not code or len(code) > LONGEST_CODE:
            cure = f"give each row a code of its own, at most {LONGEST_CODE} characters, that stays"
            self._add(line, "code", written[:80], ("a row is known again by its code", cure))
        return code

    def _of(self, line: int, name: str, written: str) -> str:
        codelist = self.kinds if name == "kind" else self.statuses
        named = {name_key(word): code for code, one in codelist.items.items() for word in (one.name.th, one.name.en)}
        try:
            return named.get(name_key(written)) or codelist.resolve(written)
        except NotFound:
            told = ", ".join(codelist.items)
            self._add(line, name, written, (f"there is no such {name}", f"write one of {told}"))
            return ""

    def _line(self, line: int, name: str, written: str) -> str:
        return self._plain(line, name, normalise(written), LINES[name])

    def _text(self, line: int, name: str, written: str) -> str:
        return self._plain(line, name, clean_text(written), LONGEST_TEXT)

    def _plain(self, line: int, name: str, text: str, most: int) -> str:
        if MARKUP.search(text):
            self._add(line, name, text[:80], ("there is HTML in it", "write plain text"))
        if len(text) > most:
            self._add(line, name, text[:80], (f"it has more than {most} characters", "shorten it"))
        return text

    def _date(self, line: int, name: str, written: str) -> tuple[date | None, str]:
        if not written:
            return None, "day"
        try:
            read = read_date(arabic_digits(written))
        except Invalid as error:
            self._add(line, name, written, ("it is not a date", str(error)))
            return None, "day"
        return read.first, read.precision

    def _themes(self, line: int, written: str) -> str:
        codes = dict.fromkeys(re.split(r"[\s;,]+", written)) if written else {}
        for code in codes:
            if code not in self.themes:
                told = ", ".join(self.themes)
                self._add(line, "themes", code[:80], ("there is no such theme", f"write some of {told}"))
        return "".join(f" {code}" for code in codes if code) + " " if codes else ""

    def _place(self, line: int, written: str, known: KnownPlaces) -> int | None:
        if not written:
            return None
        code = own_code(written)
        found = known.find(own_scheme(code), code)
        if len(found) != 1:
            cure = "correct the code, or leave it empty and write the area in words"
            self._add(line, "place", written, ("no place has this code", cure))
            return None
        return found[0].id

    def _url(self, line: int, written: str) -> str | None:
        if written and fault_of_address(written):
            self._add(line, "url", written, ("this is not an address of a page", "write https://…, or leave it empty"))
        return written or None

    def _add(self, line: int, name: str, value: str, said: tuple[str, str]) -> None:
        self.problems.add(*said, row=line, column=self.columns.of(name) or name, value=value)


def _require_once(rows: list[tuple[int, dict[str, Any]]], problems: Problems) -> None:
    first: dict[str, int] = {}
    for line, values in rows:
        before = first.setdefault(values["code"], line)
        if before != line:
            reason = f"line {before} has this code, too"
            problems.add(reason, "give each row a code of its own", row=line, column="code", value=values["code"])


def _match(line: int, values: Mapping[str, Any], stored: Proposal | None) -> RowMatch:
    if stored is None:
        return RowMatch(line, values["code"], "new")
    moved = [name for name, value in values.items() if getattr(stored, name) != value]
    outcome: Outcome = "changed" if moved else "matched"
    return RowMatch(line, values["code"], outcome, ", ".join(moved))


def _write(
    session: Session,
    how: ProposalsImport,
    name: str,
    rows: Iterable[tuple[int, dict[str, Any]]],
    stored: Mapping[str, Proposal],
) -> None:
    at = now()
    for _, values in rows:
        row = stored.get(values["code"])
        if row is None:
            row = Proposal(list=name, demo=how.demo, **values)
            session.add(row)
        else:
            _remember(session, row, values)
            for column, value in values.items():
                setattr(row, column, value)
        row.source, row.imported_at = how.source.strip(), at


def _remember(session: Session, row: Proposal, values: Mapping[str, Any]) -> None:
    if (row.status, row.outcome) != (values["status"], values["outcome"]):
        before = ProposalChange(proposal_id=row.id, at=now(), status=row.status, outcome=row.outcome)
        before.source = row.source
        session.add(before)


def _tell(session: Session, how: ProposalsImport, name: str, matches: Iterable[RowMatch]) -> None:
    report = MatchReport(how.file, how.dry_run, tuple(matches))
    detail = json.dumps({"list": name, **report.counts}, ensure_ascii=False)
    session.add(AuditEvent(actor=how.by, action="import-proposals", subject=how.file, detail=detail))
