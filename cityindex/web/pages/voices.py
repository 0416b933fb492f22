"""Taking part: asking for a link, choosing, changing one's mind. Nobody keeps a copy of these pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from cityindex.errors import Forbidden, Invalid, NotFound, Problem, Unavailable
from cityindex.gateways.mail import Refused
from cityindex.gateways.openid import BARE, Begun, Provider
from cityindex.models import now
from cityindex.participation.reasons import LONGEST
from cityindex.queries.participation.consultations import ConsultationRecord, choices_of, consultation, reason_of
from cityindex.services.accounts.attempts import TooMany
from cityindex.services.participation.consultation_rules import EMAIL, OPENID
from cityindex.services.participation.entrance import Caller, WrongAnswer
from cityindex.services.participation.voice_letters import Invited
from cityindex.services.participation.voices import Given, NotOpen
from cityindex.services.places.place_names import both_names
from cityindex.web.forms import given
from cityindex.web.language import language
from cityindex.web.participation import consultation_view, target_words
from cityindex.web.participation.consultation_view import state_of
from cityindex.web.reader import network_address
from cityindex.web.session import application, database

voices = Blueprint("voices", __name__)
UNFIT, BUSY, CLOSED, LATER = 422, 429, 409, 503
WAIT = "900"
TRAP = "website"
"""A field that nobody sees: whoever fills it in is no person."""


@dataclass(frozen=True)
class Choosing:
    """The form of a voice: which offer of each topic is chosen (its number), the reason, and what is wrong."""

    chosen: Mapping[int, int] = field(default_factory=dict)
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    given: bool = False


@voices.get("/consultations/<int:number>/take-part")
def ask(number: int) -> ResponseReturnValue:
    return _ask(consultation(database(), number))


@voices.post("/consultations/<int:number>/take-part")
def link(number: int) -> ResponseReturnValue:
    """Send the link of a voice, or show it where nobody is written to: for demo data."""
    asked = consultation(database(), number)
    try:
        caller = Caller(network_address(), number, given("email"))
        application().entrance.require(given("asked"), given("answer"), caller)
        address, token = application().voices.invite(number, given("email"))
    except TooMany:
        words = gettext("Many links were asked for from here. Wait a quarter of an hour and try again.")
        return _ask(asked, {"email": words}, BUSY)
    except WrongAnswer:
        return _ask(
            asked, {"answer": gettext("That is not the answer, or the question is too old. Here is a new one.")}, UNFIT
        )
    except NotOpen:
        return _ask(asked, {}, CLOSED)
    except Invalid:
        return _ask(asked, {"email": gettext("Write an e-mail address such as name@example.com.")}, UNFIT)
    return _sent(asked, address, token)


@voices.get("/consultations/<int:number>/openid")
def openid(number: int) -> ResponseReturnValue:
    """Send the reader to the provider; `came_back` goes on."""
    asked = consultation(database(), number)
    if asked.door != OPENID:
        raise NotFound(f"consultation {number} does not recognise people by OpenID Connect")
    try:
        begun = _provider().begin(_back(), BARE)
    except Unavailable:
        return _ask(asked, {"openid": gettext("The provider does not answer now. Try again later.")}, LATER)
    cookie["openid"] = {**asdict(begun), "next": "", "token": "", "consultation": number}
    cookie["language"] = language()
    return redirect(begun.url, 303)


def came_back(number: int, begun: Begun) -> ResponseReturnValue:
    """The reader is back from the provider: to the form of the voice, or a word on why not."""
    asked = consultation(database(), number)
    try:
        if "code" not in request.args:
            raise Forbidden("the provider sent nobody: signing in was broken off there")
        person = _provider().finish(begun, _back(), request.url, BARE)
        token = application().voices.admit(number, person.issuer, person.subject)
    except NotOpen:
        return _ask(asked, {}, CLOSED)
    except Forbidden:
        return _ask(asked, {"openid": gettext("Signing in was broken off. Begin again.")}, UNFIT)
    except Unavailable:
        return _ask(asked, {"openid": gettext("The provider does not answer now. Try again later.")}, LATER)
    return redirect(url_for("voices.choose", number=number, token=token), 303)


@voices.get("/consultations/<int:number>/voice/<token>")
def choose(number: int, token: str) -> ResponseReturnValue:
    asked = consultation(database(), number)
    try:
        key = application().voices.key_of(number, token)
    except NotOpen:
        return _ask(asked, {}, CLOSED)
    except NotFound:
        return _forged(asked)
    held = choices_of(database(), number, key)
    chosen = {
        topic.id: topic.values.index(held[topic.id])
        for topic in asked.topics
        if topic.id in held and held[topic.id] in topic.values
    }
    return _form(asked, token, Choosing(chosen, reason_of(database(), number, key), given=bool(held)))


@voices.post("/consultations/<int:number>/voice/<token>")
def give(number: int, token: str) -> ResponseReturnValue:
    asked = consultation(database(), number)
    chosen, reason = _chosen(asked), given("reason")
    said = Given([(topic, asked.topic(topic).values[at]) for topic, at in chosen.items()], reason)
    try:
        changed = application().voices.give(number, token, said)
    except NotOpen:
        return _ask(asked, {}, CLOSED)
    except NotFound:
        return _forged(asked)
    except TooMany:
        errors = {"choices": gettext("This voice was changed very often. It stays as it is.")}
        return _form(asked, token, Choosing(chosen, reason, errors), BUSY)
    except Invalid as error:
        return _form(asked, token, Choosing(chosen, reason, _refused(asked, error.problems)), UNFIT)
    return _private(
        render_template(
            "pages/consultations/thanks.html",
            asked=asked,
            changed=changed,
            token=token,
            chosen=chosen,
            reason=reason.strip(),
            say=target_words,
        )
    )


@voices.post("/consultations/<int:number>/voice/<token>/withdraw")
def withdraw(number: int, token: str) -> ResponseReturnValue:
    asked = consultation(database(), number)
    try:
        application().voices.withdraw(number, token)
    except NotOpen:
        return _ask(asked, {}, CLOSED)
    except NotFound:
        return _forged(asked)
    return _private(render_template("pages/consultations/withdrawn.html", asked=asked, token=token))


def _ask(asked: ConsultationRecord, errors: Mapping[str, str] | None = None, status: int = 200) -> Response:
    database().rollback()
    there = application().consultations.doors_for(asked.demo)
    page = render_template(
        "pages/consultations/ask.html",
        asked=asked,
        state=state_of(asked, now(), {}),
        words=consultation_view,
        errors=errors or {},
        question=application().entrance.ask(),
        trap=TRAP,
        mails=asked.door == EMAIL and EMAIL in there,
        provider=application().settings.openid if asked.door == OPENID else None,
    )
    return _private(page, status)


def _sent(asked: ConsultationRecord, address: str, token: str) -> Response:
    path = url_for("voices.choose", number=asked.id, token=token)
    if given(TRAP):
        return _private(render_template("pages/consultations/sent.html", asked=asked, shown="", address=address))
    if asked.demo and not application().voice_letters.there:  # so that a demonstration works by itself
        return _private(render_template("pages/consultations/sent.html", asked=asked, shown=path))
    names = both_names(asked.place, application().catalogue.codelist("place-types"))
    links = {code: url_for("voices.choose", number=asked.id, token=token, language=code) for code in ("th", "en")}
    invited = Invited(
        asked.title, names["place_th"], names["place_en"], links["th"], links["en"], asked.until, asked.demo
    )
    try:
        application().voice_letters.send(address, invited)
    except Refused:
        return _ask(asked, {"email": gettext("The mail server does not know this address. Look at it again.")}, UNFIT)
    except Unavailable:
        words = gettext("The mail cannot be sent now. Try again in some minutes; nothing was kept.")
        return _ask(asked, {"email": words}, LATER)
    return _private(render_template("pages/consultations/sent.html", asked=asked, shown="", address=address))


def _form(asked: ConsultationRecord, token: str, form: Choosing, status: int = 200) -> Response:
    database().rollback()
    page = render_template(
        "pages/consultations/voice.html",
        asked=asked,
        state=state_of(asked, now(), {}),
        form=form,
        token=token,
        words=consultation_view,
        say=target_words,
        longest=LONGEST,
    )
    return _private(page, status)


def _forged(asked: ConsultationRecord) -> Response:
    return _private(render_template("pages/consultations/forged.html", asked=asked), 404)


def _private(page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    if status == BUSY:
        response.headers["Retry-After"] = WAIT
    g.private = True
    return response


def _chosen(asked: ConsultationRecord) -> dict[int, int]:
    """The offers that were chosen, by topic; what is none is left out."""
    found = {}
    for topic in asked.topics:
        at = given(f"t{topic.id}")
        if at.isascii() and at.isdecimal() and len(at) < 4 and int(at) < len(topic.offers):
            found[topic.id] = int(at)
    return found


def _refused(asked: ConsultationRecord, problems: Sequence[Problem]) -> dict[str, str]:
    said = {
        "long": gettext("Write at most %(count)s characters.", count=LONGEST),
        "markup": gettext("Write plain sentences, without < > or codes."),
        "link": gettext("Leave links and names of sites out."),
        "address": gettext("Leave e-mail addresses out."),
        "number": gettext("Leave numbers of telephones and identity cards out."),
    }
    found: dict[str, str] = {}
    for one in problems:
        if one.column == "reason":
            found["reason"] = " ".join(filter(None, (found.get("reason", ""), said.get(one.value, ""))))
        else:
            chosen = len(_chosen(asked))
            found["choices"] = gettext(
                "You chose %(n)s. Choose at least one and at most %(most)s of them.", n=chosen, most=asked.most
            )
    return found


def _provider() -> Provider:
    found = application().openid
    if found is None:
        raise NotFound("no OpenID provider is set")
    return found


def _back() -> str:
    """The one address that the provider knows."""
    return url_for("sign_in.openid_back", language="th", _external=True)
