"""A whole consultation in the browser, as it were: asked, voiced, refused where it must be, answered, and a target."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cityindex.models import Account, Consultation, Voice, VoiceReason, now
from cityindex.participation.questions import WORDS
from cityindex.services.participation.consultation_rules import Answered
from tests.mailbox import Box, post_office
from tests.web.conftest import application_of, client_over, counted
from tests.web.test_permissions import become

ASKS = "approver-open@demo.example"


@pytest.fixture(scope="module")
def site(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    copy = tmp_path_factory.mktemp("asked") / "demo.sqlite"
    shutil.copy(Path(demo_url.removeprefix("sqlite:///")), copy)
    client = client_over(f"sqlite:///{copy}")
    client.application.config["WTF_CSRF_ENABLED"] = False
    yield client
    application_of(client).engine.dispose()


@pytest.fixture(scope="module")
def mailing(site: FlaskClient) -> Iterator[tuple[FlaskClient, Box]]:
    """The same site with a mail server."""
    with post_office() as box:
        client = client_over(application_of(site).settings.database_url, mail_url=box.url)
        client.application.config["WTF_CSRF_ENABLED"] = False
        yield client, box
        application_of(client).engine.dispose()


@pytest.fixture(scope="module")
def number(site: FlaskClient) -> int:
    """The consultation of the demo that is open."""
    with application_of(site).sessions() as session:
        query = select(Consultation.id).where(Consultation.closes_at > now())
        return session.scalars(query).one()


def test_every_page_is_there_in_both_languages(site: FlaskClient, number: int) -> None:
    with application_of(site).sessions() as session:
        every = session.scalars(select(Consultation.id)).all()
    paths = ["targets/", "targets/method", "consultations/", "places/D500001/targets", "about/privacy"]
    paths += [f"consultations/{one}" for one in every] + [f"consultations/{number}/take-part"]
    for path in paths:
        for language in ("th", "en"):
            answer = site.get(f"/{language}/{path}")
            assert answer.status_code == 200, path


def test_a_person_takes_part_and_changes_his_mind(site: FlaskClient, number: int) -> None:
    before = _voices(site, number)
    path = _link(site, number, "somchai@example.com")
    topic = _topics(site.get(path))[0]
    assert site.post(path, data={f"t{topic}": "0", "reason": "ถนนมืด"}).status_code == 200
    assert site.post(path, data={f"t{topic}": "1"}).status_code == 200
    assert _link(site, number, "Somchai+again@example.com") == path
    assert _voices(site, number) == before + 1
    page = site.get(path).get_data(as_text=True)
    assert re.search(rf'name="t{topic}" value="1" checked', page)


def test_what_must_not_count_is_refused_with_the_cure(site: FlaskClient, number: int) -> None:
    path = _link(site, number, "wrong@example.com")
    before, topics = _voices(site, number), _topics(site.get(path))
    nothing = site.post(path, data={})
    assert nothing.status_code == 422
    many = site.post(path, data={f"t{one}": "0" for one in topics})
    assert many.status_code == 422
    for reason in ("<b>ดู</b>", "www.example.com", "โทร 0812345678"):
        answer = site.post(path, data={f"t{topics[0]}": "0", "reason": reason})
        assert answer.status_code == 422
        assert reason in unescape(answer.get_data(as_text=True))
        assert "<b>ดู" not in answer.get_data(as_text=True)
    forged = site.post(path[:-3] + "xyz", data={f"t{topics[0]}": "0"})
    assert forged.status_code == 404
    assert _voices(site, number) == before


def test_robots_and_wrong_addresses_get_no_link(site: FlaskClient, number: int) -> None:
    ask = f"/en/consultations/{number}/take-part"
    sealed, answer = _question(site, number)
    assert site.post(ask, data={"email": "a@example.com", "asked": sealed, "answer": "99"}).status_code == 422
    assert site.post(ask, data={"email": "a@example.com", "asked": "made up", "answer": answer}).status_code == 422
    sealed, answer = _question(site, number)
    assert site.post(ask, data={"email": "nobody", "asked": sealed, "answer": answer}).status_code == 422
    again = site.post(ask, data={"email": "a@example.com", "asked": sealed, "answer": answer})
    assert again.status_code == 429


@pytest.mark.parametrize("token", ["x", "ก" * 40, "a.b", "%3Cscript%3Ealert(1)", "a" * 5000])
def test_a_link_that_is_none_of_ours_says_what_to_do(site: FlaskClient, number: int, token: str) -> None:
    before = _voices(site, number)
    for answer in (
        site.get(f"/en/consultations/{number}/voice/{token}"),
        site.post(f"/en/consultations/{number}/voice/{token}", data={"t1": "0"}),
        site.post(f"/en/consultations/{number}/voice/{token}/withdraw"),
    ):
        assert answer.status_code == 404
        assert "ask for a new one" in answer.text
        assert "<script>alert" not in answer.text
    assert _voices(site, number) == before


def test_a_link_of_another_consultation_opens_nothing_here(site: FlaskClient, number: int) -> None:
    token = _link(site, number, "elsewhere@example.com").rpartition("/")[2]
    with application_of(site).sessions() as session:
        other = session.scalars(select(Consultation.id).where(Consultation.id != number)).first()
    assert site.get(f"/en/consultations/{other}/voice/{token}").status_code == 409, "it is over"
    assert site.get(f"/en/consultations/99999/voice/{token}").status_code == 404


def test_a_voice_sent_many_times_at_once_counts_once(site: FlaskClient, number: int) -> None:
    before = _voices(site, number)
    path = _link(site, number, "impatient@example.com")
    topic = _topics(site.get(path))[0]

    def send(at: int) -> str:
        return site.application.test_client().post(path, data={f"t{topic}": str(at % 2)}).get_data(as_text=True)

    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(send, range(16)))
    assert sum("Your voice counts" in page for page in pages) >= 1
    assert sum("<h1>Your voice counts" in page for page in pages) == 1, "fifteen are told that it was changed"
    assert _voices(site, number) == before + 1


def test_a_voice_is_taken_back_with_all_that_it_said(site: FlaskClient, number: int) -> None:
    before = _voices(site, number)
    path = _link(site, number, "regrets@example.com")
    topic = _topics(site.get(path))[0]
    site.post(path, data={f"t{topic}": "0", "reason": "ถนนมืดตรงหน้าวัด"})
    assert _voices(site, number) == before + 1
    assert site.post(f"{path}/withdraw").status_code == 200
    assert _voices(site, number) == before
    with application_of(site).sessions() as session:
        assert not session.scalars(select(VoiceReason).where(VoiceReason.text == "ถนนมืดตรงหน้าวัด")).all()


def test_what_nobody_sees_is_filled_in_by_robots_only(mailing: tuple[FlaskClient, Box], number: int) -> None:
    """They are told the same as people, and no letter goes."""
    client, box = mailing
    sealed, answer = _question(client, number)
    data = {"email": "robot@example.com", "asked": sealed, "answer": answer, "website": "http://spam.example"}
    said = client.post(f"/en/consultations/{number}/take-part", data=data)
    assert "on its way" in said.text
    assert box.taken == []


def test_a_mail_server_that_refuses_or_fails_is_said_and_nothing_is_kept(
    mailing: tuple[FlaskClient, Box], number: int
) -> None:
    client, box = mailing
    for reply, status, words in (
        ("550 no such person", 422, "does not know this address"),
        ("451 later", 503, "cannot be sent now"),
    ):
        box.answers = [reply]
        sealed, answer = _question(client, number)
        data = {"email": "nobody@example.com", "asked": sealed, "answer": answer}
        said = client.post(f"/en/consultations/{number}/take-part", data=data)
        assert (said.status_code, words in said.text) == (status, True)
    sealed, answer = _question(client, number)
    data = {"email": "somebody@example.com", "asked": sealed, "answer": answer}
    assert "somebody@example.com" in client.post(f"/en/consultations/{number}/take-part", data=data).text
    assert [letter["To"] for letter in box.taken] == ["somebody@example.com"]


def test_what_is_no_address_is_said_to_be_none_however_often(site: FlaskClient, number: int) -> None:
    for _ in range(6):
        sealed, answer = _question(site, number)
        data = {"email": "nobody", "asked": sealed, "answer": answer}
        said = site.post(f"/en/consultations/{number}/take-part", data=data)
        assert (said.status_code, "such as name@example.com" in said.text) == (422, True)


def test_the_list_asks_the_same_of_the_database_however_long_it_is(site: FlaskClient) -> None:
    with counted(application_of(site).engine) as queries:
        assert site.get("/en/consultations/").status_code == 200
    assert len(queries) <= 8, "\n".join(queries)
    assert site.get("/en/consultations/?page=2").status_code == 404
    assert site.get("/en/consultations/?page=x").status_code == 400


def test_it_ends_is_answered_and_becomes_a_target_everywhere(site: FlaskClient, number: int) -> None:
    application = application_of(site)
    path = _link(site, number, "late@example.com")
    topic = _topics(site.get(path))[0]
    with application.sessions() as session:
        session.execute(update(Consultation).where(Consultation.id == number).values(closes_at=now() - timedelta(1)))
        session.commit()
        by = session.scalars(select(Account.id).where(Account.email == ASKS)).one()
    ask = f"/en/consultations/{number}/take-part"
    robot = {"email": "a@example.com", "asked": "x", "answer": "1"}
    assert site.post(ask, data=robot).status_code == 422
    for answer in (site.get(path), site.post(path, data={f"t{topic}": "0"}), site.post(f"{path}/withdraw")):
        assert answer.status_code == 409
        assert "is over" in answer.text
    assert application.consultations.conclude() == 1
    assert application.consultations.conclude() == 0
    with application.sessions() as session:
        assert session.scalars(select(Consultation.secret).where(Consultation.id == number)).one() is None
        keys = session.scalars(select(Voice.key).where(Voice.consultation_id == number)).all()
        assert all(key.startswith("voice ") for key in keys)
    municipality = site.application.test_client()
    become(municipality, by)
    tasks = municipality.get("/en/assessments/").get_data(as_text=True)
    assert "1 consultation is over and wants answers" in tasks
    assert re.search(r"\d+ reasons? of (a )?residents? to read", tasks)
    application.consultations.answer(number, topic, Answered("adopted"), by)
    assert "wants answers" not in municipality.get("/en/assessments/").get_data(as_text=True)
    targets = site.get("/api/v1/targets?place=D500001&owner=place&lang=en").get_json()["items"]
    mine = next(one for one in targets if one["consultation"] == number)
    assert mine["indicator"] in site.get("/en/places/D500001").get_data(as_text=True)
    sdmx = site.get("/sdmx/2.1/data/DF_TARGETS", headers={"Accept": "application/vnd.sdmx.data+csv;version=1.0.0"})
    line = next(one for one in sdmx.get_data(as_text=True).splitlines() if f"D500001,{mine['indicator']},2028" in one)
    assert ",F," in line
    application.consultations.answer(number, topic, Answered("not-adopted", None, "ไม่มีงบประมาณ"), by)
    after = site.get("/api/v1/targets?place=D500001&owner=place").get_json()["items"]
    assert all(one["consultation"] != number for one in after)


def _link(site: FlaskClient, number: int, address: str) -> str:
    sealed, answer = _question(site, number)
    data = {"email": address, "asked": sealed, "answer": answer}
    page = site.post(f"/en/consultations/{number}/take-part", data=data).get_data(as_text=True)
    found = re.search(rf'href="(/en/consultations/{number}/voice/[^"]+)"', page)
    assert found is not None
    return found[1]


def _question(site: FlaskClient, number: int) -> tuple[str, str]:
    page = site.get(f"/en/consultations/{number}/take-part").get_data(as_text=True)
    one, other = re.search(r"How much is (\w+) plus (\w+)\?", page).groups()  # type: ignore[union-attr]
    sealed = re.search(r'name="asked" value="([^"]+)"', page)[1]  # type: ignore[index]
    return sealed, str(WORDS["en"].index(one) + WORDS["en"].index(other))


def _topics(page: TestResponse) -> list[int]:
    assert page.status_code == 200
    return [int(one) for one in dict.fromkeys(re.findall(r'name="t(\d+)"', page.get_data(as_text=True)))]


def _voices(site: FlaskClient, number: int) -> int:
    with application_of(site).sessions() as session:
        return len(session.scalars(select(Voice.id).where(Voice.consultation_id == number)).all())
