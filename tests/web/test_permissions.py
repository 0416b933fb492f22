"""Who may open what: every route declares it, and every role gets that and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.routing import AnyConverter, Rule

from cityindex.models import Place
from cityindex.queries.accounts.accounts import account
from cityindex.services.accounts.accounts import NewAccount
from cityindex.services.accounts.roles import ROLES, Permission, Role, Scope
from cityindex.web.permissions import PUBLIC, SIGNED_IN, asked_at_place, at_place, may, need_of, require
from tests.integration import small
from tests.web.conftest import application_of, client_over

pytestmark = pytest.mark.both_databases

READ_EVIDENCE = at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW)
REVIEWS = at_place(Permission.REVIEW, Permission.RUN_ROUNDS)
READ_PROPOSALS = at_place(Permission.PROPOSE, Permission.REVIEW_PROPOSALS)
READ_KNOWLEDGE = at_place(Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE)
ANSWERS_MISTAKES = at_place(Permission.ANSWER, Permission.PUBLISH)
ASKS = at_place(Permission.ASK_RESIDENTS)
SETS_TARGETS = at_place(Permission.ASK_RESIDENTS, Permission.SET_PROVINCE_TARGETS, Permission.SET_NATION_TARGETS)
READ_UPLOADS = at_place(Permission.UPLOAD_OBSERVATIONS, Permission.ACCEPT_OBSERVATIONS)
NOT_PUBLIC = {
    "account.index": SIGNED_IN,
    "account.password": SIGNED_IN,
    "account.everywhere": SIGNED_IN,
    "sign_in.unlink": SIGNED_IN,
    "mine.second_step": SIGNED_IN,
    "mine.second_step_first": SIGNED_IN,
    "mine.remove_second_step": SIGNED_IN,
    "mine.data": SIGNED_IN,
    "mine.data_file": SIGNED_IN,
    "mine.erase": SIGNED_IN,
    "mine.hand_over": SIGNED_IN,
    "people.index": at_place(Permission.INVITE),
    "people.invitations": at_place(Permission.INVITE),
    "people.template": at_place(Permission.INVITE),
    "people.links": at_place(Permission.INVITE),
    "people.letter": at_place(Permission.INVITE),
    "people.end": at_place(Permission.INVITE),
    "people.hand_over": at_place(Permission.INVITE),
    "people.letters": Permission.SEE_ACCOUNTS,
    "people.take_out": Permission.SEE_ACCOUNTS,
    "admin.index": Permission.SEE_RECORDS,
    "admin.one_run": Permission.SEE_RECORDS,
    "admin.recordings": Permission.SEE_RECORDS,
    "admin.trail": Permission.SEE_RECORDS,
    "releasing.index": Permission.PUBLISH,
    "releasing.publish": Permission.PUBLISH,
    "releasing.several": Permission.PUBLISH,
    "releasing.cancel": Permission.PUBLISH,
    "previewing.index": Permission.PUBLISH,
    "previewing.begin": Permission.PUBLISH,
    "previewing.close": Permission.PUBLISH,
    "previewing.answer": Permission.PUBLISH,
    "previews.one": at_place(Permission.SEE_ASSESSMENT),
    "previews.make": at_place(Permission.ANSWER),
    "admin.rollback": Permission.PUBLISH,
    "admin.accounts": Permission.SEE_ACCOUNTS,
    "evidence.index": READ_EVIDENCE,
    "evidence.download": READ_EVIDENCE,
    "evidence.preview": READ_EVIDENCE,
    "evidence.add_file": at_place(Permission.ANSWER),
    "evidence.add_link": at_place(Permission.ANSWER),
    "evidence.change": at_place(Permission.ANSWER),
    "evidence.remove": at_place(Permission.ANSWER),
    "plans.index": at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW),
    "plans.file": at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW),
    "plans.summary": at_place(Permission.SEE_ASSESSMENT, Permission.REVIEW),
    "plans.new": at_place(Permission.ANSWER),
    "plans.show": at_place(Permission.APPROVE_ASSESSMENT),
    "plans.draw": at_place(Permission.ANSWER),
    "plans.add": at_place(Permission.ANSWER),
    "plans.one": at_place(Permission.ANSWER),
    "plans.save": at_place(Permission.ANSWER),
    "plans.remove": at_place(Permission.ANSWER),
    "plans.note": at_place(Permission.ANSWER),
    "plans.bring": at_place(Permission.ANSWER),
    "plans.take": at_place(Permission.ANSWER),
    "progress.index": Permission.RUN_ROUNDS,
    "progress.file": Permission.RUN_ROUNDS,
    "reviews.index": REVIEWS,
    "reviews.one": REVIEWS,
    "reviews.comment": REVIEWS,
    "reviews.decide": at_place(Permission.REVIEW),
    "reviews.accept": at_place(Permission.REVIEW),
    "reviews.accept_listed": at_place(Permission.REVIEW),
    "reviews.approve": at_place(Permission.REVIEW),
    "reviews.give_back": at_place(Permission.REVIEW),
    "reviews.reopen": at_place(Permission.RUN_ROUNDS),
    "appeals.one": at_place(Permission.RUN_ROUNDS),
    "appeals.decide": at_place(Permission.RUN_ROUNDS),
    "appeals.close": at_place(Permission.RUN_ROUNDS),
    "rounds.index": Permission.RUN_ROUNDS,
    "rounds.open_": Permission.RUN_ROUNDS,
    "rounds.one": Permission.RUN_ROUNDS,
    "rounds.assign": Permission.RUN_ROUNDS,
    "rounds.assign_list": Permission.RUN_ROUNDS,
    "rounds.extend": Permission.RUN_ROUNDS,
    "rounds.approve": Permission.RUN_ROUNDS,
    "rounds.close": Permission.RUN_ROUNDS,
    "rounds.publish": Permission.PUBLISH_RESULTS,
    "rounds.export": Permission.RUN_ROUNDS,
    "assessments.index": SIGNED_IN,
    "assessments.hub": at_place(Permission.SEE_ASSESSMENT),
    "assessments.agency_file": at_place(Permission.SEE_ASSESSMENT),
    "assessments.paper": at_place(Permission.SEE_ASSESSMENT),
    "assessments.section": at_place(Permission.SEE_ASSESSMENT),
    "assessments.question": at_place(Permission.SEE_ASSESSMENT),
    "assessments.save": at_place(Permission.ANSWER),
    "assessments.comment": at_place(Permission.COMMENT),
    "assessments.comment_on_all": at_place(Permission.COMMENT),
    "submitting.submit": at_place(Permission.ANSWER),
    "submitting.hand_in": at_place(Permission.APPROVE_ASSESSMENT),
    "submitting.receipt": READ_EVIDENCE,
    "submitting.receipt_pdf": READ_EVIDENCE,
    "submitting.receipt_content": READ_EVIDENCE,
    "submitting.results": at_place(Permission.SEE_ASSESSMENT),
    "submitting.appeal": at_place(Permission.APPROVE_ASSESSMENT),
    "submitting.send_appeal": at_place(Permission.APPROVE_ASSESSMENT),
    "schedules.index": Permission.SEE_RECORDS,
    "keys.index": SIGNED_IN,
    "keys.issue": SIGNED_IN,
    "keys.revoke": SIGNED_IN,
    "keys.use": at_place(Permission.SEE_ASSESSMENT),
    "answering_mistakes.index": Permission.PUBLISH,
    "answering_mistakes.one": ANSWERS_MISTAKES,
    "answering_mistakes.answer": ANSWERS_MISTAKES,
    "answering_mistakes.pass_on": ANSWERS_MISTAKES,
    "exchange.pulls": Permission.SEE_RECORDS,
    "exchange.index": Permission.SEE_RECORDS,
    "exchange.preview": Permission.SEE_RECORDS,
    "exchange.one": Permission.SEE_RECORDS,
    "exchange.replay": Permission.PUBLISH,
    "place_exchange.place": at_place(Permission.SEE_ASSESSMENT),
    "place_exchange.answer": at_place(Permission.ANSWER),
    "admin_keys.clients": Permission.GRANT_ACCESS,
    "admin_keys.decide": Permission.GRANT_ACCESS,
    "admin_keys.close": Permission.GRANT_ACCESS,
    "targets.form": SETS_TARGETS,
    "targets.save": SETS_TARGETS,
    "targets.take_back": SETS_TARGETS,
    "consulting.index": at_place(Permission.ASK_RESIDENTS, Permission.MODERATE),
    "consulting.one": at_place(Permission.ASK_RESIDENTS, Permission.MODERATE),
    "consulting.form": ASKS,
    "consulting.open_": ASKS,
    "consulting.end": ASKS,
    "consulting.answer": ASKS,
    "consulting.moderate": at_place(Permission.MODERATE),
    "imports.index": READ_UPLOADS,
    "imports.one": READ_UPLOADS,
    "imports.file": READ_UPLOADS,
    "imports.errors": READ_UPLOADS,
    "imports.template_file": at_place(Permission.UPLOAD_OBSERVATIONS),
    "imports.add": at_place(Permission.UPLOAD_OBSERVATIONS),
    "imports.choose": at_place(Permission.UPLOAD_OBSERVATIONS),
    "imports.confirm": at_place(Permission.UPLOAD_OBSERVATIONS),
    "imports.withdraw": at_place(Permission.UPLOAD_OBSERVATIONS),
    "imports.accept": at_place(Permission.ACCEPT_OBSERVATIONS),
    "imports.give_back": at_place(Permission.ACCEPT_OBSERVATIONS),
    **{f"sharing.{name}": READ_KNOWLEDGE for name in ("index", "one", "file", "hide")},
    **{
        f"sharing.{name}": at_place(Permission.SHARE_KNOWLEDGE)
        for name in (
            "new",
            "begin",
            "form",
            "change",
            "add_file",
            "remove_file",
            "submit",
            "withdraw",
            "discard",
            "thanks",
            "certificate",
        )
    },
    **{f"sharing.{name}": at_place(Permission.REVIEW_KNOWLEDGE) for name in ("accept", "give_back", "show")},
    **{f"proposing.{name}": READ_PROPOSALS for name in ("index", "one", "hide")},
    **{
        f"proposing.{name}": at_place(Permission.PROPOSE)
        for name in ("new", "begin", "form", "change", "submit", "withdraw", "discard")
    },
    **{f"proposing.{name}": at_place(Permission.REVIEW_PROPOSALS) for name in ("accept", "give_back", "show")},
}
"""Written down a second time, so that none becomes public by a slip."""
OPEN_OF_PRIVATE = {
    "account.login",
    "account.logout",
    "account.welcome",
    "sign_in.code",
    "sign_in.forgotten",
    "sign_in.openid",
    "sign_in.openid_back",
}
TAKES_ANYBODYS_FORM = {
    "voices.link",  # whoever takes part has no account: a link that only we can have written says who may
    "voices.give",
    "voices.withdraw",
    "story.change",  # writes nothing: it leads to the address that says what the form asks for
    "ckan.act",  # answers questions only: clients of CKAN send them as POST
    "sdmx.nothing",  # refuses what is sent, in the words of its standard
    "features.nothing",
    "api.deliver",  # a key is asked for, and no browser sends one by itself
    "api.comment",
    "api.settle",
    "mistakes.send",  # whoever reads may tell of a mistake; it waits until somebody answers it
    "mistakes.forget",  # by the secret of the link in the letter
}
VALUES = {
    "upload_id": "1", "run": "1", "framework": "small", "period": str(small.PERIOD), "token": "x", "place": "M1",
    "assessment_id": "1", "evidence_id": "1", "question": "digital_plan", "number": "1", "section": "governance",
    "submission": "1", "client": "1", "key": "1", "code": "nesdc-example", "comment": "1",
}  # fmt: skip
NOBODY = "nobody"


def _value(rule: Rule, name: str) -> str:
    """What stands in an address for one of its parts: of a choice, the first."""
    part = rule._converters[name]
    return min(part.items) if isinstance(part, AnyConverter) else VALUES.get(name, "1")


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of everything that is not public."""
    found = []
    for rule in app.url_map.iter_rules():
        if need_of(app, rule.endpoint) != PUBLIC:
            with app.test_request_context():
                values = {name: _value(rule, name) for name in rule.arguments - {"language"}}
                _, path = rule.build({**values, "language": "en"}) or ("", "")
            found += [(rule.endpoint, method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


@pytest.fixture
def site(engine: Engine, database_url: str) -> Iterator[FlaskClient]:
    """A site with a published run and an account for each role; forms need no token, only the permission."""
    small.published_run(engine)
    client = client_over(database_url)
    client.application.config["WTF_CSRF_ENABLED"] = False
    accounts = application_of(client).accounts
    for role, rights in ROLES.items():
        accounts.add(NewAccount(f"{role}@example.go.th", role, _place_for(rights)), "test")
    yield client
    application_of(client).engine.dispose()


def _place_for(role: Role) -> str | None:
    if not role.of_place:
        return None
    return "10" if role.scopes == {Scope.PROVINCE} else "M1"


def become(client: FlaskClient, number: int) -> None:
    """Sign in as an account, without its password."""
    with application_of(client).sessions() as session:
        found = account(session, number)
        assert found is not None
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(account=number, epoch=found.epoch)


def test_every_route_declares_a_permission(client: FlaskClient) -> None:
    app = client.application
    undeclared = {rule.endpoint for rule in app.url_map.iter_rules() if need_of(app, rule.endpoint) is None}
    assert not undeclared, "register its blueprint with a permission, or declare one with `needs`"
    known = {PUBLIC, SIGNED_IN, *Permission}
    needs = {need_of(app, rule.endpoint) or "" for rule in app.url_map.iter_rules()}
    assert {need for need in needs if not asked_at_place(need)} <= known


def test_what_is_not_public_is_written_down_twice(client: FlaskClient) -> None:
    app = client.application
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {one: need_of(app, one) for one in endpoints if need_of(app, one) != PUBLIC} == NOT_PUBLIC
    private = {one for one in endpoints if one.startswith(("account.", "admin.", "sign_in.", "mine.", "people."))}
    assert private - set(NOT_PUBLIC) == OPEN_OF_PRIVATE


def test_a_public_route_changes_nothing(client: FlaskClient) -> None:
    """No route takes a form but those of accounts and operations."""
    taking = {
        rule.endpoint
        for rule in client.application.url_map.iter_rules()
        if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    assert taking - set(NOT_PUBLIC) - OPEN_OF_PRIVATE == TAKES_ANYBODYS_FORM


def test_a_route_that_declares_nothing_is_refused(client: FlaskClient) -> None:
    client.application.add_url_rule("/forgotten", view_func=lambda: "secret")
    answer = client.get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def _allowed(role: Role, need: str) -> bool:
    """Whether a holder gets as far as the view: there, the place decides."""
    local = asked_at_place(need)
    return any(one in role.may for one in local) if local else need in role.may and not role.of_place


def test_no_role_reaches_more_than_its_permissions(site: FlaskClient) -> None:
    """Each role with each route, generated from the table of roles and the map of addresses."""
    asked = 0
    for number, role in enumerate([NOBODY, *ROLES]):
        for endpoint, method, path in routes(site.application):
            if role == NOBODY:
                with site.session_transaction() as cookie:
                    cookie.clear()
            else:
                become(site, number)  # anew each time: signing out everywhere is among the routes
            answer = site.open(path, method=method)
            need = NOT_PUBLIC[endpoint]
            allowed = role != NOBODY and (need == SIGNED_IN or _allowed(ROLES[role], need))
            seen = (role, method, path, answer.status_code, answer.location)
            if role == NOBODY:
                assert answer.status_code == 303, seen
                assert answer.location.startswith("/en/account/login"), seen
            else:
                assert (answer.status_code == 403) == (not allowed), seen
                assert answer.status_code < 500, seen
            assert "public" not in answer.headers["Cache-Control"], seen
            assert "no-store" in answer.headers["Cache-Control"], seen
            asked += 1
    assert asked >= (1 + len(ROLES)) * len(NOT_PUBLIC)


def _place_page(client: FlaskClient, name: str, view: Callable[[int], str]) -> None:
    view.needs = at_place(Permission.ANSWER)  # type: ignore[attr-defined]
    client.application.add_url_rule(f"/{name}/<int:number>", name, view)


def test_a_route_about_a_place_asks_about_it(site: FlaskClient) -> None:
    """It is refused where it forgets to; where it asks, another municipality's is not even there."""

    def located(number: int) -> Place:
        with application_of(site).sessions() as session:
            return session.get_one(Place, number)

    _place_page(site, "forgetful", lambda number: f"secret of {number}")
    _place_page(site, "careful", lambda number: f"{require(Permission.ANSWER, place=located(number)) and 'draft'}")
    _place_page(site, "approving", lambda number: f"{require(Permission.APPROVE_ASSESSMENT, place=located(number))}")
    with application_of(site).sessions() as session:
        own, other = (session.scalars(select(Place.id).where(Place.code == code)).one() for code in ("M1", "M2"))
    editor, reviewer = (1 + list(ROLES).index(role) for role in ("editor", "reviewer"))
    become(site, editor)
    assert "secret" not in site.get(f"/forgetful/{own}").text
    assert site.get(f"/careful/{own}").text == "draft"
    answers = [site.get(f"/careful/{other}"), site.get(f"/approving/{own}"), site.get(f"/approving/{other}")]
    assert [answer.status_code for answer in answers] == [404, 403, 404]
    become(site, reviewer)
    assert site.get(f"/careful/{own}").status_code == 403


def test_what_a_link_may_show(site: FlaskClient) -> None:
    with application_of(site).sessions() as session:
        own, other = (session.scalars(select(Place).where(Place.code == code)).one() for code in ("M1", "M2"))
    with site.application.test_request_context("/en/"):
        assert not may(Permission.ANSWER, own)
    become(site, 1 + list(ROLES).index("editor"))
    cookie = site.get_cookie("session")
    assert cookie is not None
    with site.application.test_request_context("/en/", headers={"Cookie": f"session={cookie.value}"}):
        assert may(Permission.ANSWER, own)
        assert not may(Permission.ANSWER, other)
        assert not may(Permission.ANSWER)


def test_a_refusal_shows_nothing_of_the_page(site: FlaskClient) -> None:
    become(site, 1 + list(ROLES).index("editor"))
    answer = site.get("/en/admin/accounts")
    assert answer.status_code == 403
    assert "example.go.th" not in answer.text
