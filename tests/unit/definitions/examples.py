"""A small project folder and a small framework, right in every detail, for tests to break."""

from __future__ import annotations

from pathlib import Path

from cityindex.definitions.loader import load, load_framework
from cityindex.errors import DefinitionError, Problem

VOCABULARY = """\
vocabulary: goals
name: {th: เป้าหมาย, en: Goals}
source: {name: {th: ที่มา, en: Source}, url: https://example.org}
items:
  - {code: G1, name: {th: หนึ่ง, en: One}, verified: false}
  - {code: G1.1, name: {th: หนึ่งจุดหนึ่ง, en: One one}, parent: G1, verified: {on: 2026-01-15, by: gazette}}
"""
PLACE_TYPES = """\
codelist: place-types
name: {th: ประเภท, en: Place types}
items:
  - {code: city-municipality, name: {th: ทน., en: City}, group: municipality, aliases: [city_mun, เทศบาลนคร]}
  - {code: town-municipality, name: {th: เทศบาลเมือง, en: Town municipality}, group: municipality}
  - {code: province, name: {th: จังหวัด, en: Province}}
"""
UNITS = """\
codelist: units
name: {th: หน่วย, en: Units}
items:
  - {code: percent, name: {th: ร้อยละ, en: Percent}}
  - {code: tonnes, name: {th: ตัน, en: Tonnes}}
"""
THEME = """\
theme: waste
name: {th: ขยะ, en: Waste}
indicators:
  - code: recycled
    name: {th: รีไซเคิล, en: Recycled}
    definition: {th: น้ำหนัก, en: Weight}
    unit: tonnes
    direction: higher
    source: {name: {th: เทศบาล, en: Municipality}}
    aligned_to: [G1.1]
    verified: false
  - code: collected
    definition: {th: น้ำหนัก, en: Weight}
    unit: tonnes
    direction: higher
    source: {name: {th: เทศบาล, en: Municipality}}
    aligned_to: [G1]
  - code: recycling_rate
    definition: {th: ร้อยละ, en: Share}
    unit: percent
    direction: higher
    type: derived
    formula: 100 * recycled / collected
    bounds: [0, 100]
    expected: [0, 60]
    normalise: {method: goalposts, low: 0, high: 60, clip: both}
    applies_to: [city-municipality]
    source: {name: {th: คำนวณ, en: Computed}}
    aligned_to: [G1, G1.1]
    verified: {on: 2026-01-15, by: review}
"""
FRAMEWORK = """\
framework: clean-city
version: "1"
name: {th: เมืองสะอาด, en: Clean city}
owner: {th: เมือง, en: City}
places: [city-municipality, town-municipality]
tree:
  code: cleanliness
  children:
    - {indicator: recycling_rate, weight: 2}
    - code: amounts
      children:
        - {indicator: recycled}
        - {indicator: collected}
"""
PROGRAMME = """\
programme: clean-cities
name: {th: เมืองสะอาด, en: Clean cities}
owner: {th: เมือง, en: City}
membership: {th: สมัคร, en: By application}
framework: clean-city
"""
ALONE = """\
framework: alone
tree:
  code: index
  children:
    - {indicator: a, weight: 2}
    - {indicator: b}
indicators:
  - {code: a}
  - {code: b, direction: lower}
"""
FILES = {
    "strategy/goals.yaml": VOCABULARY,
    "codelists/place-types.yaml": PLACE_TYPES,
    "codelists/units.yaml": UNITS,
    "catalogue/waste.yaml": THEME,
    "frameworks/clean-city.yaml": FRAMEWORK,
    "programmes/clean-cities.yaml": PROGRAMME,
}


def write_project(root: Path) -> Path:
    """The folder with every file."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def change(root: Path, name: str, old: str, new: str) -> None:
    """Replace `old`, which is there exactly once, in a file of the folder."""
    text = (root / name).read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    (root / name).write_text(text.replace(old, new), "utf-8")


def problems_of(path: Path) -> tuple[Problem, ...]:
    """The problems of a folder or file; none where it is right."""
    try:
        if path.is_dir():
            load(path)
        else:
            load_framework(path)
    except DefinitionError as error:
        return error.problems
    return ()


def alone(folder: Path, text: str) -> Path:
    """A framework file of its own."""
    path = folder / "framework.yaml"
    path.write_text(text, "utf-8")
    return path
