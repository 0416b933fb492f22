"""How the exchange under each agreement stands: the same for partners, who ask with a key, and for our own pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cityindex.definitions.agreements import SEND, Agreement
from cityindex.queries.exchange import deliveries as queries
from cityindex.services.schedules import ScheduleState
from cityindex.web.filters import translated
from cityindex.web.session import application, database

JOBS = ("deliver-", "fetch-")
"""What the job of an agreement is called, before its code."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement with its schedule (None: it has none), its newest delivery, what waits and what was refused."""

    agreement: Agreement
    schedule: ScheduleState | None
    last: queries.DeliveryRecord | None
    settled: queries.DeliveryRecord | None
    """The newest one that was accepted or applied."""
    open: queries.DeliveryRecord | None
    behind: queries.Behind | None
    """Of what is sent: what came in here since."""
    failures: tuple[queries.EntryRecord, ...]


def standings(codes: Iterable[str] | None = None) -> tuple[Standing, ...]:
    """All agreements, or some, by code."""
    known = application().catalogue.agreements
    wanted = sorted(known if codes is None else set(codes) & set(known))
    schedules = {state.job: state for state in application().schedules.states()} if wanted else {}
    found = ((code, (schedules.get(f"{job}{code}") for job in JOBS)) for code in wanted)
    return tuple(_standing(known[code], next(filter(None, jobs), None)) for code, jobs in found)


def indicator_name(code: str) -> str:
    """The name of an indicator or framework, in the language of the reader; its code where no file defines it now."""
    known = application().catalogue
    entry = known.indicators.get(code) or known.frameworks.get(code)
    return translated(entry.name) if entry else code


def _standing(agreement: Agreement, schedule: ScheduleState | None) -> Standing:
    session, code, way = database(), agreement.code, agreement.direction
    return Standing(
        agreement=agreement,
        schedule=schedule,
        last=queries.newest(session, code, way),
        settled=queries.newest(session, code, way, queries.ACCEPTED, queries.APPLIED),
        open=queries.newest(session, code, way, *queries.OPEN),
        behind=queries.behind(session, code) if way == SEND else None,
        failures=queries.failures(session, [code]),
    )
