"""What the audit trail says besides who did what: its details, written by the program, in the words of the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

from cityindex.services.accounts.roles import NAMES
from cityindex.web.filters import translated
from cityindex.web.sentences import Sentences

KEYS: Mapping[str, Any] = {
    "matched": lazy_gettext("known already"),
    "new": lazy_gettext("new"),
    "changed": lazy_gettext("changed"),
    "ambiguous": lazy_gettext("could be either"),
    "rejected": lazy_gettext("refused"),
    "revised": lazy_gettext("revised"),
    "programme": lazy_gettext("programme"),
    "source": lazy_gettext("source"),
}
SENTENCES = (
    ("run {run}", lazy_gettext("run %(run)s")),
    ("withdrawn", lazy_gettext("withdrawn")),
    ("off", lazy_gettext("turned off")),
    ("{count} places", lazy_gettext("%(count)s places")),
    ("{count} not submitted", lazy_gettext("%(count)s not submitted")),
    (
        "{count} assessments, {carried} answers carried over",
        lazy_gettext("%(count)s assessments, %(carried)s answers carried over"),
    ),
    ("{role} of place {place}", lazy_gettext("%(role)s, place %(place)s")),
    ("place {place} to {person}", lazy_gettext("place %(place)s, to %(person)s")),
    ("before: {what}", lazy_gettext("before: %(what)s")),
)


def _parts(found: Mapping[str, str]) -> Mapping[str, str]:
    return found | {"role": translated(NAMES[found["role"]])} if found.get("role") in NAMES else found  # type: ignore[operator]


SAID = Sentences(SENTENCES, _parts)


def detail(text: str) -> list[tuple[str, str]]:
    """What else is known of a deed: (name, value), where the program wrote pairs; one sentence without a name else."""
    try:
        pairs = json.loads(text)
    except ValueError:
        pairs = None
    if isinstance(pairs, dict):
        return [(str(KEYS.get(key, key)), str(value)) for key, value in pairs.items()]
    if text in NAMES:
        return [("", translated(NAMES[text]))]
    return [("", SAID.say(text))] if text else []
