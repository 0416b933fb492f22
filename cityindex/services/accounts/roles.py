"""Who may do what: one table of roles. A page names the permission it needs; only this table says who has it.

A grant is held for the whole site, for a province with the places in it, or for one place. `permissions_of` says what
is allowed on the whole site, `reach` where something is allowed, and `may_at` whether it is at one place: pages and
services ask these three and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cityindex.queries.accounts.reach import Located, Reach


class Permission(StrEnum):
    """What pages and services ask for."""

    SEE_RECORDS = "see-records"
    """What was imported and run, published or not, and the trail of deeds."""
    PUBLISH = "publish"
    """Move the pointer that the public side reads, and move it back."""
    SEE_ACCOUNTS = "see-accounts"
    """Who has an account, and in which role."""
    INVITE = "invite"
    """Give roles and end them: those that the table says, where the grant reaches."""
    ANSWER = "answer"
    """Answer the questions of a place and hand in evidence."""
    APPROVE_ASSESSMENT = "approve-assessment"
    """Submit the assessment of a place, and appeal."""
    SEE_ASSESSMENT = "see-assessment"
    """Read the assessment of a place in every state, drafts too, with its evidence."""
    COMMENT = "comment"
    """Write beside the answers of a place."""
    REVIEW = "review"
    """Read what a place has submitted (no draft), and decide on it."""
    RUN_ROUNDS = "run-rounds"
    """Open, extend and close rounds, assign reviewers, see where everybody stands."""
    PUBLISH_RESULTS = "publish-results"
    """Publish approved assessments."""
    UPLOAD_OBSERVATIONS = "upload-observations"
    """Bring in figures by hand, of the places that the grant reaches."""
    GRANT_ACCESS = "grant-access"
    """Decide which programs get keys, for what, and end their access."""
    ACCEPT_OBSERVATIONS = "accept-observations"
    """Accept or return the figures that a place has confirmed."""
    ASK_RESIDENTS = "ask-residents"
    """Open consultations of a place, end and answer them, and set the targets of the place."""
    SET_PROVINCE_TARGETS = "set-province-targets"
    """Set targets for places on behalf of their province."""
    SET_NATION_TARGETS = "set-nation-targets"
    """Set targets for places on behalf of the country."""
    MODERATE = "moderate"
    """Read what residents write before everybody does, and keep from being shown what may not be, with the reason."""
    SHARE_KNOWLEDGE = "share-knowledge"
    """Write what a place knows, and hand it in for review."""
    REVIEW_KNOWLEDGE = "review-knowledge"
    """Accept or return what a place has handed in, and take down what is shown."""
    PROPOSE = "propose"
    """Write proposals and sandboxes of a place, and hand them in for review."""
    REVIEW_PROPOSALS = "review-proposals"
    """Accept or return what a place proposes, and take down what is shown."""


class Scope(StrEnum):
    """What a grant is held for."""

    SITE = "site"
    PROVINCE = "province"
    """A province and the places in it."""
    PLACE = "place"
    """One place; where that is a province (some are learning cities), the places in it are not meant."""


@dataclass(frozen=True, slots=True)
class Role:
    """`scopes`: what it may be held for. `gives`: roles that its holder may give and end, where the grant reaches."""

    scopes: frozenset[Scope]
    may: frozenset[Permission] = frozenset()
    gives: frozenset[str] = frozenset()

    @property
    def of_place(self) -> bool:
        """Never held for the whole site."""
        return Scope.SITE not in self.scopes

    @property
    def local(self) -> bool:
        """May be held for a place or a province."""
        return self.scopes != {Scope.SITE}


SITE, PROVINCE, PLACE = ({one} for one in Scope)
_ANSWERING = {
    Permission.SEE_ASSESSMENT, Permission.COMMENT, Permission.ANSWER, Permission.UPLOAD_OBSERVATIONS,
    Permission.SHARE_KNOWLEDGE, Permission.PROPOSE,
}  # fmt: skip
_ROUNDS = {Permission.SEE_ASSESSMENT, Permission.RUN_ROUNDS, Permission.PUBLISH_RESULTS, Permission.INVITE}
_RECORDS = {Permission.SEE_RECORDS, Permission.PUBLISH, Permission.UPLOAD_OBSERVATIONS}
JUDGING = {
    Permission.REVIEW, Permission.ACCEPT_OBSERVATIONS, Permission.REVIEW_KNOWLEDGE, Permission.REVIEW_PROPOSALS,
}  # fmt: skip
"""Never held at a place in whose answers one has had a hand."""
_OF_ONE_PLACE = frozenset({"editor", "approver"})


def _role(scopes: set[Scope], may: set[Permission], gives: Iterable[str] = ()) -> Role:
    return Role(frozenset(scopes), frozenset(may), frozenset(gives))


ROLES: Mapping[str, Role] = {
    "editor": _role(PLACE, _ANSWERING),
    "approver": _role(
        PLACE, _ANSWERING | {Permission.APPROVE_ASSESSMENT, Permission.ASK_RESIDENTS, Permission.MODERATE}
    ),
    # A university that helps its places: it reads, comments and shares what it knows, and neither answers nor submits.
    "advisor": _role(PLACE | PROVINCE, {Permission.SEE_ASSESSMENT, Permission.COMMENT, Permission.SHARE_KNOWLEDGE}),
    "reviewer": _role(SITE | PROVINCE | PLACE, JUDGING),
    "programme-officer": _role(
        SITE,
        _ROUNDS
        | {Permission.COMMENT, Permission.UPLOAD_OBSERVATIONS, Permission.ACCEPT_OBSERVATIONS}
        | {Permission.SET_NATION_TARGETS, Permission.MODERATE}
        | {Permission.SHARE_KNOWLEDGE, Permission.REVIEW_KNOWLEDGE, Permission.REVIEW_PROPOSALS},
        _OF_ONE_PLACE | {"advisor", "reviewer"},
    ),
    "methodologist": _role(SITE, _RECORDS),
    "province-administrator": _role(
        PROVINCE, {Permission.INVITE, Permission.SET_PROVINCE_TARGETS, Permission.MODERATE}, _OF_ONE_PLACE
    ),
    # Whoever keeps the site neither answers for a place nor judges its answers.
    "administrator": _role(
        SITE,
        _RECORDS | _ROUNDS | {Permission.SEE_ACCOUNTS, Permission.GRANT_ACCESS},
        _OF_ONE_PLACE
        | {"advisor", "reviewer", "programme-officer", "methodologist", "province-administrator", "administrator"},
    ),
}
STAFF = frozenset(ROLES) - {"editor", "approver", "advisor"}
"""Roles that reach beyond the places of their holder: an installation may ask a second step of them at sign-in."""
HANDS_IN = frozenset({"editor", "approver", "advisor"})
"""Whoever had a hand in the answers of a place does not review them."""


NAMES: Mapping[str, Mapping[str, str]] = {
    "editor": {"th": "ผู้กรอกข้อมูล", "en": "Editor"},
    "approver": {"th": "ผู้อนุมัติ", "en": "Approver"},
    "advisor": {"th": "ที่ปรึกษา", "en": "Advisor"},
    "reviewer": {"th": "ผู้ตรวจทาน", "en": "Reviewer"},
    "programme-officer": {"th": "เจ้าหน้าที่โครงการ", "en": "Programme officer"},
    "methodologist": {"th": "ผู้ดูแลวิธีวิทยา", "en": "Methodologist"},
    "province-administrator": {"th": "ผู้ดูแลระดับจังหวัด", "en": "Administrator of a province"},
    "administrator": {"th": "ผู้ดูแลระบบ", "en": "Administrator"},
}
"""For pages, letters and files alike."""


class Held(Protocol):
    """A grant: `place_id` is None for the whole site, `ended_at` None while it is in force."""

    @property
    def role(self) -> str: ...
    @property
    def place_id(self) -> int | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """The least that is `Held`."""

    role: str
    place_id: int | None = None
    ended_at: datetime | None = None


def permissions_of(grants: Iterable[Held]) -> frozenset[Permission]:
    """What is allowed on the whole site. What is held for a place or province allows nothing here."""
    held = (role.may for grant, role in _in_force(grants) if grant.place_id is None)
    return frozenset().union(*held)


def reach(grants: Iterable[Held], permission: str, since: datetime | None = None) -> Reach:
    """Where `permission` is held; empty (false) where nowhere.

    Nobody reviews a place of whose answers he has had a hand in, at any time or `since` a moment (a round's opening):
    hand over the ended grants too.
    """
    held = list(grants)
    found = _reach_of(grant for grant, role in _in_force(held) if permission in role.may)
    if permission not in JUDGING:
        return found
    hands = _reach_of(grant for grant in held if grant.role in HANDS_IN and _lasted(grant, since))
    return Reach(found.everywhere, found.places, found.provinces, but=hands or None)


def may_at(grants: Iterable[Held], permission: str, place: Located, since: datetime | None = None) -> bool:
    """Whether `permission` is held at a place. As for `reach`."""
    return reach(grants, permission, since).covers(place)


def gives(grants: Iterable[Held], role: str) -> Reach:
    """Where the holder may give and end `role`."""
    return _reach_of(grant for grant, own in _in_force(grants) if role in own.gives)


def roles_given(grants: Iterable[Held]) -> tuple[str, ...]:
    """The roles that the holder may give somewhere, in the order of the table."""
    held = [role.gives for _, role in _in_force(grants)]
    return tuple(role for role in ROLES if any(role in given for given in held))


def _in_force(grants: Iterable[Held]) -> list[tuple[Held, Role]]:
    """Grants with their roles; of a role that is gone, or held for what it cannot be held for, a grant is nothing."""
    known = [(grant, ROLES[grant.role]) for grant in grants if grant.role in ROLES and grant.ended_at is None]
    return [(grant, role) for grant, role in known if (not role.of_place if grant.place_id is None else role.local)]


def _lasted(grant: Held, since: datetime | None) -> bool:
    return grant.ended_at is None or since is None or grant.ended_at >= since


def _reach_of(grants: Iterable[Held]) -> Reach:
    held = [(grant.place_id, Scope.PROVINCE in ROLES[grant.role].scopes) for grant in grants]
    return Reach(
        any(place is None for place, _ in held),
        frozenset(place for place, _ in held if place is not None),
        # No municipality lies in another: the row of one that is no province reaches nothing more.
        frozenset(place for place, within in held if place is not None and within),
    )
