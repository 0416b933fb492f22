"""Stories: the address holds all of them, only views of this site get in, and every form works without a script."""

from __future__ import annotations

import base64
import re
import zlib
from html import unescape
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from cityindex.errors import Invalid
from cityindex.web.stories.state import LONGEST, MOST, Stop, Story, read, written
from tests.web.reading import text_of

MAP = "/th/map?framework=livable-city&period=2025"
RANKING = "/th/frameworks/livable-city/2025"
BOMB = base64.urlsafe_b64encode(b"1" + zlib.compress(b"a" * 1_000_000)).decode().rstrip("=")
THAI = "ค่ากลางของจังหวัดเราดีขึ้น แต่ขยะยังเป็นปัญหา"


def sent(client: FlaskClient, said: str = "", **fields: str) -> TestResponse:
    return client.post("/en/story", data={"s": said, **fields})


def told(client: FlaskClient, *views: tuple[str, str]) -> str:
    """The letters of a story of some views with notes, made by the form."""
    said = ""
    for address, note in views:
        answer = sent(client, said, do="add", address=address, note=note)
        assert answer.status_code == 303
        said = answer.headers["Location"].split("s=")[1]
    return said


def story_of(client: FlaskClient, answer: TestResponse) -> Story:
    with client.application.test_request_context():
        return read(answer.headers["Location"].split("s=")[1])


def test_a_story_goes_into_its_address_and_comes_back(demo_client: FlaskClient) -> None:
    said = told(demo_client, (MAP, THAI), (RANKING, "<b>bold</b>"))
    page = demo_client.get(f"/en/story?s={said}")
    assert page.status_code == 200
    words = text_of(page.text)
    assert words.index("Livability") < words.index("Open this view")
    assert THAI in words
    assert "<b>bold</b>" not in page.text
    assert "<b>bold</b>" in words or "&lt;b&gt;bold" in page.text
    assert "Set-Cookie" not in page.headers


def test_views_move_and_leave_and_keep_what_was_written_meanwhile(demo_client: FlaskClient) -> None:
    said = told(demo_client, (MAP, "one"), (RANKING, "two"))
    moved = story_of(demo_client, sent(demo_client, said, do="down:0", note="changed"))
    assert [(stop.path.split("?")[0], stop.note) for stop in moved.stops] == [(RANKING, "two"), ("/th/map", "changed")]
    left = story_of(demo_client, sent(demo_client, said, do="remove:0"))
    assert [stop.path for stop in left.stops] == [RANKING]
    named = story_of(demo_client, sent(demo_client, said, do="title", title="ประชุมสภา"))
    assert named.title == "ประชุมสภา"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/th/map",
        "//elsewhere.example/th/map",
        "javascript:alert(1)",
        "/th/account/login",
        "/th/story?add=/th/map",
        "/th/indicators/none/values.csv",
        "/static/js/charts.js",
        "/nowhere",
        "<script>alert(1)</script>",
        "/th/map?" + "a" * 700,
        "http://[broken",
    ],
)
def test_only_views_of_this_site_get_in(demo_client: FlaskClient, address: str) -> None:
    answer = sent(demo_client, do="add", address=address, note="kept as typed")
    assert answer.status_code == 400
    assert "Only views of this site" in answer.text
    assert "kept as typed" in answer.text
    assert "<script>alert(1)" not in answer.text
    assert demo_client.get(f"/en/story?add={quote(address)}").status_code == 400


def test_a_whole_address_of_this_site_is_as_good_as_its_path(demo_client: FlaskClient) -> None:
    answer = sent(demo_client, do="add", address=f"http://localhost{MAP}&format=png#top", note="")
    assert [stop.path for stop in story_of(demo_client, answer).stops] == [MAP]


