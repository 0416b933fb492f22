"""What deeds and roles are called."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext

from cityindex.services.accounts.roles import NAMES
from cityindex.web.filters import translated

DEEDS = {
    "account added": lazy_gettext("account added"),
    "account closed": lazy_gettext("account closed"),
    "password changed": lazy_gettext("password changed"),
    "password chosen": lazy_gettext("password chosen"),
    "identity linked": lazy_gettext("outside sign-in linked"),
    "identity unlinked": lazy_gettext("outside sign-in unlinked"),
    "letter taken out": lazy_gettext("letter taken out"),
    "links taken out": lazy_gettext("sign-in links taken out"),
    "ways in ended": lazy_gettext("every way into the account ended, because another person had held its link"),
    "person erased": lazy_gettext("personal data erased"),
    "work handed over": lazy_gettext("work handed over"),
    "second factor set": lazy_gettext("second step set"),
    "second factor removed": lazy_gettext("second step removed"),
    "role ended": lazy_gettext("role ended"),
    "password reset": lazy_gettext("password reset"),
    "role granted": lazy_gettext("role given"),
    "edition published": lazy_gettext("edition published"),
    "edition rolled-back": lazy_gettext("edition rolled back"),
    "preview opened": lazy_gettext("preview opened"),
    "preview closed": lazy_gettext("preview ended"),
    "objection made": lazy_gettext("objection before publication"),
    "objection answered": lazy_gettext("objection answered"),
    "release planned": lazy_gettext("release planned"),
    "release cancelled": lazy_gettext("planned release cancelled"),
    "release refused": lazy_gettext("planned release refused"),
    "mistake reported": lazy_gettext("mistake reported"),
    "mistake answered": lazy_gettext("report of a mistake answered"),
    "mistake passed on": lazy_gettext("report of a mistake passed on"),
    "round opened": lazy_gettext("round opened"),
    "round closed": lazy_gettext("round closed"),
    "run made": lazy_gettext("run made"),
    "evidence changed": lazy_gettext("evidence described anew"),
    "import-places": lazy_gettext("places imported"),
    "import-boundaries": lazy_gettext("boundaries imported"),
    "import-members": lazy_gettext("members imported"),
    "record-observations": lazy_gettext("observations recorded"),
    "upload checked": lazy_gettext("figures uploaded"),
    "upload confirmed": lazy_gettext("figures confirmed"),
    "upload accepted": lazy_gettext("figures accepted"),
    "upload returned": lazy_gettext("figures returned"),
    "upload withdrawn": lazy_gettext("figures withdrawn"),
    "schedule changed": lazy_gettext("schedule changed"),
    "access asked for": lazy_gettext("access asked for"),
    "access granted": lazy_gettext("access granted"),
    "access refused": lazy_gettext("access refused"),
    "access ended": lazy_gettext("access ended"),
    "key issued": lazy_gettext("key issued"),
    "key revoked": lazy_gettext("key revoked"),
    "plan shown": lazy_gettext("plan shown to everybody"),
    "plan hidden": lazy_gettext("plan shown to its people only"),
    "target set": lazy_gettext("target set"),
    "target taken back": lazy_gettext("target taken back"),
    "consultation opened": lazy_gettext("consultation opened"),
    "consultation ended early": lazy_gettext("consultation ended early"),
    "consultation answered": lazy_gettext("consultation answered"),
    "reason shown": lazy_gettext("reason of a resident shown"),
    "reason not shown": lazy_gettext("reason of a resident not shown"),
    "remove-demo": lazy_gettext("demo data removed"),
}
"""By the code in the trail."""
LETTERS = {
    "invitation": lazy_gettext("invitation"),
    "role": lazy_gettext("new role"),
    "successor": lazy_gettext("handing over, to the successor"),
    "taken-over": lazy_gettext("handing over, to the successor"),
    "handed-over": lazy_gettext("handing over, to who had it"),
    "reset": lazy_gettext("new password"),
    "reminder": lazy_gettext("reminder to answer"),
    "review-reminder": lazy_gettext("reminder to review"),
    "assigned": lazy_gettext("assessments to review"),
    "returned": lazy_gettext("an assessment came back"),
    "approved": lazy_gettext("an assessment is approved"),
    "preview": lazy_gettext("results to look at before publication"),
    "objected": lazy_gettext("an objection to answer"),
    "objection-answered": lazy_gettext("an objection is answered"),
    "mistake": lazy_gettext("a report of a mistake to answer"),
    "mistake-answered": lazy_gettext("a report of a mistake is answered"),
    "voice": lazy_gettext("a link to take part in a consultation"),
    "appealed": lazy_gettext("an appeal to decide"),
    "appeal-decided": lazy_gettext("an appeal is decided"),
    "extended": lazy_gettext("more time"),
}
DOORS = {
    "file": lazy_gettext("file"),
    "assessment": lazy_gettext("self-assessment"),
    "exchange": lazy_gettext("exchange"),
}


def install(app: Flask) -> None:
    app.jinja_env.globals.update(role_name=role_name, deed_name=deed_name, letter_name=letter_name, door_name=door_name)


def deed_name(action: str) -> str:
    return str(DEEDS.get(action, action))


def role_name(role: str) -> str:
    return translated(NAMES.get(role, role))


def letter_name(kind: str) -> str:
    return str(LETTERS.get(kind, kind))


def door_name(door: str) -> str:
    return str(DOORS.get(door, door))
