"""The artefacts of the platform's SDMX service, made from the definitions, the places and what is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from cityindex.definitions.catalogue import Catalogue, Text
from cityindex.formats.sdmx import concepts
from cityindex.formats.sdmx.artefacts import AGENCY, Artefact, Item, Library, Reference
from cityindex.formats.sdmx.flows import ALL_INDICATORS, TARGET_SUBJECTS, TARGETS, Flow, flows, indicators_of
from cityindex.models import IndicatorKey, Observation, Place, Publication, Recording, RunNode, Score
from cityindex.queries.runs.editions import current_editions
from cityindex.queries.sdmx.targets import last_revision, subjects, target_values

CATEGORIES = Reference("categoryscheme", "CAS_CITYINDEX")
SCORES_OF, VALUES, AIMS = "SCORES", "OBSERVATIONS", "TARGETS"


def library(session: Session, catalogue: Catalogue) -> Library:
    """All artefacts as they are now."""
    known = flows(catalogue)
    areas = _areas(session)
    lists = [_frequencies(), areas, _statuses(catalogue), _units(catalogue), *_indicators(session, catalogue)]
    schemes = [concepts.concept_scheme(), _agencies(), _categories()]
    described = [part for one in known.values() for part in (one.structure, one.flow)]
    return Library([*schemes, *lists, *described, *map(_categorised, known.values()), *_constraints(session, known)])


def _frequencies() -> Artefact:
    items = (Item("A", Text("รายปี", "Annual")),)
    return Artefact("codelist", concepts.FREQUENCIES.id, Text("ความถี่", "Frequency"), items=items)


def _areas(session: Session) -> Artefact:
    """Places by code, each below its province."""
    province = aliased(Place)
    columns = (Place.code, Place.name_th, Place.name_en, province.code)
    query = select(*columns).outerjoin(province, province.id == Place.province_id).order_by(Place.code)
    items = tuple(
        Item(code, Text(th, en or th), parent=parent if parent != code else None)
        for code, th, en, parent in session.execute(query)
    )
    return Artefact("codelist", concepts.AREAS.id, Text("พื้นที่", "Areas"), items=items)


def _statuses(catalogue: Catalogue) -> Artefact:
    items = tuple(Item(one.code, one.name, one.note) for one in catalogue.codelist("observation-status").items.values())
    return Artefact("codelist", concepts.STATUSES.id, Text("สถานะของค่า", "Observation status"), items=items)


def _units(catalogue: Catalogue) -> Artefact:
    items = tuple(Item(one.code, one.name) for one in catalogue.codelist("units").items.values())
    return Artefact("codelist", concepts.UNITS.id, Text("หน่วยวัด", "Units of measure"), items=items)


def _indicators(session: Session, catalogue: Catalogue) -> Iterable[Artefact]:
    """One list a framework (its nodes, and those of editions that stand), and one of all indicators."""
    held = _nodes_of_editions(session)
    for code, entry in catalogue.frameworks.items():
        names = {**entry.names, **{one: indicator.name for one, indicator in entry.indicators.items()}}
        names |= {node: Text(node, node) for node in held.get(code, ()) if node not in names}
        items = tuple(Item(node, name) for node, name in names.items())
        words = Text(f"ตัวชี้วัดและองค์ประกอบ: {entry.name.th}", f"Indicators and nodes: {entry.name.en}")
        yield Artefact("codelist", indicators_of(code).id, words, items=items)
    known = {code: Item(code, one.name, one.definition) for code, one in catalogue.indicators.items()}
    codes = session.scalars(select(IndicatorKey.code).order_by(IndicatorKey.code))
    known |= {code: Item(code, Text(code, code)) for code in codes if code not in known}
    yield Artefact("codelist", ALL_INDICATORS.id, Text("ตัวชี้วัด", "Indicators"), items=tuple(known.values()))
    words = Text("ตัวชี้วัดและองค์ประกอบที่ตั้งเป้าหมายได้", "Indicators and nodes that targets are set for")
    yield Artefact("codelist", TARGET_SUBJECTS.id, words, items=subjects(catalogue))


def _nodes_of_editions(session: Session) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    runs = {one.run: one.framework for one in current_editions(session)}
    query = select(RunNode.run_id, RunNode.code).where(RunNode.run_id.in_(runs))
    for run, code in session.execute(query):
        found.setdefault(runs[run], set()).add(code)
    return found


def _agencies() -> Artefact:
    items = (Item(AGENCY, Text("City Index", "City Index")),)
    words = Text("หน่วยงาน", "Agencies")
    return Artefact("agencyscheme", "AGENCIES", words, agency="SDMX", version="1.0", items=items)


def _categories() -> Artefact:
    items = (
        Item(SCORES_OF, Text("คะแนนและอันดับ", "Scores and ranks")),
        Item(VALUES, Text("ค่าที่รายงาน", "Reported values")),
        Item(AIMS, Text("เป้าหมาย", "Targets")),
    )
    return Artefact(CATEGORIES.kind, CATEGORIES.id, Text("ชุดข้อมูล", "Data sets"), items=items)


def _categorised(one: Flow) -> Artefact:
    item = SCORES_OF if one.framework else AIMS if one.flow.id == TARGETS else VALUES
    target = Reference(CATEGORIES.kind, CATEGORIES.id, item=item)
    name = f"CAT_{one.flow.id.removeprefix('DF_')}"
    return Artefact("categorisation", name, one.flow.name, source=one.flow.reference, target=target)


def _constraints(session: Session, known: Mapping[str, Flow]) -> Iterable[Artefact]:
    for one in known.values():
        values = _values(session, one)
        if values:
            name = Text(f"มีข้อมูลอะไรบ้าง: {one.flow.name.th}", f"What there is: {one.flow.name.en}")
            constraint = f"CR_{one.flow.id}"
            yield Artefact("contentconstraint", constraint, name, flow=one.flow.reference, values=values)


def _values(session: Session, one: Flow) -> Mapping[str, tuple[str, ...]]:
    if one.framework:
        return _score_values(session, one.framework)
    return target_values(session) if one.flow.id == TARGETS else _observation_values(session)


def _score_values(session: Session, framework: str) -> dict[str, tuple[str, ...]]:
    runs = {one.run: one.period for one in current_editions(session, framework) if one.places}
    if not runs:
        return {}
    scored = select(Score.place_id).where(Score.run_id.in_(runs), Score.position == 0)
    areas = session.scalars(select(Place.code).where(Place.id.in_(scored)).order_by(Place.code))
    nodes = session.scalars(select(RunNode.code).where(RunNode.run_id.in_(runs)).distinct().order_by(RunNode.code))
    return _region(areas, nodes, (min(runs.values()), max(runs.values())))


def _observation_values(session: Session) -> dict[str, tuple[str, ...]]:
    held = select(Observation.place_id).where(Observation.place_id == Place.id).exists()
    areas = tuple(session.scalars(select(Place.code).where(held).order_by(Place.code)))
    if not areas:
        return {}
    used = select(Observation.indicator_id).where(Observation.indicator_id == IndicatorKey.id).exists()
    codes = session.scalars(select(IndicatorKey.code).where(used).order_by(IndicatorKey.code))
    first, last = session.execute(select(func.min(Observation.period), func.max(Observation.period))).one()
    return _region(areas, codes, (first, last))


def _region(areas: Iterable[str], nodes: Iterable[str], years: tuple[int, int]) -> dict[str, tuple[str, ...]]:
    times = tuple(str(year) for year in years)
    return {"FREQ": ("A",), "REF_AREA": tuple(areas), "INDICATOR": tuple(nodes), "TIME_PERIOD": times}


def content_version(session: Session) -> str:
    """Changes whenever anything is published or recorded, or a target is set."""
    published = session.scalar(select(func.max(Publication.id))) or 0
    recorded, last = session.execute(select(func.count(), func.max(Recording.id)).select_from(Recording)).one()
    return f"{published}-{recorded}-{last or 0}-{last_revision(session)}"