def test_from_a_view_into_a_new_story_or_the_one_before(demo_client: FlaskClient) -> None:
    query = urlencode({"add": MAP})
    assert "Livability" in text_of(demo_client.get(f"/en/story?{query}").text)
    said = told(demo_client, (RANKING, ""))
    answer = demo_client.get(f"/en/story?s={said}&{query}")
    assert [stop.path for stop in story_of(demo_client, answer).stops] == [RANKING, MAP]
    whole = quote(f"http://localhost/th/story?s={said}")
    assert demo_client.get(f"/en/story?s={whole}").status_code == 200


def test_limits_are_said(demo_client: FlaskClient) -> None:
    said = told(demo_client, *[(RANKING, "")] * MOST)
    assert f"holds {MOST} views" in demo_client.get(f"/en/story?s={said}").text
    assert sent(demo_client, said, do="add", address=MAP, note="").status_code == 400
    long = sent(demo_client, do="add", address=MAP, note="ก" * 401)
    assert long.status_code == 400
    assert "longer than 400 characters" in long.text


@pytest.mark.parametrize("said", ["x", "%00", "MQ", "a" * (LONGEST + 1), "<script>", BOMB])
def test_what_is_no_story_is_answered_and_not_reflected(demo_client: FlaskClient, said: str) -> None:
    answer = demo_client.get(f"/en/story?s={said}")
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("deed", ["up:7", "note:-1", "fly:0", "", "up:²"])
def test_deeds_that_cannot_be(demo_client: FlaskClient, deed: str) -> None:
    assert sent(demo_client, told(demo_client, (MAP, "")), do=deed).status_code == 400


def test_a_view_that_is_gone_keeps_its_note(demo_client: FlaskClient) -> None:
    said = told(demo_client, ("/th/places/D9999999", "still here"))
    words = text_of(demo_client.get(f"/en/story?s={said}").text)
    assert "This view is not there any more" in words
    assert "still here" in words


def test_nobody_sees_through_a_story_what_needs_a_sign_in(demo_client: FlaskClient) -> None:
    """The views are asked for without the cookie of the reader."""
    page = demo_client.get(f"/th/story?s={told(demo_client, (MAP, ''))}", headers={"Cookie": "session=anything"})
    assert page.status_code == 200
    assert re.search(r"<h2>[^<]*ความน่าอยู่", page.text)


NOTES = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "Zs")), max_size=60)


@given(notes=st.lists(NOTES, max_size=5), title=NOTES)
@settings(deadline=None, max_examples=40)
def test_what_is_written_is_read_again(demo_client: FlaskClient, notes: list[str], title: str) -> None:
    made = Story(title.strip(), tuple(Stop(MAP, note.strip()) for note in notes))
    with demo_client.application.test_request_context():
        if all(sign.isprintable() for note in (title, *notes) for sign in note):
            assert read(written(made)) == made


def test_twelve_views_with_thai_notes_fit_into_an_address(demo_client: FlaskClient) -> None:
    made = Story("ประชุม", tuple(Stop(f"{MAP}&province={n}", f"{n} {THAI} {THAI[n:]}") for n in range(MOST)))
    with demo_client.application.test_request_context():
        assert len(written(made)) < LONGEST
        with pytest.raises(Invalid):
            read("1" * LONGEST)


@pytest.mark.parametrize(
    ("address", "offered"),
    [("/en/", True), ("/en/frameworks/", True), ("/en/map", True), ("/en/targets/", False), ("/en/results/", False)],
)
def test_a_view_is_offered_for_a_story_where_one_takes_it(
    demo_client: FlaskClient, address: str, offered: bool
) -> None:
    links = re.findall(r'href="(/en/story\?add=[^"]+)"', demo_client.get(address).text)
    assert bool(links) is offered
    assert all(demo_client.get(unescape(link)).status_code == 200 for link in links)


def test_the_front_page_has_a_picture_in_a_story(demo_client: FlaskClient) -> None:
    picture = ElementTree.fromstring(demo_client.get("/th/?format=svg").text)
    assert picture.findall(".//{*}path[@class='land']"), "the country is drawn"
