"""What deeds and roles are called."""

from __future__ import annotations

from flask_babel import lazy_gettext

DEEDS = {
    "account added": lazy_gettext("account added"),
    "account closed": lazy_gettext("account closed"),
    "password changed": lazy_gettext("password changed"),
    "password chosen": lazy_gettext("password chosen"),
    "password reset": lazy_gettext("password reset"),
    "role granted": lazy_gettext("role given"),
    "edition published": lazy_gettext("edition published"),
    "edition rolled-back": lazy_gettext("edition rolled back"),
    "run made": lazy_gettext("run made"),
    "evidence changed": lazy_gettext("evidence described anew"),
    "import-places": lazy_gettext("places imported"),
    "import-boundaries": lazy_gettext("boundaries imported"),
    "import-members": lazy_gettext("members imported"),
    "record-observations": lazy_gettext("observations recorded"),
    "remove-demo": lazy_gettext("demo data removed"),
}
"""By the code in the trail."""
ROLE_NAMES = {
    "editor": lazy_gettext("Editor"),
    "approver": lazy_gettext("Approver"),
    "advisor": lazy_gettext("Advisor"),
    "reviewer": lazy_gettext("Reviewer"),
    "programme-officer": lazy_gettext("Programme officer"),
    "methodologist": lazy_gettext("Methodologist"),
    "province-administrator": lazy_gettext("Administrator of a province"),
    "administrator": lazy_gettext("Administrator"),
}
DOORS = {
    "file": lazy_gettext("file"),
    "assessment": lazy_gettext("self-assessment"),
    "exchange": lazy_gettext("exchange"),
}


def deed_name(action: str) -> str:
    return str(DEEDS.get(action, action))


def role_name(role: str) -> str:
    return str(ROLE_NAMES.get(role, role))


def door_name(door: str) -> str:
    return str(DOORS.get(door, door))
