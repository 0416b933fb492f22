"""Who sees what of an assessment: its own people everything, others nothing, and everybody their own tasks."""

from __future__ import annotations

from tests.integration import assessing
from tests.integration.assessing import ROLES
from tests.web.reading import text_of
from tests.web.test_assessments import Site, site
from tests.web.test_permissions import become

__all__ = ["site"]


def test_advisors_read_and_comment_and_do_not_write(site: Site) -> None:
    page = site.get("governance/digital_plan", "advisor")
    assert "You may read and comment here." in text_of(page.text)
    assert "<button>Save</button>" not in page.text
    assert site.post("governance/digital_plan", "advisor", value="1", seen="0").status_code == 403
    assert site.get("submit", "advisor").status_code == 403
    assert (
        site.post(
            "governance/digital_plan/comments", "advisor", text="ดูแบบของจังหวัด", audience="municipality"
        ).status_code
        == 303
    )
    assert "ดูแบบของจังหวัด" in site.get("governance/digital_plan").text


def test_what_the_municipality_says_to_itself_stays_there(site: Site) -> None:
    site.post("governance/digital_plan/comments", text="คุยกันเอง", audience="municipality")
    site.post("governance/digital_plan/comments", text="ถึงทุกคน", audience="all")
    site.post("governance/digital_plan/comments", "officer", text="จากสำนักงาน", audience="municipality")
    officer = site.get("governance/digital_plan", "officer").text
    assert ["คุยกันเอง" in officer, "ถึงทุกคน" in officer, "จากสำนักงาน" in officer] == [False, True, True]
    own = site.get("governance/digital_plan", "colleague").text
    assert all(words in own for words in ("คุยกันเอง", "ถึงทุกคน", "จากสำนักงาน"))


SECRET = "ร่างลับของ M1"
PAGES = (
    "",
    "print",
    "governance",
    "governance/digital_plan",
    "submit",
    "results",
    "appeal",
    "receipts/1",
    "receipts/1.json",
)
READERS = {"editor", "colleague", "approver", "advisor", "officer", "administrator"}


def test_no_draft_is_seen_by_anybody_else(site: Site) -> None:
    """Every role, every page, every number: only those of the place and the programme office read a draft."""
    site.post("governance/digital_plan", value="3", note=SECRET, seen="0")
    site.post("governance/digital_plan/comments", text=SECRET, audience="all")
    read = set()
    for who in ROLES:
        for path in PAGES:
            page = site.get(path, who)
            if SECRET in page.text:
                read.add(who)
            if who not in READERS:
                assert page.status_code in (403, 404), (who, path)
        if who.startswith("other"):  # that there is anything at all is not said
            shown = {path: site.get(path, who).status_code for path in PAGES}
            assert {code for path, code in shown.items() if path != "appeal"} == {404}  # an appeal is for approvers
            assert site.post("governance/digital_plan", who, value="1", seen="1").status_code == 404
            assert site.post("submit", who, seal="x").status_code in (403, 404)
            assert site.post("governance/digital_plan/comments", who, text="x").status_code == 404
    assert read == READERS
    assert site.answers() == {"digital_plan": 3}


def test_what_is_submitted_is_seen_by_reviewers_as_a_receipt(site: Site) -> None:
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assert site.get("receipts/1", "reviewer").status_code == 200
    assert site.get("governance", "reviewer").status_code == 403
    assert site.get("receipts/1", "other-editor").status_code == 404
    assert site.get("receipts/2", "approver").status_code == 404


def test_numbers_that_lead_nowhere(site: Site) -> None:
    become(site.client, site.world.people["editor"])
    for path in ("999/", "999/governance", f"{site.number}/nowhere", f"{site.number}/governance/website", "0/"):
        assert site.client.get(f"/en/assessments/{path}").status_code == 404, path
    assert site.post("governance/nothing", value="1", seen="0").status_code == 404


def test_tasks_of_each_role(site: Site) -> None:
    def tasks(who: str) -> str:
        become(site.client, site.world.people[who])
        page = site.client.get("/en/assessments/")
        assert page.status_code == 200
        return text_of(page.text)

    assert "Due on" in tasks("editor")
    assert "0 of 5 applicable" in tasks("editor")
    assert "Nothing waits for you here" in tasks("methodologist")
    assert "Submitted, in your reach: 0" in tasks("reviewer")
    assessing.answer_all(site.world, site.number)
    assessing.submit(site.world, site.number)
    assert "With the reviewer since" in tasks("editor")
    assert "Submitted, in your reach: 1 Town M1" in tasks("reviewer")
    assert "M1" not in tasks("other-editor")
    assessing.give_back(site.world, site.number, "digital_plan")
    assert "Came back from the reviewer: 1." in tasks("approver")
    assessing.answer(site.world, site.number, "digital_plan", "2")
    assessing.submit(site.world, site.number)
    assessing.approve(site.world, site.number)
    assert "Approved, to publish: 1 Town M1" in tasks("officer")
    site.world.application.assessments.appeal(site.number, {"website": "มีแล้ว"}, site.world.people["approver"])
    assert "Appeals to decide: 1 Town M1" in tasks("officer")
