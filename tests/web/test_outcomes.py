"""What it has come to: every figure leads to a list that has as many rows, and what is reported stands apart."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from flask.testing import FlaskClient
from lxml import html

FIGURES = 12


def read(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.fromstring(answer.get_data(as_text=True))


def number(text: str) -> int:
    return int(text.replace(",", ""))


def rows_at(client: FlaskClient, path: str) -> int:
    """The rows of the list that a reader finds there, on all its pages."""
    found, page = 0, 1
    while True:
        joint = "&" if "?" in path else "?"
        answer = client.get(path if page == 1 else f"{path}{joint}page={page}")
        if answer.status_code == 404 and page > 1:
            return found
        assert answer.status_code == 200, path
        shown = _rows(html.fromstring(answer.get_data(as_text=True)))
        found, page = found + shown, page + 1
        if not shown or "/programmes/" in path or "/learning-cities" in path or "/results/provinces" in path:
            return found


def _rows(page: Any) -> int:
    entries = page.xpath("//main//ul[@class='entries']/li")
    if entries:
        return len(entries)
    tables = page.xpath("//main//table")
    members = [table for table in tables if (table.findtext("caption") or "").strip().startswith("Members of")]
    return len((members or tables)[0].xpath("tbody/tr")) if tables else 0


def test_every_figure_leads_to_a_list_that_has_as_many_rows(demo_client: FlaskClient) -> None:
    page = read(demo_client, "/en/results/")
    links = page.xpath("//ul[contains(@class, 'big-figures')]/li/p[@class='value']/a")
    assert len(links) == FIGURES
    for link in links:
        assert rows_at(demo_client, link.get("href")) == number(link.text), link.get("href")
    assert sum(number(link.text) > 0 for link in links) >= 9  # or it would be true of nothing


def test_every_figure_of_provinces_and_of_movement_does_so_too(demo_client: FlaskClient) -> None:
    cells = read(demo_client, "/en/results/provinces").xpath("//main//tbody/tr/td/a")
    busiest = sorted(cells, key=lambda one: (one.get("href").split("?")[0], -number(one.text)))
    seen: dict[str, int] = {}
    for link in busiest:  # two of each kind
        kind = link.get("href").split("?")[0]
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            assert rows_at(demo_client, link.get("href")) == number(link.text), link.get("href")
    assert len(seen) == 4
    moved = read(demo_client, "/en/results/").xpath("//section[@aria-labelledby='moved']//td/a")
    assert len(moved) >= 3
    for link in moved:
        assert rows_at(demo_client, link.get("href")) == number(link.text), link.get("href")
    for wrong, status in (("change=up", 400), ("page=0", 400), ("page=9999", 404)):
        assert demo_client.get(f"{moved[0].get('href')}?{wrong}").status_code == status


def test_what_is_reported_stands_beside_with_its_date_and_source(demo_client: FlaskClient) -> None:
    page = read(demo_client, "/en/results/")
    said = page.xpath("//div[@class='reported']")
    assert len(said) >= 8
    for one in said:
        text = " ".join(one.text_content().split())
        assert text.startswith("As reported: ")
        assert re.search(r"as of .*20\d\d", text), text
        assert re.search(r"policy paper|thailand\.go\.th|UNESCO", text), text
        assert "not verified" in text or "verified " in text
    body = demo_client.get("/en/results/?format=csv").data.decode("utf-8-sig")
    lines = [line for line in body.splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert {row["figure"] for row in rows} >= {"sandboxes", "targets-reached"}
    assert all(row["reported_on"] and row["reported_source"] for row in rows if row["reported"])


def test_members_can_be_listed_by_province(demo_client: FlaskClient) -> None:
    assert demo_client.get("/en/programmes/digital-transformation?province=zz").status_code == 404
    assert demo_client.get("/en/programmes/digital-transformation?province=00000000000").status_code == 400
    nobody = read(demo_client, "/en/programmes/unesco-gnlc?province=94")
    assert "0 members in Pattani" in nobody.xpath("//main")[0].text_content()
