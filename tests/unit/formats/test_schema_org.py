"""The markup of data sets for search engines."""

from __future__ import annotations

import json

from cityindex.formats import schema_org
from tests.unit.formats.catalogued import SITE, UNNAMED, catalogue, places, scores


def test_a_data_set_says_what_it_is_in_the_language_of_the_page() -> None:
    said = schema_org.data_set(catalogue(), scores(), "en")
    assert (said["@type"], said["identifier"], said["name"]) == ("Dataset", "livable", "livable English")
    assert said["@id"] == f"{SITE}/catalog/livable"
    assert said["temporalCoverage"] == "2020-10-01/2023-09-30"
    assert said["license"] == f"{SITE}/en/licence"
    assert said["isBasedOn"] == ["somebody's figures", "others"]
    assert schema_org.data_set(catalogue(), scores(), "th")["name"] == "livable ไทย"


def test_only_whole_files_are_downloads() -> None:
    files = schema_org.data_set(catalogue(), scores(), "en")["distribution"]
    assert [(one["contentUrl"], one["encodingFormat"]) for one in files] == [
        (f"{SITE}/7.csv", "text/csv"),
        (f"{SITE}/7.parquet", "application/vnd.apache.parquet"),
    ]


def test_what_is_not_known_is_left_out() -> None:
    said = schema_org.data_set(catalogue(publisher=UNNAMED), places(), "en")
    assert not {"temporalCoverage", "datePublished", "dateModified", "version", "distribution"} & set(said)
    assert said["publisher"]["name"] == "The operator of this site (name not stated)"


def test_the_catalogue_lists_every_data_set_and_is_json() -> None:
    said = json.loads(json.dumps(schema_org.catalogue(catalogue(), "th")))
    assert [one["@id"] for one in said["dataset"]] == [f"{SITE}/catalog/livable", f"{SITE}/catalog/places"]
    assert said["@type"] == "DataCatalog"
