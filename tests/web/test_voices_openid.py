"""Voices of residents whom a real OpenID provider vouches for: one each, and nothing of who it was is kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import func, select

from cityindex.models import Account, Identity, Place, Voice, now
from cityindex.queries.participation.consultations import choices_of, consultation, voices
from cityindex.queries.participation.offers import askable
from cityindex.queries.runs.editions import current_editions
from cityindex.services.participation.consultation_rules import OPENID, Asked
from tests.web.conftest import application_of, client_over
from tests.web.test_openid import agree

ME, MAIL = "resident-7f3a9c21", "somsri.resident@example.com"
PLACE, FRAMEWORK = "D500001", "livable-city"


@pytest.fixture(scope="module")
def file(demo_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("openid") / "demo.sqlite"
    shutil.copy(Path(demo_url.removeprefix("sqlite:///")), copy)
    return copy


@pytest.fixture(scope="module")
def site(file: Path, provider: str) -> Iterator[FlaskClient]:
    said = {"issuer": provider, "client_id": "city", "client_secret": "s", "name": "ThaID"}
    client = client_over(f"sqlite:///{file}", **{f"openid_{name}": value for name, value in said.items()})
    client.application.config["WTF_CSRF_ENABLED"] = False
    claims = {"email": MAIL, "email_verified": True, "name": "สมศรี ผู้อยู่อาศัย"}
    requests.put(f"{provider}/users/{ME}", json=claims, timeout=5).raise_for_status()
    yield client
    application_of(client).engine.dispose()


@pytest.fixture(scope="module")
def number(site: FlaskClient) -> int:
    """A consultation that recognises people by the provider."""
    application = application_of(site)
    with application.sessions() as session:
        place = session.scalars(select(Place.id).where(Place.code == PLACE)).one()
        codes = askable(session, current_editions(session, FRAMEWORK)[0].run, place)[:2]
    opens = now()
    topics = {code: () for code in codes}
    asked = Asked(place, FRAMEWORK, 2029, "?", "", 1, OPENID, opens, opens + timedelta(days=9), topics)
    return application.consultations.open(asked, None)


def through(site: FlaskClient, number: int, who: str = ME) -> str:
    """To the provider and back: the address of the form of the voice."""
    sent = site.get(f"/en/consultations/{number}/openid")
    assert sent.status_code == 303
    back = site.get(agree(sent.location, who))
    assert back.status_code == 303
    assert back.location.startswith(f"/en/consultations/{number}/voice/")
    return str(back.location)


def test_a_person_has_one_voice_however_often_he_signs_in(site: FlaskClient, number: int) -> None:
    assert "ThaID" in site.get(f"/en/consultations/{number}/take-part").text
    path = through(site, number)
    page = site.get(path).text
    assert "You have given your voice already" not in page
    first, second = (int(one) for one in dict.fromkeys(re.findall(r'name="t(\d+)"', page)))
    assert "Your voice counts" in site.post(path, data={f"t{first}": "0"}).text
    again = through(site, number)
    assert "You have given your voice already" in site.get(again).text
    assert "Your voice is changed" in site.post(again, data={f"t{second}": "1"}).text
    with application_of(site).sessions() as session:
        assert voices(session, number) == 1
        key = session.scalars(select(Voice.key).where(Voice.consultation_id == number)).one()
        topic = consultation(session, number).topic(second)
        assert choices_of(session, number, key) == {second: topic.values[1]}
    other = through(site, number, "somebody-else")
    site.post(other, data={f"t{first}": "0"})
    with application_of(site).sessions() as session:
        assert voices(session, number) == 2


def test_nothing_of_who_it_was_is_kept(site: FlaskClient, number: int, file: Path) -> None:
    people = [func.count(Account.id), func.count(Identity.id)]
    with application_of(site).sessions() as session:
        before = [session.scalar(select(one)) for one in people]
    path = through(site, number)
    topic = re.search(r'name="t(\d+)"', site.get(path).text)[1]  # type: ignore[index]
    site.post(path, data={f"t{topic}": "0"})
    with application_of(site).sessions() as session:
        assert [session.scalar(select(one)) for one in people] == before
        keys = session.scalars(select(Voice.key).where(Voice.consultation_id == number)).all()
        assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    held = file.read_bytes() + file.with_name(file.name + "-wal").read_bytes()
    assert keys[0].encode() in held, "everything that is stored is looked through"
    for secret in (ME, MAIL, "สมศรี ผู้อยู่อาศัย"):
        assert secret.encode() not in held
    assert site.get("/en/account/").status_code == 303, "taking part signs nobody in"


def test_the_provider_is_asked_for_no_name_and_no_address(site: FlaskClient, number: int) -> None:
    query = parse_qs(urlsplit(site.get(f"/en/consultations/{number}/openid").location).query)
    assert query["scope"] == ["openid"]
    assert query["redirect_uri"] == ["http://localhost/th/account/openid/back"]


def test_whoever_breaks_off_or_forges_the_way_back_stands_at_the_consultation(site: FlaskClient, number: int) -> None:
    with application_of(site).sessions() as session:
        before = voices(session, number)
    for change in ("?error=access_denied&state=x", None):
        sent = site.get(f"/en/consultations/{number}/openid").location
        back = agree(sent)
        wrong = back.split("?")[0] + change if change else back.replace("state=", "state=x")
        answer = site.get(wrong)
        assert answer.status_code == 422
        assert "Signing in was broken off" in answer.text
        assert f"/en/consultations/{number}/openid" in answer.text
        assert site.get(back).location.endswith("/account/login"), "what was kept for it is gone"
    with application_of(site).sessions() as session:
        assert voices(session, number) == before


def test_a_door_is_for_those_it_was_opened_for(site: FlaskClient, number: int) -> None:
    """By mail nobody comes into this one, and by the provider nobody into one with mail."""
    ask = site.get(f"/en/consultations/{number}/take-part").text
    assert 'name="email"' not in ask
    assert site.get("/en/consultations/1/openid").status_code == 404


def test_when_it_is_over_the_provider_lets_nobody_in(site: FlaskClient, number: int) -> None:
    application = application_of(site)
    sent = site.get(f"/en/consultations/{number}/openid").location
    back = agree(sent)
    with application.sessions() as session:
        by = session.scalars(select(Account.id).order_by(Account.id).limit(1)).one()
    application.consultations.end(number, by)
    answer = site.get(back)
    assert answer.status_code == 409
    assert "is over" in answer.text
    with application.sessions() as session:
        keys = session.scalars(select(Voice.key).where(Voice.consultation_id == number)).all()
        assert sorted(key[:6] for key in keys) == ["voice "] * 2
