"""The pages of what places write and somebody else decides on: drafts, review, publication. Signed in, never cached."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar, Generic, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from cityindex.errors import Conflict, Invalid, NotFound
from cityindex.queries.knowledge.desks import Tables, newest, waiting
from cityindex.queries.knowledge.reviewed import DISCARDED, EDITABLE, Reviewed
from cityindex.queries.places import places as place_queries
from cityindex.services.accounts.roles import Permission
from cityindex.services.knowledge.reviewing import Changed, Reviewing
from cityindex.services.knowledge.said import WrongKnowledge
from cityindex.web.forms import given
from cityindex.web.knowledge import words
from cityindex.web.page import full_name
from cityindex.web.permissions import at_place, may, needs, reach, require
from cityindex.web.reader import me
from cityindex.web.session import database

LISTED = 100
UNFIT, CONFLICT = 422, 409
NOTHING: Mapping[str, str] = {}
R = TypeVar("R", bound=Reviewed[Any])
S = TypeVar("S")


class Desk(ABC, Generic[R, S]):
    """The pages of one kind of thing: `R` is what is read of it, `S` what somebody says of it in the form."""

    name: ClassVar[str]
    """Of its blueprint, of its addresses and of the folder of its templates."""
    write: ClassVar[Permission]
    decide: ClassVar[Permission]
    tables: ClassVar[Tables]
    saying: ClassVar[type[Any]]
    """What an empty form says."""
    begun: ClassVar[Any]
    accepted: ClassVar[Any]

    def __init__(self) -> None:
        self.blueprint = Blueprint(self.name, f"{__name__}.{self.name}")
        for rule, method, view, need in self._routes():
            told = needs(need)(_plain(view))
            self.blueprint.add_url_rule(f"/{self.name}/{rule}", view.__name__, told, methods=[method])

    @property
    def reads(self) -> str:
        """What its pages need where they do not say otherwise."""
        return at_place(self.write, self.decide)

    @abstractmethod
    def service(self) -> Reviewing[R, S, Any]: ...

    @abstractmethod
    def read(self, session: Session, ids: Sequence[int]) -> list[R]:
        """Those of `ids` that are there, in this order."""

    @abstractmethod
    def said(self) -> S:
        """What the form that was sent says."""

    @abstractmethod
    def said_of(self, version: Any) -> S:
        """What the form says of a version."""

    @abstractmethod
    def choices(self, record: R | None) -> Mapping[str, Any]:
        """What its form offers to choose from."""

    def beside(self, record: R, version: Any) -> Mapping[str, Any]:
        """What the page of one shows besides what all show."""
        return {}

    def saved(self, number: int, by: int) -> None:
        """After a draft was saved."""

    def index(self) -> str:
        return render_template(
            f"pages/{self.name}/index.html",
            desk=self,
            mine=self.read(database(), newest(database(), self.tables, reach(self.write), LISTED)),
            waiting=self.read(database(), waiting(database(), self.tables, reach(self.decide), LISTED)),
            writes=bool(reach(self.write)),
            decides=bool(reach(self.decide)),
            words=words,
        )

    def new(self) -> str:
        reach(self.write)
        return self._form(self.saying(), NOTHING, place=request.args.get("place", ""))

    def begin(self) -> ResponseReturnValue:
        said, code = self.said(), given("place").strip()
        reach(self.write)
        try:
            place = place_queries.find_place(database(), code).place
        except NotFound:
            return self._form(said, {"place": gettext("We know no place with this code.")}, place=code), UNFIT
        by = require(self.write, place=place).account.id
        try:
            number = self.service().begin(place.id, said, by, demo=place.demo)
        except WrongKnowledge as error:
            return self._form(said, words.errors_of(error), place=code), UNFIT
        self.saved(number, by)
        return self.back(number, self.begun)

    def one(self, number: int) -> str:
        return self.page(self.seen(number), NOTHING)

    def form(self, number: int) -> str:
        record = self.written(number)
        version = record.pending or record.decided
        if version is None:
            raise NotFound(f"{self.name} {number} was thrown away")
        return self._form(self.said_of(version), NOTHING, record)

    def change(self, number: int) -> ResponseReturnValue:
        record, said, by = self.written(number), self.said(), me().id
        try:
            self.service().change(number, said, by, given("seen"))
        except WrongKnowledge as error:
            return self._form(said, words.errors_of(error), record), UNFIT
        except Changed:
            return self._form(said, {"changed": words.changed_meanwhile()}, self.record(number)), CONFLICT
        self.saved(number, by)
        return self.back(number, gettext("Saved."))

    def submit(self, number: int) -> ResponseReturnValue:
        record, said = self.written(number), words.handed_in()
        try:
            return self._done(number, lambda: self.service().submit(number, me().id), said)
        except WrongKnowledge as error:
            return self.page(record, words.errors_of(error)), UNFIT

    def withdraw(self, number: int) -> ResponseReturnValue:
        self.written(number)
        said = gettext("Taken back: it is a draft again.")
        return self._done(number, lambda: self.service().withdraw(number, me().id), said)

    def discard(self, number: int) -> ResponseReturnValue:
        self.written(number)
        self._done(number, lambda: self.service().discard(number, me().id), gettext("The draft is thrown away."))
        return redirect(url_for(f"{self.name}.index"), 303)

    def accept(self, number: int) -> ResponseReturnValue:
        by, version = self._decider(self.record(number)), _decided_number()
        return self._done(number, lambda: self.service().accept(number, by, version), self.accepted)

    def give_back(self, number: int) -> ResponseReturnValue:
        record, reason = self.record(number), given("reason")
        by = self._decider(record)
        if not reason.strip():
            return self.page(record, {"reason": words.say_why()}), UNFIT
        version, said = _decided_number(), gettext("Returned. The place sees your reason.")
        return self._done(number, lambda: self.service().give_back(number, by, version, reason), said)

    def hide(self, number: int) -> ResponseReturnValue:
        """Take down what is shown: a reviewer may, and the place itself."""
        record, reason = self.record(number), given("reason")
        by = require(self.write, self.decide, place=record.place).account.id
        if not reason.strip():
            return self.page(record, {"down": words.say_why()}), UNFIT
        return self._done(number, lambda: self.service().hide(number, by, reason), gettext("It is taken down."))

    def show(self, number: int) -> ResponseReturnValue:
        by = self._decider(self.record(number))
        return self._done(number, lambda: self.service().show(number, by), gettext("It is shown again."))

    def record(self, number: int) -> Any:
        """One of them, whoever asks. Raises `NotFound`."""
        return self.service().read(database(), number)

    def seen(self, number: int) -> Any:
        """One that the reader may see: its drafts are for its place, the rest for reviewers, too."""
        record = self.record(number)
        require(self.write, self.decide, place=record.place)
        if not self._versions(record):
            raise NotFound(f"{self.name} {number} was never handed in")
        return record

    def written(self, number: int) -> Any:
        """One that the reader may write."""
        record = self.record(number)
        require(self.write, place=record.place)
        return record

    def sees(self, record: Any, version: Any) -> bool:
        return may(self.write, record.place) or version.state not in (*EDITABLE, DISCARDED)

    def back(self, number: int, said: object) -> ResponseReturnValue:
        flash(str(said))
        return redirect(url_for(f"{self.name}.one", number=number), 303)

    def page(self, record: Any, errors: Mapping[str, str]) -> str:
        require(self.write, self.decide, place=record.place)
        shown = self._versions(record)
        writes, own = may(self.write, record.place), me().id in record.contributors
        return render_template(
            f"pages/{self.name}/one.html",
            desk=self,
            record=record,
            versions=shown,
            version=shown[0],
            errors=errors,
            writes=writes,
            own=own,
            decides=may(self.decide, record.place) and not own,
            editable=writes and shown[0].state in EDITABLE,
            words=words,
            **self.beside(record, shown[0]),
        )

    def _form(self, said: S, errors: Mapping[str, str], record: Any = None, place: str = "") -> str:
        pending = record.pending if record else None
        return render_template(
            f"pages/{self.name}/form.html",
            desk=self,
            record=record,
            said=said,
            errors=errors,
            place=place,
            places=_own_places(),
            seen=pending.made_at.isoformat() if pending else "",
            words=words,
            **self.choices(record),
        )

    def _versions(self, record: Any) -> list[Any]:
        """What the reader may see, the newest first."""
        return [version for version in reversed(record.versions) if self.sees(record, version)]

    def _decider(self, record: Any) -> int:
        return require(self.decide, place=record.place).account.id

    def _done(self, number: int, deed: Callable[[], None], said: object) -> ResponseReturnValue:
        """Do it, say so, and go on; what was decided already is said, too."""
        try:
            deed()
        except Conflict:  # the button was pressed twice, or somebody else was quicker
            said = gettext("It was decided already, as you see here.")
        return self.back(number, said)

    def _routes(self) -> Iterator[tuple[str, str, Callable[..., Any], str]]:
        write, decide = at_place(self.write), at_place(self.decide)
        yield "", "GET", self.index, self.reads
        yield "new", "GET", self.new, write
        yield "new", "POST", self.begin, write
        yield "<int:number>", "GET", self.one, self.reads
        yield "<int:number>/change", "GET", self.form, write
        yield "<int:number>/hide", "POST", self.hide, self.reads
        for view in (self.change, self.submit, self.withdraw, self.discard):
            yield f"<int:number>/{view.__name__}", "POST", view, write
        yield "<int:number>/return", "POST", self.give_back, decide
        for view in (self.accept, self.show):
            yield f"<int:number>/{view.__name__}", "POST", view, decide


def _plain(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """A method as a function that what it needs can be written on."""

    @wraps(view)
    def called(**values: Any) -> ResponseReturnValue:
        return view(**values)

    return called


def _decided_number() -> int:
    """The number of the version that a decision is about. Raises `Invalid`."""
    written = given("version")
    if not (written.isascii() and written.isdigit() and len(written) < 6):
        raise Invalid("which version is meant")
    return int(written)


def _own_places() -> list[tuple[str, str]]:
    """The places that the reader writes for, by code and name; none where he may write for more than can be listed."""
    roles = ("editor", "approver", "advisor")
    return [(one.place, full_name(one)) for one in me().grants if one.place and one.role in roles]
