"""Files of the demo are what their names say, and no two are the same by chance."""

from __future__ import annotations

import io

from cityindex.formats.demo_papers import demo_pdf, demo_png
from cityindex.formats.file_kinds import recognise


def test_they_are_recognised_as_what_they_are() -> None:
    assert recognise(io.BytesIO(demo_pdf(["D400001 digital_plan"]))).kind.media_type == "application/pdf"
    assert recognise(io.BytesIO(demo_png("D400001 digital_plan"))).kind.media_type == "image/png"


def test_what_is_written_on_them_makes_them_one_of_their_kind() -> None:
    assert demo_pdf(["a"]) == demo_pdf(["a"]) != demo_pdf(["b"])
    assert demo_png("a") == demo_png("a") != demo_png("b")


def test_every_table_entry_of_the_page_points_at_its_object() -> None:
    page = demo_pdf(["one", "two"])
    table = page[int(page.rsplit(b"startxref\n", 1)[1].split()[0]) :]
    places = [int(line[:10]) for line in table.splitlines()[3:9]]
    assert [page[place:].split(b" ", 1)[0] for place in places] == [b"%d" % number for number in range(1, 7)]
