"""Figures by hand in the browser: whose they are, what is shown before anything is stored, and who decides."""

from __future__ import annotations

import csv
import gc
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from cityindex.formats.uploaded import LARGEST
from cityindex.models import Observation, Recording, Upload, UploadFile
from cityindex.services.accounts.accounts import NewAccount
from tests.integration.recording import add_places
from tests.web.conftest import MOST_QUERIES, application_of, client_over, counted
from tests.web.test_permissions import become

TOWN, NEIGHBOUR = "4500101", "4500102"
PEOPLE = (
    ("editor", TOWN),
    ("approver", TOWN),
    ("editor", NEIGHBOUR),
    ("reviewer", None),
    ("programme-officer", None),
    ("methodologist", None),
    ("administrator", None),
)
EDITOR, APPROVER, OTHER, REVIEWER, OFFICER, ANALYST, ADMINISTRATOR = range(1, 8)
OWN = f"รหัส อปท.,ชื่อ,ปีงบประมาณ (พ.ศ.),รายได้ [own_revenue]\n{TOWN},ก,2566,50.5\n"
BOTH = OWN + f"{NEIGHBOUR},ข,2566,60\n"
UNUSUAL = OWN.replace("50.5", "900")
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Site:
    client: FlaskClient
    engine: Engine

    def as_(self, who: int) -> Site:
        become(self.client, who)
        return self

    def get(self, path: str, language: str = "en") -> TestResponse:
        return self.client.get(f"/{language}/imports/{path}")

    def post(self, path: str, language: str = "en", **fields: Any) -> TestResponse:
        page = self.client.get(f"/{language}/account/").text
        token = TOKEN.search(page)
        data = {"csrf_token": token[1] if token else "", **fields}
        return self.client.post(f"/{language}/imports/{path}", data=data)

    def upload(
        self, text: str | bytes = OWN, place: str = TOWN, name: str = "figures.csv", **fields: str
    ) -> TestResponse:
        content = text.encode() if isinstance(text, str) else text
        sent = {"place": place, "source": "งบการเงิน", **fields}
        return self.post("", file=(io.BytesIO(content), name), **sent)

    def confirm(self, number: int, deed: str = "confirm", **fields: str) -> TestResponse:
        """Press the button of the page as it is shown now."""
        shown = re.search(r'name="shown" value="(\w+)"', self.get(f"{number}").text)
        return self.post(f"{number}/{deed}", shown=shown[1] if shown else "", **fields)

    def counts(self) -> tuple[int, ...]:
        with Session(self.engine) as session:
            models: tuple[type[Any], ...] = (Upload, UploadFile, Observation, Recording)
            return tuple(session.scalar(select(func.count()).select_from(model)) or 0 for model in models)


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[Site]:
    with Session(engine) as session:
        add_places(session)
    client = client_over(database_url)
    accounts = application_of(client).accounts
    for number, (role, place) in enumerate(PEOPLE):
        accounts.add(NewAccount(f"person{number}@example.go.th", role, place), "test")
    yield Site(client, engine)
    application_of(client).engine.dispose()


