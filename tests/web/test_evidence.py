"""Evidence in the browser: attached, looked at, removed, refused; and what its answers allow."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from cityindex.gateways.evidence import Source
from cityindex.gateways.scanner import Scan, Verdict
from cityindex.queries.accounts.accounts import account
from cityindex.queries.assessments.evidence import EvidenceRecord, evidence_of
from tests import files
from tests.databases import MakeDatabase
from tests.integration.assessing import World, opened, prepared, submit
from tests.web.conftest import MOST_QUERIES, Reader, counted

QUESTION = "digital_plan"


class Site:
    """A browser over a site with a round; `number` is the assessment of M1."""

    def __init__(self, world: World) -> None:
        self.world = world
        app = world.application.web()
        app.test_client_class = Reader
        self.client: FlaskClient = app.test_client()
        opened(world)
        self.number = world.assessment_of("M1")

    def become(self, name: str) -> Site:
        with self.world.application.sessions() as session:
            found = account(session, self.world.people[name])
            assert found is not None
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie.update(account=found.id, epoch=found.epoch)
        return self

    def path(self, rest: str = f"question/{QUESTION}", number: int | None = None, language: str = "en") -> str:
        return f"/{language}/assessments/{number or self.number}/evidence/{rest}"

    def get(self, rest: str = f"question/{QUESTION}") -> TestResponse:
        return self.client.get(self.path(rest))

    def post(self, rest: str, page: str = f"question/{QUESTION}", query: str = "", **fields: object) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        assert token is not None, "the page has a form"
        return self.send(self.path(rest) + query, {"csrf_token": token[1], **fields})

    def send(self, path: str, fields: dict[str, object]) -> TestResponse:
        """A form as a browser sends it. (The test client would leave a temporary file open for a large one.)"""
        boundary, body = encode_multipart({name: _part(value) for name, value in fields.items()})
        return self.client.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def attach(self, content: bytes = files.pdf(), name: str = "plan.pdf", **more: object) -> TestResponse:
        return self.post(f"question/{QUESTION}/file", file=(io.BytesIO(content), name), **more)

    def there(self) -> tuple[EvidenceRecord, ...]:
        with self.world.application.sessions() as session:
            return evidence_of(session, self.number).get(QUESTION, ())


def _part(value: object) -> object:
    return FileStorage(value[0], value[1]) if isinstance(value, tuple) else value


@pytest.fixture
def site(databases: MakeDatabase, tmp_path: Path) -> Iterator[Site]:
    world = prepared(databases, evidence_url=str(tmp_path / "evidence"), evidence_file_mb="1")
    yield Site(world).become("editor")
    world.application.engine.dispose()


def test_a_file_is_attached_and_comes_back(site: Site) -> None:
    answer = site.attach(name="แผนดิจิทัล 2569.pdf", dated="30/9/2568", note="หน้า 12")
    assert (answer.status_code, answer.location) == (303, site.path())
    (one,) = site.there()
    assert (one.name, one.note, str(one.dated)) == ("แผนดิจิทัล 2569.pdf", "หน้า 12", "2025-09-30")
    page = site.get().text
    assert "The file is attached." in page
    assert "dated 30 Sep 2025" in page
    file = site.get(str(one.id))
    assert file.data == files.pdf()
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"] == (
        f"attachment; filename=evidence-{one.id}.pdf; "
        "filename*=UTF-8''%E0%B9%81%E0%B8%9C%E0%B8%99%E0%B8%94%E0%B8%B4%E0%B8%88%E0%B8%B4%E0%B8%97%E0%B8%B1%E0%B8%A5"
        "%202569.pdf"
    )


def test_answers_with_files_allow_nothing_else(site: Site) -> None:
    site.attach()
    site.attach(files.png(), "photo.png")
    site.attach(files.xlsx(), "table.xlsx")
    document, image, table = (one.id for one in site.there())
    for rest in (str(document), f"{document}/preview", f"{image}/preview"):
        headers = site.get(rest).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert ("frame-ancestors 'self'" in policy) == rest.endswith("preview")
        assert ("sandbox" in policy) == (rest != f"{document}/preview")
        assert headers["Content-Disposition"].startswith("inline" if rest.endswith("preview") else "attachment")
    assert site.get(f"{table}/preview").status_code == 404
    assert site.get(str(table)).mimetype.startswith("application/vnd.openxmlformats")


def test_a_name_cannot_make_a_file_something_else(site: Site) -> None:
    site.attach(files.png(), "../../etc/report.html")
    (one,) = site.there()
    assert one.name == "report.html"
    answer = site.get(str(one.id))
    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Disposition"].endswith("report.html.png")


def test_what_is_refused_is_said_beside_the_field(site: Site) -> None:
    answer = site.attach(files.WINDOWS_PROGRAM, "plan.pdf", note="หน้า 12", dated="2568-09-30")
    assert answer.status_code == 400
    assert site.there() == ()
    error = "This is a program, whatever its name says. Attach the document itself, as PDF or picture."
    field = f"file-{QUESTION}-file"
    assert f'<a href="#{field}">{error}</a>' in answer.text
    assert f'id="{field}-error">{error}</p>' in answer.text
    assert 'value="หน้า 12"' in answer.text, "what was typed is not lost"
    assert '<details class="evidence-add" open><summary>Attach a file' in answer.text
    wrong = site.attach(dated="yesterday", valid_until="31/2/2569", note="x" * 2001).text
    assert wrong.count("We cannot read this date.") == 4
    assert "The note is too long" in wrong
    token = re.search(r'name="csrf_token" value="([^"]+)"', wrong)
    assert token is not None
    nothing = site.client.post(site.path(f"question/{QUESTION}/file"), data={"csrf_token": token[1]})
    assert "Choose a file first." in nothing.text


def test_in_thai_first(site: Site) -> None:
    site.attach(files.WINDOWS_PROGRAM)
    page = site.client.get(site.path(language="th")).text
    assert "หลักฐาน" in page
    assert "Attach" not in page


def test_a_large_upload_is_refused_before_it_is_read(site: Site) -> None:
    class Never:
        """Two gigabytes that nobody may ask for."""

        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

        readline = read

    answer = site.client.post(
        site.path(f"question/{QUESTION}/file") + "?next=/en/somewhere",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(2 << 30), "wsgi.input": Never()},
    )
    assert answer.status_code == 413
    assert "The file is larger than 1.0 MB." in answer.text
    assert 'href="/en/somewhere"' in answer.text
    just_over = site.attach(files.pdf() + b"%" * 1_000_000 + b"\n%%EOF")
    assert just_over.status_code == 400
    assert "The file is larger than 1.0 MB." in just_over.text
    assert site.there() == ()


@pytest.mark.parametrize("place", ["nowhere", "M0"])
def test_a_large_upload_for_another_place_is_refused_and_says_no_more(site: Site, place: str) -> None:
    number = 1_000_000 if place == "nowhere" else site.world.assessment_of(place)
    answer = site.client.post(
        site.path(f"question/{QUESTION}/file", number),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(2 << 30)},
    )
    assert answer.status_code == 413
    assert 'type="file"' not in answer.text


def test_nobody_sends_a_large_file_without_signing_in(site: Site) -> None:
    with site.client.session_transaction() as cookie:
        cookie.clear()
    path = site.path(f"question/{QUESTION}/file")
    assert site.send(path, {"note": "x" * 2_100_000}).status_code in (303, 413)
    small = site.send(path, {"file": (io.BytesIO(files.pdf()), "plan.pdf")})
    assert small.location.startswith("/en/account/login")
    assert site.there() == ()


def test_a_form_without_a_file_is_small(site: Site) -> None:
    assert site.send(site.path(f"question/{QUESTION}/link"), {"note": "x" * 1_000_001}).status_code == 413


def test_links_are_of_the_web(site: Site) -> None:
    answer = site.post(f"question/{QUESTION}/link", url="javascript:alert(1)", note="ดู")
    assert answer.status_code == 400
    assert "Only web pages can be linked." in answer.text
    assert 'href="javascript' not in answer.text
    assert 'value="javascript:alert(1)"' in answer.text
    site.post(f"question/{QUESTION}/link", url="https://example.go.th/plan", valid_until="2030-01-01")
    page = site.get().text
    assert '<a href="https://example.go.th/plan" rel="noopener noreferrer nofollow external">example.go.th</a>' in page
    assert "valid until 1 Jan 2030" in page


def test_back_to_where_the_form_stood(site: Site) -> None:
    own = f"/en/assessments/{site.number}/{QUESTION}"
    for query, goes in ((f"?next={own}", own), ("?next=https://elsewhere.example/", site.path()), ("", site.path())):
        answer = site.post(f"question/{QUESTION}/link", query=query, url=f"https://example.go.th/{len(goes)}")
        assert answer.location == goes


def test_described_anew_and_removed(site: Site) -> None:
    site.attach(dated="2025-09-30")
    (one,) = site.there()
    page = site.get(f"{one.id}/change").text
    assert 'value="2025-09-30"' in page
    wrong = site.post(f"{one.id}/change", f"{one.id}/change", dated="2190-01-01", note="ใหม่")
    assert wrong.status_code == 400
    assert "This day is still to come." in wrong.text
    assert 'value="ใหม่"' in wrong.text
    done = site.post(f"{one.id}/change", f"{one.id}/change", dated="1/10/2568", note="ใหม่")
    assert done.status_code == 303
    assert [(again.note, str(again.dated), again.name) for again in site.there()] == [("ใหม่", "2025-10-01", "plan.pdf")]
    assert "Remove this evidence?" in site.get(f"{one.id}/remove").text
    assert site.post(f"{one.id}/remove", f"{one.id}/remove").status_code == 303
    assert site.there() == ()
    assert site.get(f"{one.id}/change").status_code == 404


def test_nobody_else_sees_it_however_he_guesses(site: Site) -> None:
    site.attach()
    (one,) = site.there()
    paths = [site.path(), *(site.path(rest) for rest in (str(one.id), f"{one.id}/preview", f"{one.id}/change"))]
    for name in ("other-editor", "reviewer", "methodologist", "province-administrator"):
        site.become(name)
        statuses = {path: site.client.get(path).status_code for path in paths}
        assert set(statuses.values()) <= {403, 404}, (name, statuses)
    site.become("other-editor")
    assert {site.client.get(path).status_code for path in paths} == {404}, "not even that it is there"
    theirs = site.world.assessment_of("M2")
    assert site.client.get(site.path(str(one.id), theirs)).status_code == 404
    assert site.client.get(site.path(f"{one.id}/change", theirs)).status_code == 404
    for name in ("advisor", "officer"):
        site.become(name)
        assert [site.client.get(path).status_code for path in paths] == [200, 200, 200, 403], name
        assert "Attach a file" not in site.get().text


def test_reviewers_see_what_was_submitted(site: Site) -> None:
    site.attach(name="first.pdf")
    site.become("other-editor")
    theirs = site.world.assessment_of("M2")
    page = site.client.get(site.path(number=theirs)).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    sent = {"csrf_token": token[1], "file": (io.BytesIO(files.pdf()), "copy.pdf")}
    assert site.send(site.path(f"question/{QUESTION}/file", theirs), sent).status_code == 303
    submit(site.world, theirs, by="other-approver")
    submit(site.world, site.number)
    page = site.become("reviewer").get()
    assert page.status_code == 200
    assert "first.pdf" in page.text
    assert "also handed in by Town M2" in page.text
    assert "Attach a file" not in page.text
    site.become("editor")
    assert "Town M2" not in site.get().text, "whose file it is too is the reviewer's business"
    assert "Attach a file" not in site.get().text


def test_nothing_is_added_after_submitting(site: Site) -> None:
    page = site.get().text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    submit(site.world, site.number)
    sent = {"csrf_token": token[1], "url": "https://example.go.th"}
    answer = site.client.post(site.path(f"question/{QUESTION}/link"), data=sent)
    assert answer.status_code == 409
    assert "This assessment takes no changes now" in answer.text


def test_what_the_scanner_holds_says_so(site: Site) -> None:
    class Told:
        verdict = Scan(Verdict.WAITING, "no answer")

        def scan(self, stream: Source) -> Scan:
            return self.verdict

    site.world.application.evidence.scanner = told = Told()
    site.attach()
    (one,) = site.there()
    page = site.get().text
    assert "waiting for the virus scanner" in page
    assert f'href="{site.path(str(one.id))}"' not in page
    answer = site.get(str(one.id))
    assert answer.status_code == 503
    assert "waiting for the virus scanner" in answer.text
    told.verdict = Scan(Verdict.INFECTED, "Eicar")
    site.world.application.evidence.scan_waiting()
    answer = site.get(f"{one.id}/preview")
    assert answer.status_code == 403
    assert "found something" in answer.text
    assert files.pdf() not in answer.data


def test_a_page_asks_the_database_little(site: Site) -> None:
    for number in range(3):
        site.attach(files.pdf(str(number)))
    with counted(site.world.application.engine) as said:
        assert site.get().text.count("evidence-name") == 3
    assert len(said) <= MOST_QUERIES, said


def test_a_locked_file_is_noted(site: Site) -> None:
    site.attach(files.pdf(extra=b"/Encrypt 9 0 R"))
    assert "This file is locked." in site.get().text


def test_every_kind_and_fault_has_words(site: Site) -> None:
    from cityindex.formats.file_kinds import Refusal
    from cityindex.services.assessments.described import Fault
    from cityindex.web.assessments.evidence_words import FAULTS, REFUSED

    assert set(REFUSED) == set(Refusal)
    assert set(FAULTS) == set(Fault)
