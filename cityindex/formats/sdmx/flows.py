"""The dataflows that there are, each with the structure of its data: made from the definitions alone."""

from __future__ import annotations

from dataclasses import dataclass

from cityindex.definitions.catalogue import Catalogue, Text
from cityindex.formats.sdmx import concepts
from cityindex.formats.sdmx.artefacts import Artefact, Component, Reference

OBSERVATIONS, TARGETS = "DF_OBSERVATIONS", "DF_TARGETS"
ALL_INDICATORS = Reference("codelist", "CL_INDICATOR")
TARGET_SUBJECTS = Reference("codelist", "CL_INDICATOR_TARGETS")


@dataclass(frozen=True, slots=True)
class Flow:
    """A dataflow, the structure of its data, and the framework whose scores it holds (none for others)."""

    flow: Artefact
    structure: Artefact
    framework: str | None


def flows(catalogue: Catalogue) -> dict[str, Flow]:
    """Every dataflow by its id. Asks the database for nothing."""
    made = [scores_of(code, entry.name, entry.description) for code, entry in catalogue.frameworks.items()]
    words = Text("ค่าของตัวชี้วัดตามที่รายงาน", "Values of indicators as they were reported")
    note = Text("ค่าในหน่วยของตัวชี้วัดแต่ละตัว", "Each in the unit of its indicator")
    made.append(_flow("OBSERVATIONS", words, note, concepts.observations(ALL_INDICATORS), None))
    made.append(_targets())
    return {one.flow.id: one for one in made}


def _targets() -> Flow:
    words = Text("เป้าหมายที่พื้นที่ จังหวัด และประเทศตั้งไว้", "Targets that places, provinces and the country have set")
    note = Text(
        "ค่าที่จะไปให้ถึงภายในสิ้นปีของ TIME_PERIOD ถ้าหลายฝ่ายตั้งไว้ในปีเดียวกัน ใช้ของพื้นที่ก่อน แล้วจังหวัด แล้วประเทศ",
        "The value to reach by the end of TIME_PERIOD; where several have set one, that of the place itself, then of "
        "the province, then of the country",
    )
    return _flow("TARGETS", words, note, concepts.targets(TARGET_SUBJECTS), None)


def scores_of(framework: str, name: Text, description: Text | None = None) -> Flow:
    """The dataflow of a framework's scores."""
    words = Text(f"คะแนน: {name.th}", f"Scores: {name.en}")
    return _flow(flow_code(framework), words, description, concepts.scores(indicators_of(framework)), framework)


def flow_code(framework: str) -> str:
    return framework.upper().replace("-", "_")


def indicators_of(framework: str) -> Reference:
    """The list of the nodes and indicators of a framework."""
    return Reference("codelist", f"CL_INDICATOR_{flow_code(framework)}")


def _flow(name: str, words: Text, note: Text | None, components: tuple[Component, ...], framework: str | None) -> Flow:
    structure = Artefact("datastructure", f"DSD_{name}", words, note, components=components)
    flow = Artefact("dataflow", f"DF_{name}", words, note, structure=structure.reference)
    return Flow(flow, structure, framework)
