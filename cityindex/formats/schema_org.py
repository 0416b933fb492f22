"""Data sets in the words of schema.org, for search engines of data: one language, the language of the page."""

from __future__ import annotations

from typing import Any

from cityindex.formats.data_sets import FORMS, DataCatalogue, DataSet, Distribution
from cityindex.formats.dcat import NOT_STATED

Markup = dict[str, Any]
LONGEST = 5000
"""Characters that search engines read of a description."""


def catalogue(of: DataCatalogue, language: str) -> Markup:
    """The catalogue with the names and addresses of its data sets."""
    sets = [
        {
            "@type": "Dataset",
            "@id": of.address_of(one.name),
            "name": one.title.get(language),
            "description": one.description.get(language)[:LONGEST],
            "url": one.pages.get(language),
        }
        for one in of.data_sets
    ]
    return {
        "@context": "https://schema.org/",
        "@type": "DataCatalog",
        "@id": of.address,
        "name": of.title.get(language),
        "description": of.description.get(language),
        "url": of.pages.get(language),
        "publisher": _publisher(of, language),
        "inLanguage": ["th", "en"],
        "dataset": sets,
    }


def data_set(of: DataCatalogue, one: DataSet, language: str) -> Markup:
    """One data set. What is not known of it is left out."""
    said: Markup = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": of.address_of(one.name),
        "identifier": one.name,
        "name": one.title.get(language),
        "description": one.description.get(language)[:LONGEST],
        "url": one.pages.get(language),
        "keywords": [word.get(language) for word in one.keywords],
        "version": one.version,
        "license": one.licence_address or of.licence_pages.get(language),
        "conditionsOfAccess": one.licence.get(language),
        "isAccessibleForFree": True,
        "inLanguage": ["th", "en"],
        "creator": _publisher(of, language),
        "publisher": _publisher(of, language),
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": of.address, "name": of.title.get(language)},
        "spatialCoverage": {"@type": "Place", "name": "Thailand" if language == "en" else "ประเทศไทย"},
        "temporalCoverage": "/".join(day.isoformat() for day in one.days) if one.days else "",
        "datePublished": one.issued.date().isoformat() if one.issued else "",
        "dateModified": one.modified.date().isoformat() if one.modified else "",
        "measurementTechnique": one.method.get(language) if one.method else "",
        "isBasedOn": list(one.sources),
        "sameAs": [other.address for other in one.elsewhere],
        "distribution": [_download(part, language) for part in one.distributions if part.download],
    }
    return {key: value for key, value in said.items() if value not in ("", [])}


def _download(part: Distribution, language: str) -> Markup:
    form = FORMS[part.form]
    return {
        "@type": "DataDownload",
        "name": part.title.get(language),
        "description": part.description.get(language),
        "encodingFormat": form.media_type or form.label,
        "contentUrl": part.address,
    }


def _publisher(of: DataCatalogue, language: str) -> Markup:
    name = of.publisher.name or NOT_STATED.get(language)
    return {"@type": "Organization", "name": name, "url": of.publisher.pages.get(language)}
