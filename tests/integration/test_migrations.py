"""Migrations run both ways and leave just what the mapped classes say."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from cityindex.resources import resource_root
from cityindex.services.upkeep import Upkeep


def test_tables_equal_the_mapped_classes(engine: Engine) -> None:
    Upkeep(engine).compare()


def test_down_and_up_again(engine: Engine) -> None:
    upkeep = Upkeep(engine)
    upkeep.downgrade("base")
    assert "place" not in inspect(engine).get_table_names()
    upkeep.upgrade()
    upkeep.compare()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(resource_root("migrations"))).get_heads()) == 1
