"""Exchange under agreements: deliveries come in with a key of their agreement, and both sides see how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Flask, Response, g, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate

from cityindex.calendars import buddhist_year
from cityindex.errors import Forbidden, Invalid, Problem
from cityindex.formats.packages import MEDIA_TYPE as PACKAGE
from cityindex.queries.accounts.clients import Caller
from cityindex.queries.exchange.changes import ChangeRecord, changes
from cityindex.queries.exchange.deliveries import DeliveryRecord, deliveries
from cityindex.queries.exchange.partner_comments import CommentRecord, of_agreements
from cityindex.services.exchange.manifests import Gap
from cityindex.services.exchange.partner_comments import LONGEST, Comment, Commenter
from cityindex.services.exchange.receiving import Bent, Sender
from cityindex.services.exchange.scopes import agreements_of, read_scopes
from cityindex.services.exchange.signing import Unsigned, claimed, read
from cityindex.web import problems
from cityindex.web.api.answers import Page, named, page
from cityindex.web.api.arguments import CODE, ERAS, Asked, Paged, Period
from cityindex.web.api.cursors import read as read_cursor
from cityindex.web.api.cursors import written
from cityindex.web.api.operations import fetching, keyed, posting
from cityindex.web.api.operations import listing as public_listing
from cityindex.web.api.schemas import exchange as schemas
from cityindex.web.caching import A_MINUTE
from cityindex.web.filters import translated
from cityindex.web.permissions import PUBLIC, needs
from cityindex.web.releases.exchange_status import Standing, standings
from cityindex.web.session import application, database
from cityindex.web.uploads import takes

TAG = "Exchange"
NOT_OPENED = "this key opens no agreement: ask whoever signed it for one with the scope deliveries:exchange@AGREEMENT"
KEYS_ADDRESS = "/.well-known/jwks.json"


class ChangesAsked(Paged):
    """From where on."""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=2**31 - 1),
        metadata={"description": "Number of the last change that you know; 0 for all."},
    )


class CommentSent(Schema):
    """A comment on a value."""

    agreement = fields.String(required=True, validate=CODE, metadata={"description": "Code of the agreement."})
    reference = fields.String(
        required=True, validate=validate.Length(1, 64), metadata={"description": "Your own name for the comment."}
    )
    place = fields.String(required=True, validate=CODE, metadata={"description": "Code of the place."})
    indicator = fields.String(required=True, validate=CODE, metadata={"description": "Code of the indicator."})
    period = Period(required=True, metadata={"description": "Year of either era.", "anyOf": ERAS, "example": 2023})
    text = fields.String(
        required=True, validate=validate.Length(1, LONGEST), metadata={"description": "What you say about the value."}
    )


class NextAsked(Asked):
    """Under which agreement."""

    agreement = fields.String(required=True, validate=CODE, metadata={"description": "Code of the agreement."})


class ReceiptSent(Schema):
    """A receipt."""

    receipt = fields.String(
        required=True, validate=validate.Length(1, 50_000_000), metadata={"description": "As it was signed (JWS)."}
    )
    key = fields.Dict(
        load_default=None,
        allow_none=True,
        metadata={"description": "Your public key (JWK), where nobody can ask you for it; the agreement names it."},
    )


def install(app: Flask) -> None:
    app.add_url_rule(KEYS_ADDRESS, "api.keys", needs(PUBLIC)(published_keys))
    # A key is sent with each request and by no browser, so there is no form of another site to guard against.
    app.extensions["csrf"].exempt("cityindex.web.api.exchange.deliver")
    app.extensions["csrf"].exempt("cityindex.web.api.exchange.comment")
    app.extensions["csrf"].exempt("cityindex.web.api.exchange.settle")


def published_keys() -> Response:
    """The public keys of this site (RFC 7517), those before the present one, too."""
    response = Response(orjson.dumps(application().signing.published()), mimetype="application/jwk-set+json")
    response.headers["Cache-Control"] = f"public, max-age={A_MINUTE}"
    return response


@public_listing("/changes", ChangesAsked, schemas.Change, TAG)
def all_changes(asked: dict[str, Any]) -> ResponseReturnValue:
    """List what changed, by number: recordings of values and movements of editions.

    Keep the last number that you have read, and ask for what comes after it: nothing is left out and nothing comes
    twice. A delivery names the change up to which it goes.
    """
    after = read_cursor(asked["cursor"])["after"] if asked["cursor"] else asked["after"]
    limit = asked["limit"]

    def make() -> Page:
        found = changes(database(), after, limit + 1)
        following = written({"after": found[limit - 1].id}) if len(found) > limit else None
        return Page([_change(one) for one in found[:limit]], following)

    return page(asked, make)


@keyed("/agreements", Paged, schemas.Agreement, TAG)
def all_agreements(asked: dict[str, Any]) -> ResponseReturnValue:
    """Show how the exchange stands under the agreements of your key."""
    codes = _opened()
    return page(asked, lambda: Page([_standing(one) for one in standings(codes)][: asked["limit"]]))


@keyed("/deliveries", Paged, schemas.Delivery, TAG)
def all_deliveries(asked: dict[str, Any]) -> ResponseReturnValue:
    """List the deliveries under the agreements of your key, the newest first, with their receipts."""
    codes, limit = _opened(), asked["limit"]
    before = read_cursor(asked["cursor"])["before"] if asked["cursor"] else None

    def make() -> Page:
        found = deliveries(database(), codes, before=before, limit=limit + 1)
        following = written({"before": found[limit - 1].id}) if len(found) > limit else None
        return Page([_delivery(one) for one in found[:limit]], following)

    return page(asked, make)


@posting("/deliveries", schemas.Receipt, TAG, PACKAGE)
@takes(lambda settings: settings.delivery_mb)
def deliver() -> ResponseReturnValue:
    """Hand in a delivery: one line with the signed manifest, then the rows.

    All of it is applied or none. The answer is a signed receipt that lists the rows that were not taken, with reason
    and cure; a delivery that was applied before is answered with the receipt of that time.
    """
    codes = _opened()
    if request.mimetype != PACKAGE:
        return problems.problem(415, f"a delivery is sent as {PACKAGE}")
    try:
        receipt = application().receiving.receive(request.stream, Sender(_caller().name, codes, _still))
    except (Bent, Unsigned) as error:
        return problems.problem(422, str(error), error.problems, again=True)
    except Gap as error:
        return problems.problem(409, str(error), error.problems, expected=error.expected)
    said = read(receipt.signed)
    made = {name: said[name] for name in ("agreement", "sequence", "rows", "rejected_rows")}
    return _told({**made, "again": receipt.again, "receipt": receipt.signed}, 200 if receipt.again else 201)


@fetching("/deliveries/next", NextAsked, PACKAGE, TAG)
def next_delivery(asked: dict[str, Any]) -> ResponseReturnValue:
    """Fetch the delivery that waits for you, under an agreement by which you come for it.

    It is the same until you have brought its receipt.
    """
    if asked["agreement"] not in _opened():
        raise Forbidden(NOT_OPENED)
    found = application().deliveries.hand_out(asked["agreement"], _caller().name)
    response = Response(found, 200, mimetype=PACKAGE) if found else Response(status=204)
    response.headers["Cache-Control"] = "no-store"
    return response


@posting("/receipts", schemas.Settled, TAG, "application/json", ReceiptSent)
def settle(sent: dict[str, Any]) -> ResponseReturnValue:
    """Bring the receipt that you have signed for a delivery that you fetched."""
    try:
        if claimed(sent["receipt"]).get("agreement") not in _opened():
            raise Forbidden(NOT_OPENED)
        done = application().deliveries.settle(sent["receipt"], _caller().name, sent["key"])
    except Unsigned as error:
        return problems.problem(422, str(error), error.problems, again=True)
    return _told({"agreement": done.agreement, "sequence": done.sequence, "state": done.state}, 201)


@keyed("/comments", Paged, schemas.Comment, TAG)
def all_comments(asked: dict[str, Any]) -> ResponseReturnValue:
    """List your comments on values, with what the places answered."""
    codes, limit = _opened(), asked["limit"]
    after = read_cursor(asked["cursor"])["after"] if asked["cursor"] else 0

    def make() -> Page:
        found = of_agreements(database(), codes, after, limit + 1)
        following = written({"after": found[limit - 1].id}) if len(found) > limit else None
        return Page([_comment(one) for one in found[:limit]], following)

    return page(asked, make)


@posting("/comments", schemas.CommentTaken, TAG, "application/json", CommentSent)
def comment(sent: dict[str, Any]) -> ResponseReturnValue:
    """Comment on a value: the people of the place find it among their tasks, and answer it."""
    if sent["agreement"] not in _opened():
        raise Forbidden(NOT_OPENED)
    if not sent["text"].strip():
        raise Invalid("a comment has words", [Problem("it is empty", "write a few words", column="text")])
    caller = _caller()
    number, fresh = application().partner_comments.add(Comment(**sent), Commenter(caller.client, caller.name))
    return _told({"comment": number, "again": not fresh}, 201 if fresh else 200)


def _caller() -> Caller:
    found: Caller = g.client
    return found


def _opened() -> frozenset[str]:
    """The agreements that the key of this request opens. Raises `Forbidden` where it opens none."""
    found = agreements_of(read_scopes(_caller().scopes))
    if not found:
        raise Forbidden(NOT_OPENED)
    return found


def _still() -> bool:
    """Whether the key of this request is in force at this moment, too."""
    secret = request.headers.get("Authorization", "").partition(" ")[2].strip()
    return application().clients.identify(secret) is not None


def _told(said: Mapping[str, Any], status: int) -> Response:
    response = Response(orjson.dumps(said), status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _change(one: ChangeRecord) -> dict[str, Any]:
    names = ("kind", "at", "rows", "source", "framework", "version", "period", "run", "action", "demo")
    return {
        "change": one.id,
        **{name: getattr(one, name) for name in names},
        "period_be": None if one.period is None else buddhist_year(one.period),
        "recording": one.reference if one.kind == "recording" else None,
    }


def _standing(one: Standing) -> dict[str, Any]:
    agreement, schedule = one.agreement, one.schedule
    return {
        "agreement": agreement.code,
        **named(agreement.name.th, agreement.name.en),
        "version": agreement.version,
        "status": agreement.status,
        "direction": agreement.direction,
        "partner": translated(agreement.partner.name),
        "legal_basis": translated(agreement.legal_basis),
        "indicators": list(agreement.indicators),
        "scores": [asked.framework for asked in agreement.scores],
        "frequency": agreement.frequency,
        "demo": agreement.demo,
        "last_run": schedule.last.started_at if schedule and schedule.last else None,
        "last_outcome": schedule.last.outcome if schedule and schedule.last else None,
        "next_run": schedule.next if schedule else None,
        "last_sequence": one.settled.sequence if one.settled else 0,
        "last_settled_at": one.settled.settled_at if one.settled else None,
        "rows": one.settled.rows if one.settled else None,
        "waiting": one.open.sequence if one.open else None,
        "error": one.open.error if one.open else "",
        "behind_since": one.behind.since if one.behind else None,
        "failures": [{"at": entry.at, "detail": entry.detail} for entry in one.failures],
    }


def _delivery(one: DeliveryRecord) -> dict[str, Any]:
    names = (
        *("agreement", "direction", "sequence", "state", "rows", "accepted", "rejected", "sha256", "demo", "made_at"),
        *("settled_at", "tries", "next_try_at", "error", "manifest", "receipt"),
    )
    return {"delivery": one.id, **{name: getattr(one, name) for name in names}}


def _comment(one: CommentRecord) -> dict[str, Any]:
    names = ("agreement", "reference", "place", "indicator", "period", "text", "made_at", "answer", "answered_at")
    return {
        "comment": one.id,
        **{name: getattr(one, name) for name in names},
        **named(one.name_th, one.name_en),
        "period_be": buddhist_year(one.period),
    }
