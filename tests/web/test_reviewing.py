"""Reviewing and running a round in the browser: who sees what, what is asked once, and what nobody loses."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from cityindex.assessment.workflow import State
from cityindex.calendars import day_of
from cityindex.models import now
from cityindex.queries.accounts.accounts import account
from cityindex.queries.assessments import review_queue
from cityindex.queries.assessments.answers import decisions_of, in_force, submission
from cityindex.queries.assessments.review_queue import assigned
from cityindex.queries.assessments.rounds import AssessmentRecord, assessment
from cityindex.services.accounts.accounts import NewAccount
from cityindex.web.links import page_links
from tests.databases import MakeDatabase
from tests.integration.assessing import ANSWERS, World, answer, answer_all, approve, give_back, opened, prepared, submit
from tests.web.conftest import MOST_QUERIES, Reader, counted
from tests.web.reading import text_of

TODAY = day_of(now())
reviews_page = import_module("cityindex.web.pages.reviews")


class Site:
    """A browser over a site with an open round; `number` is the submitted assessment of M1."""

    def __init__(self, world: World) -> None:
        self.world = world
        app = world.application.web()
        app.test_client_class = Reader
        self.client: FlaskClient = app.test_client()
        self.round = opened(world, second_share=1.0)
        self.number = world.assessment_of("M1")
        answer_all(world, self.number)
        submit(world, self.number)

    def become(self, name: str) -> Site:
        with self.world.application.sessions() as session:
            found = account(session, self.world.people[name])
            assert found is not None
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie.update(account=found.id, epoch=found.epoch)
        return self

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/en/{path}")

    def post(self, path: str, page: str | None = None, **form: Any) -> TestResponse:
        """Sends a form with the token of `page` (by default the review)."""
        seen = self.get(page if page is not None else f"reviews/{self.number}").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', seen)
        assert token is not None, "the page has a form"
        return self.client.post(f"/en/{path}", data={"csrf_token": token[1], **form})

    def decide(self, question: str, verdict: str, **form: Any) -> TestResponse:
        told = {"submission": str(self.record().standing.submission), "question": question, "verdict": verdict, **form}
        return self.post(f"reviews/{self.number}/decide", **told)

    def record(self, place: str = "M1") -> AssessmentRecord:
        with self.world.application.sessions() as session:
            return assessment(session, self.world.assessment_of(place))

    def decided(self) -> dict[str, tuple[str, Any]]:
        with self.world.application.sessions() as session:
            frozen = submission(session, self.number, self.record().standing.submission)
            return {
                code: (one.verdict.value, one.value) for code, one in in_force(decisions_of(session, frozen.id)).items()
            }


def hidden_fields(page: str) -> dict[str, str]:
    """What the form in the middle of a page would send, without its buttons."""
    main = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def site(databases: MakeDatabase, tmp_path: Path) -> Iterator[Site]:
    world = prepared(databases, evidence_url=str(tmp_path / "evidence"))
    yield Site(world).become("reviewer")
    world.application.engine.dispose()


def test_the_queue_shows_reasons_and_leads_to_the_review(site: Site) -> None:
    page = site.get("reviews/").text
    assert f'href="/en/reviews/{site.number}"' in page
    assert "without evidence 2" in page
    assert "nobody by name" in page
    assert f'href="/en/reviews/{site.number}"' not in site.get("reviews/?days=7").text
    assert f'href="/en/reviews/{site.number}"' not in site.get("reviews/?state=appealed").text
    assert site.get("reviews/?state=nothing").status_code == 400


def test_only_what_is_shown_is_read_and_weighed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    usual = review_queue.newest

    def newest(session: Any, records: Any) -> Any:
        read.extend(one.id for one in records)
        return usual(session, records)

    monkeypatch.setattr(review_queue, "newest", newest)
    assert f'href="/en/reviews/{site.number}"' in site.get("reviews/").text
    assert read == [site.number]
    site.world.application.assigning.assign([site.number], site.world.people["second-reviewer"], None)
    for path in ("reviews/", "reviews/?whose=me", "reviews/?whose=all&days=7"):
        assert f'href="/en/reviews/{site.number}"' not in site.get(path).text
    assert read == [site.number]


def test_a_very_long_queue_reads_its_page_only_and_keeps_its_filters(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = site.world.assessment_of("M2")
    answer(site.world, other, "remarks", "ไม่มี", by="other-editor")
    submit(site.world, other, by="other-approver")
    read: list[int] = []
    usual = reviews_page.weighed

    def weighed(session: Any, waiting: Any, rules: Any) -> Any:
        read.append(len(waiting))
        return usual(session, waiting, rules)

    monkeypatch.setattr(reviews_page, "weighed", weighed)
    monkeypatch.setattr(reviews_page, "PAGE", 1)
    first = site.get("reviews/?whose=all&days=0&second=false").text
    monkeypatch.setattr(reviews_page, "MOST_WEIGHED", 1)
    by_days = site.get("reviews/?whose=all").text
    assert read == [2, 1]
    assert "what waits longest stands first" in by_days
    assert "what waits longest stands first" not in first
    assert 'href="/en/reviews/?state=submitted&amp;whose=all&amp;days=0&amp;page=2"' in by_days
    with site.client.application.test_request_context("/en/reviews/"):
        assert page_links({"second": True, "round": 1, "q": ""})(1) == "/en/reviews/?second=True&round=1"


def test_drafts_are_not_to_be_seen(site: Site) -> None:
    other = site.world.assessment_of("M2")
    answer(site.world, other, "remarks", "ยังเป็นร่าง", by="other-editor")
    assert site.get(f"reviews/{other}").status_code == 404
    assert "ยังเป็นร่าง" not in site.get("reviews/?whose=all").text


@pytest.mark.parametrize(
    "name", ["editor", "approver", "advisor", "other-editor", "methodologist", "province-administrator"]
)
def test_nobody_else_opens_a_review(site: Site, name: str) -> None:
    answer_ = site.become(name).get(f"reviews/{site.number}")
    assert answer_.status_code in (403, 404)
    assert "Claimed" not in answer_.text


def test_nobody_reviews_a_place_where_he_held_a_role(site: Site) -> None:
    world = site.world
    added = world.application.accounts.add(NewAccount("both@example.go.th", "reviewer", None, "คุณสอง"), "test").account
    world.application.accounts.add(NewAccount("both@example.go.th", "editor", "M1"), "test")
    site = site.become("reviewer")
    with world.application.sessions() as session:
        found = account(session, added)
        assert found is not None
    with site.client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(account=added, epoch=found.epoch)
    assert site.get(f"reviews/{site.number}").status_code in (403, 404)
    assert f"/en/reviews/{site.number}" not in site.get("reviews/?whose=all").text


def test_one_answer_is_decided_and_the_next_is_shown(site: Site) -> None:
    answer_ = site.decide("digital_plan", "accept")
    assert (answer_.status_code, answer_.location) == (303, f"/en/reviews/{site.number}#q-data_officer")
    assert site.decided() == {"digital_plan": ("accept", 3)}
    site.decide("digital_plan", "adjust", value="2", reason="ไม่มีงบประมาณ")
    assert site.decided() == {"digital_plan": ("adjust", 2)}
    page = site.get(f"reviews/{site.number}").text
    assert "ไม่มีงบประมาณ" in page
    assert "1 of 7 decided" in page


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"verdict": "return", "reason": " "}, "Say why"),
        ({"verdict": "adjust", "value": "", "reason": "เพราะ"}, "choose what the evidence shows"),
        ({"verdict": "adjust", "value": "9", "reason": "เพราะ"}, "choose what the evidence shows"),
    ],
)
def test_what_cannot_be_taken_is_shown_again(site: Site, form: dict[str, str], said: str) -> None:
    answer_ = site.decide("digital_plan", **form)
    assert answer_.status_code == 422
    assert said in answer_.text
    assert form["reason"] in answer_.text
    assert site.decided() == {}


def test_what_falls_away_with_a_decision_is_said_before_it_is_saved(site: Site) -> None:
    told = {"value": "no", "reason": "เปิดไม่ได้", "looked_at": "https://www.m1.go.th"}
    asking = site.decide("website", "adjust", **told)
    assert (asking.status_code, site.decided()) == (200, {})
    page = text_of(asking.text)
    assert "Answers that would no longer count (2)" in page
    assert "2.2 How many services can be had online? · 12" in page
    assert "2.3 Who looks after the server? · A company" in page
    assert "Questions that were not asked" not in page
    fields = hidden_fields(asking.text)
    assert fields.pop("csrf_token")
    assert fields.pop("known") == "online_services hosting"
    assert fields == {"submission": "1", "question": "website", "verdict": "adjust", **told}

    back = site.decide("website", "adjust", **told, known="online_services hosting", back="1")
    assert site.decided() == {}
    assert "เปิดไม่ได้" in back.text, "what was written is kept"
    other = site.decide("website", "adjust", **told, known="online_services")
    assert "Answers that would no longer count (2)" in text_of(other.text), "not what was shown"

    assert site.decide("website", "adjust", **told, known="online_services hosting").status_code == 303
    assert site.decided() == {"website": ("adjust", "no")}
    assert site.get(f"reviews/{site.number}?all").text.count("This answer does not count now") == 2
    assert site.decide("website", "accept").status_code == 303, "what comes back needs no question"
    assert "This answer does not count now" not in site.get(f"reviews/{site.number}?all").text


def test_questions_that_nobody_was_asked_are_said_before(site: Site) -> None:
    world, other = site.world, site.world.assessment_of("M2")
    answer(world, other, "website", "no", by="other-editor")
    submit(world, other, by="other-approver")
    told = {"submission": "1", "question": "website", "verdict": "adjust", "value": "yes", "reason": "มีจริง"}
    asking = site.post(f"reviews/{other}/decide", page=f"reviews/{other}?all", **told)
    assert "Questions that were not asked (2)" in text_of(asking.text)
    assert hidden_fields(asking.text)["known"] == "online_services hosting"
    thai = site.client.post(f"/th/reviews/{other}/decide", data=hidden_fields(asking.text) | {"known": ""})
    assert "ข้อที่ยังไม่ได้ถาม (2)" in text_of(thai.text)


def test_a_second_review_and_a_return_ask_nothing_first(site: Site) -> None:
    assert site.decide("website", "return", reason="ขอหลักฐาน").status_code == 303
    site.become("second-reviewer")
    assert site.decide("website", "adjust", value="no", reason="เปิดไม่ได้").status_code == 303
    assert "This answer does not count now" not in site.get(f"reviews/{site.number}?all").text


@pytest.mark.parametrize("verdict", ["", "approve"])
def test_nothing_is_decided_without_its_button(site: Site, verdict: str) -> None:
    assert site.decide("digital_plan", verdict, value="2").status_code == 400
    assert site.decided() == {}


def test_the_enter_key_decides_nothing(site: Site) -> None:
    page = site.get(f"reviews/{site.number}").text
    forms = re.findall(r'<form method="post" class="verdict.*?</form>', page, re.DOTALL)
    assert len(forms) == len(ANSWERS)
    assert all(re.findall(r"<button[^>]*>", form)[0] == "<button hidden disabled>" for form in forms)


def test_a_page_of_an_older_submission_decides_nothing(site: Site) -> None:
    give_back(site.world, site.number, "digital_plan")
    answer(site.world, site.number, "digital_plan", "2")
    submit(site.world, site.number)
    answer_ = site.decide("digital_plan", "adjust", submission="1", value="1", reason="จากหน้าเก่า")
    assert answer_.status_code == 409
    assert "จากหน้าเก่า" in answer_.text
    assert "digital_plan" not in site.decided()
    page = site.get(f"reviews/{site.number}").text
    assert "Changed since the last submission: 1" in page
    assert page.count('<details class="answer-of" open>') == 1


def test_accepting_the_rest_asks_once_and_takes_what_it_listed(site: Site) -> None:
    told = {"value": "no", "reason": "เปิดไม่ได้", "looked_at": "https://www.m1.go.th"}
    site.decide("website", "adjust", **told, known="online_services hosting")
    page = site.get(f"reviews/{site.number}/accept")
    listed = re.findall(r'name="question" value="([^"]+)"', page.text)
    assert set(listed) == set(ANSWERS) - {"website"}
    form = {"question": listed[:3], "submission": "1"}
    site.post(f"reviews/{site.number}/accept", page=f"reviews/{site.number}/accept", **form)
    assert len(site.decided()) == 4
    site.post(f"reviews/{site.number}/accept", page=f"reviews/{site.number}/accept", question=listed, submission="1")
    assert len(site.decided()) == 7
    assert "https://www.m1.go.th" in site.get(f"reviews/{site.number}").text
    site.post(f"reviews/{site.number}/approve", note="ขอบคุณ")
    assert site.record().standing.state is State.APPROVED


def test_returning_says_until_when(site: Site) -> None:
    site.decide("digital_plan", "return", reason="แนบหน้าที่ลงนาม")
    due = TODAY + timedelta(days=60)
    site.post(f"reviews/{site.number}/return", message="ขอเอกสาร", due=due.isoformat())
    assert site.record().standing.state is State.RETURNED
    assert site.record().due == due


def test_the_second_reviewer_sees_nothing_of_the_first_before_he_is_done(site: Site) -> None:
    site.decide("digital_plan", "adjust", value="1", reason="เหตุผลของคนแรก")
    page = site.become("second-reviewer").get(f"reviews/{site.number}").text
    assert "second review" in page
    assert "เหตุผลของคนแรก" not in page
    site.post(f"reviews/{site.number}/approve")
    assert site.record().standing.state is State.SUBMITTED
    listed = list(ANSWERS)
    site.post(f"reviews/{site.number}/accept", page=f"reviews/{site.number}/accept", question=listed, submission="1")
    page = site.get(f"reviews/{site.number}?all=1").text
    assert "Both are shown now" in page
    assert "เหตุผลของคนแรก" in page
    first = site.become("reviewer").get(f"reviews/{site.number}?all=1").text
    assert first.count("The other reviewer") == 1, "only beside what the first has decided himself"


def test_comments_of_reviewers_do_not_reach_the_municipality(site: Site) -> None:
    site.post(f"reviews/{site.number}/comments", text="ระหว่างผู้ตรวจ", audience="reviewers", question="digital_plan")
    site.post(f"reviews/{site.number}/comments", text="ถึงเทศบาล", audience="all")
    assert "ระหว่างผู้ตรวจ" in site.get(f"reviews/{site.number}").text
    page = site.become("editor").get(f"assessments/{site.number}/").text
    assert "ถึงเทศบาล" in page
    assert "ระหว่างผู้ตรวจ" not in page + site.get(f"assessments/{site.number}/governance").text


def test_an_appeal_is_decided_by_the_programme_office(site: Site) -> None:
    approve(site.world, site.number, digital_plan=("1", "ไม่พบแผน"))
    site.world.application.assessments.appeal(site.number, {"digital_plan": "อยู่หน้า 9"}, site.world.people["approver"])
    path = f"reviews/{site.number}/appeal"
    assert site.get(path).status_code == 403
    page = site.become("officer").get(path).text
    assert "อยู่หน้า 9" in page
    refused = site.post(f"{path}/decide", page=path, question="digital_plan", choice="kept", reason="")
    assert refused.status_code == 422
    site.post(f"{path}/decide", page=path, question="digital_plan", choice="kept", reason="ยังไม่พบ")
    assert site.decided()["digital_plan"] == ("adjust", 1)
    site.post(f"{path}/decide", page=path, question="digital_plan", choice="theirs", reason="พบแล้ว")
    assert site.decided()["digital_plan"] == ("accept", 3)
    site.post(f"{path}/decide", page=path, question="digital_plan", choice="other", value="2", reason="ระดับสอง")
    assert site.decided()["digital_plan"] == ("adjust", 2)
    site.post(f"{path}/close", page=path, message="เรียบร้อย")
    assert site.record().standing.state is State.APPROVED
    assert "ระดับสอง" in site.become("approver").get(f"assessments/{site.number}/results").text


def test_opening_again_is_for_the_programme_office(site: Site) -> None:
    approve(site.world, site.number)
    form = {"reason": "พบข้อมูลใหม่", "due": (TODAY + timedelta(days=9)).isoformat()}
    assert site.post(f"reviews/{site.number}/reopen", **form).status_code == 403
    site.become("officer").post(f"reviews/{site.number}/reopen", **form)
    assert site.record().standing.state is State.RETURNED


def test_the_pages_ask_the_database_little(site: Site) -> None:
    pages = (
        ("reviewer", "reviews/"), ("reviewer", f"reviews/{site.number}"), ("officer", "rounds/"),
        ("officer", f"rounds/{site.round}"),
    )  # fmt: skip
    for name, path in pages:
        site.become(name).get(path)
        with counted(site.world.application.engine) as said:
            assert site.get(path).status_code == 200
        assert len([one for one in said if not one.startswith("BEGIN")]) <= MOST_QUERIES, (path, len(said))


def test_a_round_is_counted_before_it_is_opened(site: Site) -> None:
    form = {
        "programme": "small-programme", "period": "2570", "deadline": (TODAY + timedelta(days=40)).isoformat(),
        "review_deadline": "", "appeal_days": "15", "second_share": "25",
    }  # fmt: skip
    page = site.become("officer").post("rounds/", page="rounds/", **form)
    assert "4 municipalities would take part" in page.text
    assert site.world.assessment_of("M1") == site.number
    opened_ = site.post("rounds/", page="rounds/", confirmed="1", **form)
    assert opened_.status_code == 303
    assert site.record().round.period == 2027
    assert site.record().round.second_share == 0.25
    again = site.post("rounds/", page="rounds/", confirmed="1", **form)
    assert again.status_code == 422
    assert "such a round already" in again.text


def test_the_way_from_my_tasks(site: Site) -> None:
    assert 'href="/en/reviews/"' in site.get("assessments/").text
    assert 'href="/en/rounds/"' not in site.get("assessments/").text
    assert 'href="/en/rounds/"' in site.become("officer").get("assessments/").text


def test_where_everybody_stands_and_who_has_no_account(site: Site) -> None:
    page = site.become("officer").get(f"rounds/{site.round}").text
    assert "1 of 4 have submitted at least once" in page
    only = site.get(f"rounds/{site.round}?people=none").text
    assert "Municipalities: 2" in only
    assert "Municipalities: 1" in site.get(f"rounds/{site.round}?state=submitted").text
    assert "Nobody fits" in site.get(f"rounds/{site.round}?due=over").text


def test_the_list_goes_out_and_comes_back_with_reviewers(site: Site) -> None:
    path = f"rounds/{site.round}"
    book = openpyxl.load_workbook(io.BytesIO(site.become("officer").get(f"{path}/list.xlsx").data))
    sheet = book["round"]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["M0", "M1", "M2", "M3"]
    column = rows[0].index("reviewer e-mail") + 1
    for line in (2, 3):
        sheet.cell(line, column, "second-reviewer@example.go.th")
    sheet.cell(4, column, "nobody@example.go.th")

    def sent() -> TestResponse:
        data = io.BytesIO()
        book.save(data)
        return site.post(f"{path}/list", page=path, file=FileStorage(io.BytesIO(data.getvalue()), "list.xlsx"))

    refused = sent()
    assert refused.status_code == 422
    assert "Line 4: nobody@example.go.th" in refused.text
    sheet.cell(4, column, "reviewer@example.go.th")
    assert sent().status_code == 303
    with site.world.application.sessions() as session:
        held = assigned(session, [site.number])
    assert held == {site.number: {"first": site.world.people["second-reviewer"]}}


def test_several_are_given_to_a_reviewer_or_more_time_at_once(site: Site) -> None:
    path, officer = f"rounds/{site.round}", site.become("officer")
    reviewer = str(site.world.people["reviewer"])
    officer.post(f"{path}/assign", page=path, everything="1", state="submitted", person=reviewer, part="first")
    with site.world.application.sessions() as session:
        assert assigned(session, [site.number]) == {site.number: {"first": int(reviewer)}}
    until = TODAY + timedelta(days=90)
    officer.post(f"{path}/extend", page=path, everything="1", until=until.isoformat(), reason="น้ำท่วม")
    assert site.record("M2").due == until
    assert site.record("M1").due != until
    other = str(site.world.assessment_of("M2"))
    again = officer.post(f"{path}/extend", page=path, chosen=other, until="", reason="ถนนขาด", state="open")
    assert again.status_code == 422
    assert "Nobody got more time" in again.text
    assert 'value="ถนนขาด"' in again.text
    assert re.search(rf'name="chosen" value="{other}" checked', again.text)
    assert "Municipalities: 3" in again.text, "the filter holds"
    assert site.record("M2").due == until


def test_what_was_typed_stays_when_a_return_is_refused(site: Site) -> None:
    site.decide("digital_plan", "return", reason="แนบหน้าที่ลงนาม")
    again = site.post(f"reviews/{site.number}/return", message="ขอเอกสารสองหน้า", due="2020-01-01")
    assert again.status_code == 422
    assert "Not returned" in again.text
    assert re.search(r'<textarea id="f-message"[^>]*>ขอเอกสารสองหน้า</textarea>', again.text)
    assert 'value="2020-01-01"' in again.text
    assert site.record().standing.state is State.SUBMITTED
    long = site.post(f"reviews/{site.number}/comments", text="ก" * 4001, question="digital_plan", audience="all")
    assert long.status_code == 422
    assert f">{'ก' * 4001}</textarea>" in long.text


def test_what_was_typed_can_be_copied_where_the_form_is_gone(site: Site) -> None:
    approve(site.world, site.number)
    site.become("officer")
    again = site.post(f"reviews/{site.number}/reopen", reason="มีเอกสารใหม่", due="2020-01-01")
    assert again.status_code == 422
    assert re.search(r'<textarea id="f-reason"[^>]*>มีเอกสารใหม่</textarea>', again.text)
    site.become("reviewer")
    late = site.post(f"reviews/{site.number}/approve", note="ขอบคุณทุกคน")
    assert late.status_code == 409
    assert 'You wrote: <span class="words">ขอบคุณทุกคน</span>' in late.text


def test_approving_closing_and_publishing_say_what_they_will_do(site: Site) -> None:
    site.post(
        f"reviews/{site.number}/accept", page=f"reviews/{site.number}/accept", question=list(ANSWERS), submission="1"
    )
    path = f"rounds/{site.round}"
    site.become("officer").post(f"{path}/approve", page=path)
    assert site.record().standing.state is State.APPROVED
    assert "Not submitted: 3" in site.get(f"{path}/close").text
    site.post(f"{path}/close", page=f"{path}/close")
    assert site.record().round.closed_at is not None
    assert "Ranks are computed now" in site.get(f"{path}/publish").text
    site.post(f"{path}/publish", page=f"{path}/publish")
    assert site.record().standing.state is State.PUBLISHED
    assert "Published: 1 assessments" in site.get(path).text


def test_rounds_are_for_the_programme_office(site: Site) -> None:
    for name in ("reviewer", "editor", "methodologist", "province-administrator"):
        assert site.become(name).get(f"rounds/{site.round}").status_code == 403
        assert site.get(f"rounds/{site.round}/list.xlsx").status_code == 403
