"""Backups go out and come back whole; faults of a database are found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from cityindex.database import make_engine
from cityindex.errors import Conflict, Invalid, NotFound, Unavailable
from cityindex.models import Base, Observation, Publication, Source
from cityindex.services.upkeep import Upkeep
from tests.integration.small import fill, published_run

STATUSES = frozenset("AEMOQ")


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in ("boundary",)
        }


@pytest.fixture
def another(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Engine]:
    """A second database of the same kind, migrated and empty."""
    kind = "spatialite" if engine.dialect.name == "sqlite" else "postgis"
    make: Callable[[], str] = request.getfixturevalue(f"{kind}_databases")
    second = make_engine(make())
    yield second
    second.dispose()


def test_a_backup_comes_back_whole(engine: Engine, another: Engine, tmp_path: Path) -> None:
    published_run(engine)
    size = Upkeep(engine).backup(tmp_path / "all.backup")
    assert size == (tmp_path / "all.backup").stat().st_size
    Upkeep(another).restore(tmp_path / "all.backup")
    assert contents(another) == contents(engine)
    assert contents(another)["publication"]
    Upkeep(another).compare()
    with Session(another) as session:  # the counters of ids came along
        session.add(Publication(framework="f", period=2023, action="published", by="x"))
        session.commit()


def test_restoring_over_data_must_be_said(engine: Engine, another: Engine, tmp_path: Path) -> None:
    fill(engine)
    fill(another, places=3)
    before = contents(another)
    Upkeep(engine).backup(tmp_path / "all.backup")
    with pytest.raises(Conflict, match="--replace"):
        Upkeep(another).restore(tmp_path / "all.backup")
    assert contents(another) == before
    Upkeep(another).restore(tmp_path / "all.backup", replace=True)
    assert contents(another) == contents(engine)


def test_a_damaged_backup_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    before = contents(engine)
    file = tmp_path / "all.backup"
    Upkeep(engine).backup(file)
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises((Invalid, Unavailable)):
        Upkeep(engine).restore(file, replace=True)
    assert contents(engine) == before


def test_what_is_no_backup_is_refused(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("not a backup")
    with pytest.raises(Invalid, match="not a backup"):
        Upkeep(engine).restore(tmp_path / "words.txt")
    with pytest.raises(NotFound):
        Upkeep(engine).restore(tmp_path / "nothing")


def test_a_backup_of_the_other_kind_is_refused(
    spatialite_databases: Callable[[], str], postgis_databases: Callable[[], str], tmp_path: Path
) -> None:
    lite, post = make_engine(spatialite_databases()), make_engine(postgis_databases())
    for source, target in ((lite, post), (post, lite)):
        Upkeep(source).backup(tmp_path / "all.backup")
        with pytest.raises(Invalid, match="same kind"):
            Upkeep(target).restore(tmp_path / "all.backup")
    lite.dispose()
    post.dispose()


def test_a_sound_database_has_no_faults(engine: Engine) -> None:
    published_run(engine)
    assert Upkeep(engine).check(STATUSES) == []


def test_faults_are_found(engine: Engine) -> None:
    fill(engine)
    with engine.begin() as connection:
        connection.execute(delete(Source))
        connection.execute(update(Observation).where(Observation.place_id == 3).values(status="?"))
        connection.execute(update(Observation).where(Observation.place_id == 4).values(value=None))
        connection.execute(insert(Observation).values(
            indicator_id=99, period=2023, place_id=77, revision=0, value=1.0, status="A", source_id=1, recording_id=1
        ))  # fmt: skip
    faults = "\n".join(Upkeep(engine).check(STATUSES))
    assert "name a source" in faults
    assert "name a indicator_key that is not there, for instance 99" in faults
    assert "name a place that is not there, for instance 77" in faults
    assert "«?»" in faults
    assert "status A does not say why" in faults


def test_an_empty_file_is_told_to_upgrade(tmp_path: Path) -> None:
    upkeep = Upkeep(make_engine(f"sqlite:///{tmp_path}/new.sqlite"))
    assert upkeep.check(STATUSES) == ["the database is not up to date: run `cityindex db upgrade`"]
    with pytest.raises(Unavailable, match="db upgrade"):
        upkeep.require_current()
    upkeep.upgrade()
    upkeep.require_current()
    assert not upkeep.holds_data()
