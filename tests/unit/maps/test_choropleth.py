"""The maps of a page ask no other host for anything, and what they are told cannot break out of its script."""

from __future__ import annotations

import json

from cityindex.maps.choropleth import description, draw


def test_the_same_map_gives_the_same_bytes() -> None:
    assert draw(0, (13, 101), 5) == draw(0, (13, 101), 5)


def test_maps_of_one_page_are_told_apart() -> None:
    assert draw(0, (13, 101), 5).element != draw(1, (13, 101), 5).element
    assert "cityindexMap.panel(map_main1, 1)" in draw(1, (13, 101), 5).script


def test_an_offline_map_names_no_host() -> None:
    parts = draw(0, (13, 101), 5)
    assert "//" not in parts.script.replace("</", "")
    assert "http" not in parts.element + parts.script


def test_a_basemap_is_drawn_where_a_setting_says_so() -> None:
    assert "https://tiles.example/{z}" in draw(0, (13, 101), 5, "https://tiles.example/{z}/{x}/{y}.png").script


def test_data_cannot_end_the_script() -> None:
    said = description({"unit": "</script><script>alert(1)<!--"})
    assert "<" not in said
    assert json.loads(said) == {"unit": "</script><script>alert(1)<!--"}
