"""Colours are told apart, also in grey and next to the hatch, and the two hues part where they are said to."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cityindex.maps.palettes import BIVARIATE, DIVERGING, PALETTES, around, ramp

SEQUENTIAL = [name for name in PALETTES if name != DIVERGING]


def grey(colour: str) -> float:
    """Relative luminance as WCAG has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", SEQUENTIAL)
@pytest.mark.parametrize("count", range(2, 8))
def test_a_printer_without_colours_tells_all_classes_apart(name: str, count: int) -> None:
    colours = ramp(name, count)
    assert colours[0] == PALETTES[name][0]
    assert colours[-1] == PALETTES[name][-1]
    for lighter, darker in pairwise(colours):
        assert (grey(lighter) + 0.05) / (grey(darker) + 0.05) > 1.18


def test_one_class_has_the_middle_colour() -> None:
    assert ramp("site", 1) == [PALETTES["site"][2]]


def test_the_hues_part_at_the_middle() -> None:
    colours = around([10, 20, 30], 20)
    assert len(set(colours)) == 4
    warm = [int(one[1:3], 16) > int(one[5:7], 16) for one in colours]
    assert warm == [True, True, False, False]
    assert grey(colours[0]) < grey(colours[1])
    assert grey(colours[3]) < grey(colours[2])


def test_a_class_around_the_middle_is_neutral() -> None:
    colours = around([10, 30], 20)
    assert colours[1] == PALETTES[DIVERGING][3]
    assert len(set(colours)) == 3


def test_nine_colours_of_two_variables_differ() -> None:
    assert len({colour for row in BIVARIATE for colour in row}) == 9
