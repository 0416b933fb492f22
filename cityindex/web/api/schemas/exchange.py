"""What answers about changes, agreements and deliveries hold."""

from __future__ import annotations

from marshmallow import fields

from cityindex.web.api.schemas.parts import MAYBE, Named, Strict, moment, some, text, whole, yes


class Change(Strict):
    change = whole("Its number: later ones are higher.")
    kind = text("`recording` of values, or `publication` of an edition.")
    at = moment("When it happened.")
    recording = whole("Number of the recording.", **MAYBE)
    rows = whole("Values that it brought.", **MAYBE)
    source = text("Where they come from, in the words of who brought them in.", **MAYBE)
    framework = text("Framework of the edition.", **MAYBE)
    version = text("Its version.", **MAYBE)
    period = whole("Year of the common era.", **MAYBE)
    period_be = whole("The same year in the Buddhist era.", **MAYBE)
    run = whole("The run that is public from then on; null: none is.", **MAYBE)
    action = text("`published` or `rolled-back`.", **MAYBE)
    demo = yes("Whether it is made up for the demonstration.")


class Failure(Strict):
    at = moment("When it happened.")
    detail = text("What happened, as JSON.")


class Agreement(Named):
    agreement = text("Code.")
    version = text("Its version.")
    status = text("`draft`, `active` or `ended`.")
    direction = text("`send`: from here to the partner; `receive`: from the partner to here.")
    partner = text("Name of the partner, in the language asked for.")
    legal_basis = text("The legal ground, in the language asked for.")
    indicators = some(fields.String(), "Codes of the indicators; none where it is about scores.")
    scores = some(fields.String(), "Codes of the frameworks whose scores it is about.")
    frequency = text("How often: `daily`, `weekly`, `monthly`, `quarterly` or `yearly`.")
    demo = yes("Whether it is about data made up for the demonstration.")
    last_run = moment("When the schedule last ran here.", **MAYBE)
    last_outcome = text("How that ended: `done`, `failed` or `interrupted`.", **MAYBE)
    next_run = moment("When it runs next.", **MAYBE)
    last_sequence = whole("Number of the last delivery with a receipt; 0: none yet.")
    last_settled_at = moment("When that receipt was written or stored.", **MAYBE)
    rows = whole("Rows of that delivery.", **MAYBE)
    waiting = whole("Number of the delivery that waits or was given up.", **MAYBE)
    error = text("Why its last try failed.")
    behind_since = moment("Since when values came in here that were not delivered; of what is sent.", **MAYBE)
    failures = some(fields.Nested(Failure), "What was refused or failed, the newest first.")


class Delivery(Strict):
    delivery = whole("Its number here.")
    agreement = text("Code of the agreement.")
    direction = text("`send` or `receive`, seen from here.")
    sequence = whole("Its number under the agreement: 1, 2, 3 without a gap.")
    state = text("`waiting`, `accepted`, `given-up` or `applied`.")
    rows = whole("Rows in it.")
    accepted = whole("Rows that were taken.", **MAYBE)
    rejected = whole("Rows that were not taken: the receipt has the reasons.", **MAYBE)
    sha256 = text("Of the rows as they travel.")
    demo = yes("Whether it is made up for the demonstration.")
    made_at = moment("When it was built.")
    settled_at = moment("When its receipt was written or stored.", **MAYBE)
    tries = whole("Tries that failed.")
    next_try_at = moment("When it is tried again.", **MAYBE)
    error = text("Why the last try failed.")
    manifest = text("Signed by the sender (JWS).")
    receipt = text("Signed by the receiver (JWS).", **MAYBE)


class Receipt(Strict):
    agreement = text("Code of the agreement.", required=True)
    sequence = whole("Number of the delivery.", required=True)
    rows = whole("Rows in it.", required=True)
    rejected_rows = whole("Rows that were not taken.", required=True)
    again = yes("Whether it was applied before.")
    receipt = text("Signed (JWS): it lists the rows that were not taken, with reason and cure.", required=True)


class Settled(Strict):
    agreement = text("Code of the agreement.", required=True)
    sequence = whole("Number of the delivery.", required=True)
    state = text("`accepted`.", required=True)


class Comment(Named):
    """`name` names the place."""

    comment = whole("Its number.")
    agreement = text("Code of the agreement.")
    reference = text("Your own name for the comment.")
    place = text("Code of the place.")
    indicator = text("Code of the indicator.")
    period = whole("Year of the common era.")
    period_be = whole("The same year in the Buddhist era.")
    made_at = moment("When it came.")
    answer = fields.String(metadata={"description": "What the place answered; null: not yet."}, **MAYBE)
    answered_at = moment("When it answered.", **MAYBE)
    text = fields.String(metadata={"description": "What you say about the value."})


class CommentTaken(Strict):
    comment = whole("Its number.", required=True)
    again = yes("Whether it was taken before.")
