"""What pages of data say of themselves to search engines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.formats import schema_org
from cityindex.formats.schema_org import Markup
from cityindex.queries.runs.editions import Edition
from cityindex.web.addresses import absolute
from cityindex.web.data_catalogue.contents import catalogue_of, of_framework
from cityindex.web.editions.view import entry_of, titled
from cityindex.web.language import language


def of_editions(editions: Sequence[Edition]) -> Markup:
    """The published editions as the data sets of their frameworks."""
    groups = [list(group) for _, group in groupby(editions, key=lambda one: one.framework)]
    found = [of_framework(entry_of(group[0]), group) for group in groups]
    return schema_org.catalogue(catalogue_of(found), language())


def of_edition(entry: FrameworkEntry, edition: Edition) -> Markup:
    """One edition, a part of the data set of its framework."""
    one = of_framework(entry, [edition])
    of = catalogue_of([one])
    said = schema_org.data_set(of, one, language())
    del said["sameAs"]  # the other doors are to the whole data set
    own = {"@id": absolute(), "url": absolute(), "name": titled(entry, edition)}
    return {**said, **own, "isPartOf": {"@type": "Dataset", "@id": of.address_of(one.name)}}
