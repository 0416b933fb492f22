"""Submitting, receipts, results and the appeal in the browser."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta

import pytest

from cityindex.models import now
from cityindex.queries.assessments.rounds import assessment
from cityindex.reports.browser import browser
from cityindex.services.assessments.assessments import Assessments
from cityindex.services.assessments.reviews import Ruling
from cityindex.services.assessments.submissions import Receipt
from tests.conftest import lacking
from tests.integration import assessing
from tests.web.reading import text_of
from tests.web.test_assessments import Site, hidden, site

__all__ = ["site"]


def state(site: Site) -> str:
    with site.world.application.sessions() as session:
        return assessment(session, site.number).standing.state


def test_gaps_are_listed_with_links_and_never_block(site: Site) -> None:
    site.post("governance/digital_plan", value="3", seen="0")
    site.post("governance/data_officer", value="no", later="1", seen="0")
    page = site.get("submit", "approver")
    words = text_of(page.text)
    assert "Without an answer: 3" in words
    assert "Without evidence: 1 1.1 Does the municipality have a digital plan?" in words
    assert "Marked for later: 1" in words
    assert f'href="/en/assessments/{site.number}/service/website"' in page.text
    sent = site.post("submit", "approver", seal=hidden(page, "seal"), looked=hidden(page, "looked"))
    assert sent.status_code == 303
    assert sent.location.endswith(f"/assessments/{site.number}/receipts/1")
    assert state(site) == "submitted"


def test_editors_are_told_whom_to_ask(site: Site) -> None:
    page = site.get("submit", "editor")
    assert "Ask: คุณapprover." in text_of(page.text)
    assert "<button>Submit</button>" not in page.text
    assert site.post("submit", "editor", seal="x").status_code == 403
    assert "<button>Submit</button>" in site.get("submit", "approver").text


def test_without_an_approver_it_says_who_names_one(site: Site) -> None:
    site.world.application.accounts.close("approver@example.go.th", "test")
    assert "There is no approver yet" in text_of(site.get("submit", "editor").text)


def test_what_changed_since_the_approver_looked_is_said(site: Site) -> None:
    page = site.get("submit", "approver")
    site.post("service/website", value="no", seen="0")
    again = site.post("submit", "approver", seal=hidden(page, "seal"), looked=hidden(page, "looked"))
    assert again.status_code == 409
    words = text_of(again.text)
    assert "have changed since you looked. Look at them, and submit again. 2.1 Does the municipality" in words
    assert state(site) == "open"
    fields = {"seal": hidden(again, "seal"), "looked": hidden(again, "looked")}
    assert site.post("submit", "approver", **fields).status_code == 303
    assert state(site) == "submitted"


def test_a_moment_that_is_none_is_no_fault(site: Site) -> None:
    assert site.post("submit", "approver", seal="x", looked="yesterday").status_code == 409


def test_submitted_twice_is_submitted_once(site: Site) -> None:
    page = site.get("submit", "approver")
    fields = {"seal": hidden(page, "seal"), "looked": hidden(page, "looked")}
    places = [site.post("submit", "approver", **fields).location for _ in range(2)]
    assert places[0] == places[1]
    assert site.get("receipts/2", "approver").status_code == 404


def test_pressed_twice_at_once_leads_to_the_one_receipt(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page = site.get("submit", "approver")
    submissions = site.world.application.submissions
    submit = submissions.submit

    def overtaken(number: int, seal: str, by: int) -> Receipt:
        submit(number, seal, by)  # the other click, after this request has read the assessment
        return submit(number, seal, by)

    monkeypatch.setattr(submissions, "submit", overtaken)
    sent = site.post("submit", "approver", seal=hidden(page, "seal"), looked=hidden(page, "looked"))
    assert sent.status_code == 303
    assert sent.location.endswith("/receipts/1")


def test_too_late_is_said_and_nothing_is_submitted(site: Site) -> None:
    with site.world.application.sessions() as session:
        round_id = assessment(session, site.number).round.id
    page = site.get("submit", "approver")
    site.world.application.rounds.close(round_id, None)
    site.world.application.submissions.clock = lambda: now() + timedelta(days=1)
    late = site.post("submit", "approver", seal=hidden(page, "seal"), looked=hidden(page, "looked"))
    assert late.status_code == 409
    assert "It was not submitted." in text_of(late.text)
    assert state(site) == "open"


def test_the_receipt_says_what_when_and_by_whom(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    given = assessing.submit(site.world, site.number)
    page = site.get("receipts/1", "approver", "th")
    words = text_of(page.text)
    assert given.sha256 in words
    assert str(given.at.year + 543) in words
    assert "คุณapprover" in words
    assert "3: แผนมีงบประมาณในข้อบัญญัติ" in words
    assert "รุ่น 2569.1" in words
    content = site.get("receipts/1.json", "approver")
    assert hashlib.sha256(content.data).hexdigest() == given.sha256


def test_the_receipt_as_pdf(site: Site) -> None:
    if browser() is None and shutil.which("weasyprint") is None:
        lacking("Chromium")
    assessing.submit(site.world, site.number)
    answer = site.get("receipts/1.pdf", "approver", "th")
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert site.get("receipts/1.pdf", "other-approver").status_code == 404


def test_results_show_what_was_given_and_what_holds(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assert site.get("results", "editor").status_code == 404  # what is still under review is nobody's business
    assessing.approve(site.world, site.number, digital_plan=("1", "แผนยังไม่ลงนาม"))
    page = site.get("results", "editor")
    assert "6 of 7 answers were accepted as given" in text_of(page.text)
    first = text_of(page.text).split("What was given, and what holds after the review")[1]
    assert first.strip().startswith(
        "1.1 Does the municipality have a digital plan? Given: 3: The plan has money in the budget. "
        "After the review: 1: A plan is being drafted. Reason: แผนยังไม่ลงนาม 1.2"
    )


def test_results_say_what_does_not_apply_after_the_review(site: Site) -> None:
    assessing.answer_all(site.world, site.number, website="yes", online_services="12")
    assessing.submit(site.world, site.number)
    assessing.approve(site.world, site.number, website=("no", "เว็บไซต์ปิดมาสามเดือน"))
    said = text_of(site.get("results", "editor").text)
    assert "Given: 12 After the review: no longer applies, because another answer was adjusted" in said


def test_decisions_are_not_seen_before_they_are_final(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    ruling = Ruling("digital_plan", assessing.Verdict.RETURN, reason="ความลับของผู้ตรวจ")
    site.world.application.reviews.decide(site.number, [ruling], site.world.people["reviewer"])
    for path in ("", "governance/digital_plan", "governance", "receipts/1"):
        assert "ความลับของผู้ตรวจ" not in site.get(path).text


def test_what_came_back_is_shown_first_with_its_reason(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assessing.give_back(site.world, site.number, "digital_plan", reason="ขาดหน้าลงนาม")
    hub = text_of(site.get().text)
    assert hub.index("What came back") < hub.index("Parts of the questionnaire")
    assert "ขาดหน้าลงนาม" in hub
    assert "1 returned" in hub
    assert "The reviewer returned this answer: ขาดหน้าลงนาม" in text_of(site.get("governance").text)
    assert "and not changed since: 1" in text_of(site.get("submit", "approver").text)
    assessing.answer(site.world, site.number, "digital_plan", "2")
    assert "and not changed since" not in text_of(site.get("submit", "approver").text)


@pytest.fixture
def approved(site: Site) -> Site:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assessing.approve(site.world, site.number, digital_plan=("1", "แผนยังไม่ลงนาม"))
    return site


def test_an_appeal_with_its_clock_and_outcome(approved: Site) -> None:
    page = approved.get("appeal", "approver")
    assert "Possible until" in text_of(page.text)
    assert "Answers that were changed by the review: 1" in text_of(page.text)
    assert approved.post("appeal", "approver").status_code == 422
    assert state(approved) == "approved"
    fields = {"reason-digital_plan": "ลงนามแล้ว หน้า 12"}
    assert approved.post("appeal", "editor", **fields).status_code == 403
    sent = approved.post("appeal", "approver", **fields)
    assert sent.location.endswith("/results")
    assert state(approved) == "appealed"
    assert approved.post("appeal", "approver", **fields).status_code == 303  # sent twice
    assert "An appeal is open." in text_of(approved.get("results").text)
    reviews, officer = approved.world.application.reviews, approved.world.people["officer"]
    reviews.decide(approved.number, [Ruling("digital_plan", assessing.Verdict.ADJUST, "3", "ถูกต้อง")], officer, "appeal")
    before = text_of(approved.get("results").text)
    assert "ถูกต้อง" not in before  # not decided yet
    reviews.decide_appeal(approved.number, "ขอบคุณที่แจ้ง", officer)
    after = text_of(approved.get("results").text)
    assert "The municipality was right in part or in whole" in after
    assert "ขอบคุณที่แจ้ง" in after
    assert "Appeal: ลงนามแล้ว หน้า 12" in after
    assert "no longer possible" in text_of(approved.get("appeal", "approver").text)


def test_an_appeal_after_its_time_keeps_what_was_written(approved: Site) -> None:
    late = now() + timedelta(days=20)
    approved.world.application.__dict__["assessments"] = Assessments(approved.world.application.sessions, lambda: late)
    page = approved.post("appeal", "approver", **{"reason-digital_plan": "ลงนามแล้ว"})
    assert page.status_code == 409
    assert "The time for an appeal is over" in text_of(page.text)
    assert "ลงนามแล้ว</textarea>" in page.text
    assert state(approved) == "approved"
