"""The catalogue of data sets: what there is, in which formats, under which licence, and how to get it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cityindex.definitions.catalogue import FrameworkEntry
from cityindex.queries.runs.editions import Edition, current_editions
from cityindex.web.addresses import absolute
from cityindex.web.data_catalogue.markup import of_editions
from cityindex.web.editions.catalogue_files import catalogue_taken
from cityindex.web.editions.view import Citation, citations, downloads, entry_of
from cityindex.web.session import application, database
from cityindex.web.take_away.menu import taken_as

data = Blueprint("data", __name__)


@dataclass(frozen=True)
class Dataset:
    """An edition as a data set."""

    entry: FrameworkEntry
    edition: Edition
    files: list[tuple[str, str, str]]
    citations: list[Citation]


@data.get("/data")
def index() -> ResponseReturnValue:
    catalogue = application().catalogue
    editions = current_editions(database())
    taken = catalogue_taken(editions, "published-editions", url_for("data.index"))
    if wanted := request.args.get("format"):
        return taken_as(taken, wanted)
    datasets = [
        Dataset(entry, one, downloads(one), citations(entry, one)) for one in editions for entry in [entry_of(one)]
    ]
    return render_template(
        "pages/data.html",
        datasets=datasets,
        taken=taken,
        first=datasets[0] if datasets else None,
        example=_csv(datasets[0]) if datasets else "",
        indicators=len(catalogue.indicators),
        structured=of_editions(editions),
    )


def _csv(dataset: Dataset) -> str:
    """The absolute address of a data set as CSV."""
    edition = dataset.edition
    return absolute(
        url_for("frameworks.download", code=edition.framework, period=edition.period, run=edition.run, kind="csv")
    )
