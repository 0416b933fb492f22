"""Small groups: whoever knows every sum and everything that is shown still learns of nobody among fewer than ten."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from cityindex.services.observations.small_groups import Cell, hidden, is_small

FEWEST = 10
PROVINCES: tuple[tuple[str, ...], ...] = ((), ("p1",), ("p2",))
Rows = list[tuple[int, int, int, int]]
CELLS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 60), st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=14
)


def cells_of(rows: Rows) -> list[Cell]:
    """Count, others, province and district of each; some places are in none (a province itself)."""
    found = []
    for at, (count, others, province, district) in enumerate(rows):
        within = PROVINCES[province]
        if within and district:
            within = (*within, f"d{district}")
        found.append(Cell((f"{at:02}", 2566, "x"), count, others, within))
    return found


def told(cells: list[Cell], out: set[tuple[str, int, str]]) -> list[list[Cell]]:
    """By each area of which a sum may be known: what of it is left out, where something is shown, too."""
    areas: dict[tuple[str, ...], list[Cell]] = defaultdict(list)
    for cell in cells:
        for depth in range(len(cell.within) + 1):
            areas[cell.within[:depth]].append(cell)
    found = []
    for some in areas.values():
        gone = [cell for cell in some if cell.key in out]
        if gone and len(gone) < len(some):
            found.append(gone)
    return found


@given(CELLS)
def test_no_sum_gives_a_small_group_away(rows: Rows) -> None:
    cells = cells_of(rows)
    small, beside = hidden(cells, FEWEST)
    assert not small & beside
    for gone in told(cells, small | beside):
        assert len(gone) >= 2
        assert sum(cell.count for cell in gone) >= FEWEST
        assert sum(cell.others or 0 for cell in gone) >= FEWEST
    for cell in cells:
        if cell.key not in small | beside:
            assert not is_small(cell.count, cell.count + (cell.others or 0), FEWEST)


def test_what_is_large_enough_is_shown() -> None:
    cells = cells_of([(20, 50, 1, 1), (30, 60, 1, 1), (0, 40, 2, 0)])
    assert hidden(cells, FEWEST) == (set(), set())


def test_two_small_ones_whose_sum_is_small_are_not_left_alone() -> None:
    cells = cells_of([(2, 50, 1, 1), (3, 50, 1, 1), (25, 50, 1, 1), (40, 50, 1, 1), (0, 50, 1, 1)])
    small, beside = hidden(cells, FEWEST)
    assert [key[0] for key in sorted(small)] == ["00", "01"]
    assert [key[0] for key in sorted(beside)] == ["02"]


def test_alone_in_its_district_it_is_kept_by_the_province() -> None:
    cells = cells_of([(4, 50, 1, 1), (25, 50, 1, 2), (15, 50, 1, 2), (40, 50, 2, 1), (30, 50, 2, 2)])
    small, beside = hidden(cells, FEWEST)
    assert [key[0] for key in sorted(small)] == ["00"]
    # The next smallest of the province goes, and, for it would be alone in its own district, one more of that.
    assert [key[0] for key in sorted(beside)] == ["01", "02"]


def test_everybody_or_nearly_everybody_is_a_group_too() -> None:
    assert is_small(400, 400, FEWEST)
    assert is_small(395, 400, FEWEST)
    assert not is_small(0, 400, FEWEST)
    assert is_small(0, 9, FEWEST)
