"""The collections there are, and their features, kept in memory as long as there is room: a version never changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from cityindex.calendars import show_period
from cityindex.database import address_of
from cityindex.definitions.catalogue import Catalogue, Text
from cityindex.errors import NotFound
from cityindex.formats.feature_set import FeatureSet
from cityindex.memory import Memory
from cityindex.queries.exchange import features as queries
from cityindex.queries.places.boundaries import BoundaryVersion
from cityindex.queries.runs.editions import Edition, current_editions, standing_edition
from cityindex.web.session import application, database

KEPT = 256 * 1024 * 1024
REMEMBERED = 1.0
"""Seconds for which a process remembers what there is: answers are kept for a minute by whoever asked, too."""
LEVELS = Text(th="ขอบเขต: {}", en="Boundaries: {}")
LEVEL_DETAIL = Text(th="เส้นขอบเขตที่ใช้อยู่ จาก {}", en="The boundaries in force, from {}")
EDITION_DETAIL = Text(
    th="คะแนนที่เผยแพร่พร้อมขอบเขตของแต่ละพื้นที่ ฉบับ {}",
    en="Published scores with the boundary of each place, edition {}",
)
PLACES = Text(th="พื้นที่ทั้งหมด", en="All places")
PLACES_DETAIL = Text(
    th="องค์กรปกครองส่วนท้องถิ่น อำเภอ และจังหวัด พร้อมจุดที่ตั้ง",
    en="Local governments, districts and provinces, each with a point",
)
MUNICIPALITY = Text(th="เทศบาล", en="municipalities")


@dataclass(frozen=True, slots=True)
class Collection:
    """What can be read as features: `version` names what it holds now, `load` reads it."""

    id: str
    title: Text
    description: Text
    version: str
    key: str
    """Names the features in the memory of this process: ids of runs may be given anew where a backup is restored."""
    load: Callable[[Session], FeatureSet]
    data_set: str
    """Its name in the catalogue of data sets: its own, or that of the framework."""
    demo: bool = False


def _size(features: FeatureSet) -> int:
    return features.size


class Remembered:
    """What there is now, by database, as it was at most a second ago."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[float, dict[str, Collection]]] = {}

    def get(self) -> dict[str, Collection]:
        address = _address()
        asked, found = self.known.get(address, (float("-inf"), {}))
        if time.monotonic() - asked > REMEMBERED:
            found = _collections(database(), application().catalogue)
            self.known[address] = time.monotonic(), found
        return found


_kept: Memory[FeatureSet] = Memory(KEPT, _size)
_remembered = Remembered()


def collections() -> dict[str, Collection]:
    """Everything that holds features, by its identifier, in the order it is listed."""
    return _remembered.get()


def collection(name: str, version: str = "") -> Collection:
    """A collection as it is now, or an edition that still stands by its run. Raises `NotFound`."""
    found = collections().get(name)
    if found is None:
        raise NotFound(f"there is no such collection; there are {', '.join(collections())}")
    if version in ("", found.version):
        return found
    return _earlier(found, version)


def features_of(one: Collection) -> FeatureSet:
    return _kept.get((_address(), one.id, one.key), lambda: one.load(database()))


def _earlier(now: Collection, version: str) -> Collection:
    """The same collection by an edition that another one has followed since."""
    framework, _, period = now.id.rpartition("-")
    if not now.version.isdecimal() or not version.isdecimal():
        raise NotFound("this version is no longer kept: read the collection again without `snapshot`")
    return _edition(application().catalogue, now.id, standing_edition(database(), framework, int(period), int(version)))


def _address() -> str:
    return address_of(application().engine)


def _collections(session: Session, catalogue: Catalogue) -> dict[str, Collection]:
    now = queries.standing(session)
    found = [_places(now.places)] if now.places else []
    found += [_boundaries(catalogue, one, now.places) for one in now.boundaries]
    editions = queries.editions_by_collection(current_editions(session))
    found += [_edition(catalogue, name, one) for name, one in editions.items()]
    return {one.id: one for one in found}


def _places(version: str) -> Collection:
    load = partial(queries.place_features, version=version)
    return Collection(queries.PLACES, PLACES, PLACES_DETAIL, version, version, load, queries.PLACES)


def _boundaries(catalogue: Catalogue, of: BoundaryVersion, places: str) -> Collection:
    """Features carry the names of their places too: where those change, the version does."""
    types = catalogue.codelist("place-types").items
    level = types[of.level].name if of.level in types else MUNICIPALITY
    version = f"{of.fingerprint[:16]}-{places}"
    return Collection(
        id=f"boundaries-{of.level}",
        title=_filled(LEVELS, level),
        description=_filled(LEVEL_DETAIL, Text(of.source, of.source)),
        version=version,
        key=version,
        load=partial(queries.boundary_features, version=version, of=of),
        data_set=f"boundaries-{of.level}",
        demo=of.demo,
    )


def _edition(catalogue: Catalogue, name: str, of: Edition) -> Collection:
    entry = catalogue.framework(of.framework)
    titles = (f"{entry.name.get(one)}, {show_period(of.period, entry.framework.period, one)}" for one in ("th", "en"))
    return Collection(
        id=name,
        title=Text(*titles),
        description=_filled(EDITION_DETAIL, Text(*(f"{of.version}, run {of.run}",) * 2)),
        version=str(of.run),
        key=f"{of.run} {of.made_at.isoformat()}",
        load=partial(queries.edition_features, version=str(of.run), of=of),
        data_set=of.framework,
        demo=of.demo,
    )


def _filled(pattern: Text, word: Text) -> Text:
    return Text(pattern.th.format(word.th), pattern.en.format(word.en))
