"""The drawn map asks no other host for anything, and what it is handed cannot break out of its script."""

from __future__ import annotations

from cityindex.maps.choropleth import draw


def test_the_same_view_gives_the_same_bytes() -> None:
    assert draw({"a": 1}, (13, 101), 5) == draw({"a": 1}, (13, 101), 5)


def test_an_offline_map_names_no_host() -> None:
    parts = draw({"geometry": "/map/boundaries/x/0.json"}, (13, 101), 5)
    assert "//" not in parts.script.replace("</", "")
    assert "http" not in parts.element + parts.script


def test_a_basemap_is_drawn_where_a_setting_says_so() -> None:
    assert "https://tiles.example/{z}" in draw({}, (13, 101), 5, "https://tiles.example/{z}/{x}/{y}.png").script


def test_data_cannot_end_the_script() -> None:
    assert "</script" not in draw({"unit": "</script><script>alert(1)"}, (13, 101), 5).script