def words(page: TestResponse) -> str:
    """What a page says, without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main")[1]).split())


def test_a_file_about_persons_is_not_kept(site: Site) -> None:
    site.as_(EDITOR)
    people = OWN.replace("\n", ",ชื่อ-สกุล,หมายเหตุ\n", 1).replace("50.5\n", "50.5,สมชาย ใจดี,1-1037-00123-45-8\n")
    answer = site.upload(people)
    assert answer.status_code == 422
    said = words(answer)
    assert "The file seems to hold data about persons. Nothing of it was kept." in said
    assert "Line 1, “ชื่อ-สกุล”: The heading tells of persons or households." in said
    assert "Line 2, “หมายเหตุ”: Thirteen digits stand in it" in said
    assert "สมชาย" not in answer.text
    assert "00123" not in answer.text
    file = io.BytesIO(people.encode()), "f.csv"
    assert "ไฟล์นี้ดูเหมือนมีข้อมูลของบุคคล" in site.post("", "th", file=file, place=TOWN, source="งบ").text
    answer = site.upload(source="ถามคุณสมชาย 081-234-5678")
    assert answer.status_code == 422
    assert "Name the office or the document instead" in words(answer)
    assert site.counts() == (0, 0, 0, 0)


def test_from_the_upload_to_the_observation(site: Site) -> None:
    answer = site.as_(EDITOR).upload()
    assert (answer.status_code, answer.location) == (303, "/en/imports/1")
    page = words(site.get("1"))
    assert "New 1" in page
    assert "2566 (2023)" in page
    assert "The approver of the place confirms" in page
    assert site.post("1/confirm", shown="x").status_code == 403
    site.as_(APPROVER)
    assert "You vouch for these figures" in words(site.get("1"))
    assert site.confirm(1).status_code == 303
    assert "has it now, since" in words(site.get("1"))
    assert site.counts() == (1, 1, 0, 0)
    site.as_(REVIEWER)
    assert "Confirmed figures, the longest wait first" in words(site.get(""))
    assert site.confirm(1, "accept").status_code == 303
    assert site.counts() == (1, 1, 1, 1)
    assert "The figures are stored and count in the next run." in words(site.as_(EDITOR).get("1"))


def test_a_draft_is_for_its_place_alone(site: Site) -> None:
    site.as_(EDITOR).upload()
    for who in (OTHER, REVIEWER, OFFICER, ANALYST, ADMINISTRATOR):
        site.as_(who)
        for path in ("1", "1/file", "1/errors.csv"):
            assert site.get(path).status_code in (403, 404), (who, path)
        assert "figures.csv" not in site.get("").text
        for deed in ("confirm", "accept", "return", "withdraw", "choices"):
            assert site.post(f"1/{deed}", shown="x", reason="r").status_code in (403, 404), (who, deed)
    site.as_(APPROVER).confirm(1)
    assert site.as_(OTHER).get("1").status_code == 404
    assert site.as_(ADMINISTRATOR).get("1").status_code in (403, 404)
    assert site.as_(REVIEWER).get("1").status_code == 200
    assert site.as_(OFFICER).get("1").status_code == 200
    for who in (EDITOR, APPROVER, OTHER, ANALYST, ADMINISTRATOR):
        assert site.as_(who).post("1/accept", shown="x").status_code in (403, 404)


def test_a_place_may_not_touch_the_rows_of_another(site: Site) -> None:
    site.as_(EDITOR).upload(BOTH)
    page = words(site.get("1"))
    assert "One thing is wrong. Nothing was stored." in page
    assert "The row is of another place than yours." in page
    assert site.as_(APPROVER).confirm(1).status_code == 409
    assert site.counts()[2] == 0
    assert site.as_(EDITOR).upload(OWN, place=NEIGHBOUR).status_code == 422
    assert site.upload(OWN, place="").status_code == 422  # as an analyst: an editor is none


def test_an_analyst_stores_at_confirmation(site: Site) -> None:
    site.as_(ANALYST).upload(BOTH, place="")
    assert "stored at once" in words(site.get("1"))
    assert site.confirm(1).status_code == 303
    assert site.counts() == (1, 1, 2, 1)
    assert site.as_(EDITOR).get("1").status_code == 404


def test_nobody_accepts_what_he_uploaded(site: Site) -> None:
    application_of(site.client).accounts.add(NewAccount("person4@example.go.th", "editor", TOWN), "test")
    site.as_(OFFICER).upload()
    site.as_(APPROVER).confirm(1)
    assert site.as_(OFFICER).post("1/accept", shown="x").status_code in (403, 404)
    assert site.counts()[2] == 0


def test_what_is_unusual_is_ticked_first(site: Site) -> None:
    site.as_(EDITOR).upload(UNUSUAL)
    page = words(site.as_(APPROVER).get("1"))
    assert "One value is to be confirmed." in page
    assert "Usual is 0.1–600 million baht." in page
    assert site.confirm(1).status_code == 422
    assert site.confirm(1, sure="1").status_code == 303


def test_what_changed_in_the_meantime_is_shown_first(site: Site) -> None:
    site.as_(EDITOR).upload()
    site.as_(APPROVER).confirm(1)
    seen = re.search(r'name="shown" value="(\w+)"', site.as_(REVIEWER).get("1").text)
    assert seen
    site.as_(ANALYST).upload(OWN.replace("50.5", "49"), place="")
    site.confirm(2)
    answer = site.as_(REVIEWER).post("1/accept", shown=seen[1])
    assert answer.status_code == 409
    assert "Other figures were stored since you looked" in words(answer)
    assert "Stored now" in words(answer)
    assert "49" in words(answer)
    assert site.confirm(1, "accept").status_code == 303
    assert site.counts()[2] == 2


def test_returned_with_a_reason_that_the_place_sees(site: Site) -> None:
    site.as_(EDITOR).upload()
    site.as_(APPROVER).confirm(1)
    site.as_(OFFICER)
    assert site.post("1/return", reason=" ").status_code == 422
    assert site.post("1/return", reason="<b>ปีไม่ตรง</b>").status_code == 303
    page = site.as_(EDITOR).get("1").text
    assert "&lt;b&gt;ปีไม่ตรง&lt;/b&gt;" in page
    assert "Correct the figures and upload them again." in page


def test_pressing_twice_does_it_once(site: Site) -> None:
    site.as_(ANALYST).upload(BOTH, place="")
    shown = re.search(r'name="shown" value="(\w+)"', site.get("1").text)
    assert shown
    assert site.post("1/confirm", shown=shown[1]).status_code == 303
    assert site.post("1/confirm", shown=shown[1]).status_code == 303
    assert "It was decided already" in words(site.get("1"))
    assert site.counts() == (1, 1, 2, 1)


def test_what_was_chosen_stays_on_the_page_after_an_error(site: Site) -> None:
    answer = site.as_(EDITOR).upload(b"MZ\x90\x00\x03", name="ตัวเลข.csv", era="be", period="2566")
    assert answer.status_code == 422
    assert "no CSV and no XLSX inside" in words(answer)
    assert "Choose “ตัวเลข.csv” again" in words(answer)
    for kept in ('value="งบการเงิน"', 'value="2566"', '<option value="be" selected>'):
        assert kept in answer.text
    answer = site.post("", source="", place=TOWN, period="soon")
    assert answer.status_code == 422
    for said in ("Choose a file first.", "Say where the figures come from", "Write a year such as"):
        assert said in words(answer)
    assert site.counts() == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx", "x.pdf"])
@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_kinds_are_known_by_content(site: Site, content: bytes, name: str) -> None:
    assert site.as_(EDITOR).upload(content, name=name).status_code == 422
    assert site.counts() == (0, 0, 0, 0)


class Endless(io.RawIOBase):
    """A form with a file that never ends; counts what is read of it."""

    def __init__(self) -> None:
        self.begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        head, self.begin = self.begin[: len(buffer)], self.begin[len(buffer) :]
        buffer[:] = head + b"x" * (len(buffer) - len(head))
        self.taken += len(buffer)
        return len(buffer)


def send_endless(site: Site, language: str, **environ: Any) -> tuple[TestResponse, int]:
    body = Endless()
    environ |= {"wsgi.input": body, "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    return site.client.post(f"/{language}/imports/", environ_overrides=environ), body.taken


@pytest.mark.parametrize(("language", "said"), [("en", "larger than 10 MB"), ("th", "ใหญ่กว่า 10 MB")])
def test_two_gigabytes_are_refused_before_they_are_read(site: Site, language: str, said: str) -> None:
    answer, taken = send_endless(site.as_(EDITOR), language, CONTENT_LENGTH=str(2 << 30))
    assert answer.status_code == 413
    assert said in answer.text
    assert answer.headers["Connection"] == "close"
    assert taken == 0
    assert site.counts() == (0, 0, 0, 0)


def test_nobody_sends_two_gigabytes(site: Site) -> None:
    answer, taken = send_endless(site, "en", CONTENT_LENGTH=str(2 << 30))
    assert answer.status_code in (303, 413)
    assert "Figures by hand" not in answer.text
    assert taken == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_body_of_unsaid_length_is_counted(site: Site) -> None:
    """Where no length is said, reading ends at the limit."""
    answer, taken = send_endless(site.as_(EDITOR), "en", **{"wsgi.input_terminated": True})
    assert answer.status_code == 413
    assert LARGEST < taken < LARGEST + 3_000_000
    assert site.counts() == (0, 0, 0, 0)
    gc.collect()  # the reader of forms leaves its temporary file open: it is closed here, and not in another test


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_comes_back(site: Site, kind: str, language: str, tmp_path: Path) -> None:
    site.as_(EDITOR)
    answer = site.get(f"template?place={TOWN}&framework=local-capacity&period=2566&kind={kind}", language)
    assert answer.status_code == 200
    assert f"local-capacity-2023-{TOWN}.{kind}" in answer.headers["Content-Disposition"]
    path = tmp_path / f"filled.{kind}"
    path.write_bytes(answer.data)
    if kind == "xlsx":
        book = load_workbook(path)
        page = book.worksheets[0]
        header = [cell.value for cell in page[1]]
        assert [page.cell(2, 1).value, page.max_row] == [TOWN, 2]
        page.cell(2, header.index(next(h for h in header if h.endswith("[own_revenue]"))) + 1).value = 50.5
        book.save(path)
    else:
        header, first = path.read_text("utf-8-sig").splitlines()
        cells = first.split(",")
        cells[next(i for i, h in enumerate(next(csv.reader([header]))) if h.endswith("[own_revenue]"))] = "50.5"
        path.write_text("\n".join([header, ",".join(cells)]) + "\n", "utf-8-sig")
    assert ("รหัส อปท." in str(header)) == (language == "th")
    site.upload(path.read_bytes(), name=path.name)
    page_words = words(site.get("1"))
    assert "New 1" in page_words
    assert "2566 (2023)" in page_words


def test_templates_of_others_are_for_analysts(site: Site) -> None:
    path = f"template?place={NEIGHBOUR}&framework=local-capacity&period=2023"
    assert site.as_(EDITOR).get(path).status_code == 403
    assert site.get("template?framework=local-capacity&period=2023").status_code == 400
    assert site.as_(ANALYST).get(path).status_code == 200
    everybody = site.get("template?framework=local-capacity&period=2023&kind=csv").data.decode("utf-8-sig").splitlines()
    assert len(everybody) == 1 + 4  # the header, and every place but the province
    assert site.get("template?framework=none&period=2023").status_code == 404
    assert site.get("template?framework=local-capacity&period=x").status_code == 400


def test_the_report_of_errors(site: Site) -> None:
    site.as_(EDITOR).upload(BOTH.replace("50.5", "99999"))
    answer = site.get("1/errors.csv", "th")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert header == ["row", "column", "value", "reason", "cure"]
    assert [row[0] for row in rows] == ["2", "3"]
    assert all(re.search("[ก-๙]", row[3]) and re.search("[ก-๙]", row[4]) for row in rows)


def test_reading_it_in_another_way(site: Site) -> None:
    site.as_(EDITOR).upload(OWN.replace("ปีงบประมาณ (พ.ศ.)", "ปี"))
    assert "does not say which era" in words(site.get("1"))
    assert site.post("1/choices", era="ce").status_code == 303
    assert "This cannot be the year." in words(site.get("1"))
    assert site.post("1/choices", era="be").status_code == 303
    assert "2566 (2023)" in words(site.get("1"))
    assert site.post("1/choices", period="never").status_code == 422
    assert site.post("1/withdraw").status_code == 303
    assert site.post("1/withdraw").status_code == 409


def test_the_file_comes_back_as_it_was(site: Site) -> None:
    site.as_(EDITOR).upload()
    assert site.get("1/file").data == OWN.encode()


@pytest.mark.parametrize("who", [EDITOR, APPROVER, REVIEWER, OFFICER, ANALYST])
def test_pages_cost_little(site: Site, who: int) -> None:
    site.as_(EDITOR).upload(UNUSUAL)
    site.as_(APPROVER).confirm(1, sure="1")
    site.as_(who)
    for path in ("", "1"):
        with counted(application_of(site.client).engine) as said:
            status = site.get(path, "th").status_code
        assert status in (200, 404), path
        assert len(said) <= MOST_QUERIES, path


def test_schedules_are_shown_with_their_failures(site: Site) -> None:
    from datetime import timedelta

    from cityindex.models import Schedule, ScheduledRun, now

    site.as_(ADMINISTRATOR)
    assert "has never run here" in words(site.client.get("/en/admin/schedules"))
    with Session(site.engine) as session:
        session.add(Schedule(job="forget", at="03:10", changed_by="test"))
        session.add(Schedule(job="remind", at="07:00", changed_by="test", enabled=False))
        session.flush()
        moment = now() - timedelta(days=1)
        run = {"job": "forget", "runner": "x", "outcome": "failed", "said": "the <disk> is full"}
        session.add(ScheduledRun(scheduled_at=moment, **run))
        session.add(ScheduledRun(scheduled_at=now(), job="forget", runner="x"))
        session.commit()
    page = site.client.get("/en/admin/schedules")
    said = words(page)
    assert "forget old files and sign-in tries" in said
    assert "running" in said
    assert "the &lt;disk&gt; is full" in said
    assert "07:00 Asia/Bangkok off never run" in said
    assert site.as_(EDITOR).client.get("/en/admin/schedules").status_code == 403
