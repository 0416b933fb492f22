"""Alembic's environment: the same revisions run on SpatiaLite and PostGIS. Started by `cityindex db upgrade`."""

from __future__ import annotations

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

from cityindex.models import Base
from cityindex.models.base import Moment


def include_object(item: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
    # SpatiaLite's own tables are unknown to the models: never drop what was only found. Drops are written by hand.
    if kind == "table" and reflected and compare_to is None:
        return False
    return bool(alembic_helpers.include_object(item, name, kind, reflected, compare_to))


def render_item(kind: str, item: Any, autogen_context: Any) -> Any:
    # A revision must not depend on a class of today.
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return alembic_helpers.render_item(kind, item, autogen_context)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    include_object=include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
