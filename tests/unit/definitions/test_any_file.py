"""Whatever stands in a file, the loader answers with a definition or with a `DefinitionError`, and nothing else."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cityindex.definitions.canonical import entry_from_canonical
from cityindex.definitions.loader import load_framework
from cityindex.errors import DefinitionError

RICH = """
framework: rich
version: "2"
name: {th: ก, en: a}
period: fiscal-year
scale: [1, 100]
places: [town]
method:
  order: [derive, screen, transform, normalise, aggregate, rank]
  screen: {coverage: 0.5, zeros: 0.9}
  fill: {method: latest, max_age: 2}
  treat: {method: winsorise, cap: {count: 5}, otherwise: box-cox, lambda: 0.5}
  impute: {method: median, by: place_type, limit: 0.3}
  normalise: {method: min-max, over: {base: 2023}}
  aggregate: {method: power, p: 0.5}
  nonpositive: {floor: 0.01}
  coverage: {count: 0.5}
  rank: {ties: min, decimals: 2}
levels: [{code: low, from: 1, name: {th: ต่ำ, en: low}}, {code: high, from: 50}]
bands: {cuts: [80, 50], names: [A, {th: ข, en: B}, C]}
peers: [place_type]
uncertainty:
  plan: {weights: {noise: 0.25, levels: [1]}, aggregate: {index: [arithmetic, geometric]}, noise: {a: 0.1}, sobol: true}
  replications: 16
  seed: 7
tree:
  code: index
  aggregate: geometric
  rescale: {method: percentile-rank, variant: r/n}
  children:
    - {code: inner, round: 3, missing: zero, nonpositive: zero, children: [{indicator: a, weight: 2}, {indicator: c}]}
    - {indicator: b, weight: 1}
indicators:
  - {code: a, bounds: [0, null], expected: [1, 5], transform: log, normalise: {method: goalposts, low: 1, high: 9}}
  - {code: b, normalise: {method: ladder, on: value, thresholds: [1, 2]}, per: 10, denominator: area_km2}
  - {code: c, type: derived, formula: a / b, status: pilot, applies_to: [town]}
"""
RICH = RICH.replace("  weights: {pca: first}\n", "")
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["a", "b", "index", "goalposts", "geometric", "none", "min-max", "a / a", "log(", "1"]),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(
        st.sampled_from(["method", "low", "by", "code", "th"]), st.integers() | st.text(max_size=3), max_size=3
    ),
)


def take(text: str | bytes) -> None:
    """Load a file with this content, and rebuild it from its canonical text if it is right."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.yaml")
        path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        try:
            entry = load_framework(path)
        except DefinitionError as refused:
            error = refused
        else:
            again = entry_from_canonical(entry.canonical)
            assert (again.framework, again.fingerprint) == (entry.framework, entry.fingerprint)
            return
    assert error.problems
    assert all(str(problem).isprintable() for problem in error.problems)
    assert all(problem.row and problem.column and problem.cure and problem.reason for problem in error.problems)


def test_the_rich_example_is_right() -> None:
    """Otherwise the tests below would break what is broken already."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rich.yaml").write_text(RICH, "utf-8")
        assert load_framework(Path(folder, "rich.yaml")).code == "rich"


@given(st.text() | st.binary())
def test_arbitrary_content(content: str | bytes) -> None:
    take(content)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_one_value_replaced_by_junk(data: st.DataObject) -> None:
    content = yaml.safe_load(RICH)
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(content, data)
    take(yaml.safe_dump(content, allow_unicode=True))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(RICH)), st.text(alphabet="{}[]:,-&*!|>'\"\n\t #%@`ก0a", max_size=4), st.integers(0, 30))
def test_characters_inserted_or_lost(at: int, extra: str, lost: int) -> None:
    take(RICH[:at] + extra + RICH[at + lost :])


def _spoil(content: Any, data: st.DataObject) -> None:
    """Walk down at random, and replace, remove or rename what is there."""
    while True:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(content[key], dict | list) and content[key] and data.draw(st.integers(0, 3)):
            content = content[key]
            continue
        action = data.draw(st.sampled_from(["replace", "replace", "remove", "rename"]))
        if action == "replace":
            content[key] = data.draw(JUNK)
        elif action == "remove":
            del content[key]
        elif isinstance(content, dict):
            content[data.draw(st.text(max_size=5))] = content.pop(key)
        return
