"""Data sets as records: what DCAT, the CKAN actions and the markup of pages are all written from.

A data set has one name at every door; the addresses and codes that it has elsewhere stand with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from cityindex.definitions.catalogue import Text

Kind = Literal["statistics", "records", "geography", "mixed"]
Frequency = Literal["year", "irregular"]


@dataclass(frozen=True, slots=True)
class Form:
    """A format. `media_type` is empty where none is registered, `file_type` where the European list has no code."""

    label: str
    media_type: str = ""
    file_type: str = ""
    standard: str = ""
    """The address of the standard that it follows."""


FORMS: Mapping[str, Form] = {
    "xlsx": Form("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    "csv": Form("CSV", "text/csv", "CSV"),
    "geojson": Form("GeoJSON", "application/geo+json", "GEOJSON"),
    "parquet": Form("Parquet", "application/vnd.apache.parquet"),
    "sdmx-csv": Form("SDMX-CSV", standard="https://sdmx.org/"),
    "zip": Form("ZIP", "application/zip", "ZIP"),
    "json": Form("JSON", "application/json", "JSON"),
    "pdf": Form("PDF", "application/pdf", "PDF"),
    "jpg": Form("JPEG", "image/jpeg", "JPEG"),
    "png": Form("PNG", "image/png", "PNG"),
    "webp": Form("WebP", "image/webp"),
    "heic": Form("HEIC", "image/heic"),
    "docx": Form("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    "pptx": Form("PPTX", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PPTX"),
    "page": Form("HTML", "text/html", "HTML"),
    "sdmx": Form("SDMX", standard="https://sdmx.org/"),
    "features": Form("OGC API - Features", "application/geo+json", "GEOJSON", "http://www.opengis.net/doc/IS/ogcapi-features-1/1.0"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Distribution:
    """A way to have a data set. `download` says that the address gives a whole file; `service` names who answers it.

    `year` (of the common era) and `run` are of the edition that it is a file of.
    """

    id: str
    title: Text
    description: Text
    form: str
    address: str
    download: bool = False
    service: str | None = None
    year: int | None = None
    run: int | None = None
    issued: datetime | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """What answers programs: `address` is where it begins, `described` its own description, `pages` its handbook."""

    id: str
    title: Text
    description: Text
    address: str
    described: str
    standard: str = ""
    pages: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same data set at another door: its identifier there, and the address where that stands."""

    door: str
    identifier: str
    address: str


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set. Lists that are empty and dates that are None are not known, and are not said.

    `days` are the first and last day that it is about, or `years` where only those are known; common era.
    `objectives` are choices of the Thai catalogue, `sources` words of those who brought the data in.
    """

    name: str
    kind: Kind
    title: Text
    description: Text
    keywords: tuple[Text, ...]
    objectives: tuple[str, ...]
    covers: str
    """A choice of the Thai catalogue for the kind of places; what is not among them is said as it is."""
    frequency: Frequency
    pages: Text
    """Addresses of its page in both languages."""
    sources: tuple[str, ...]
    licence: Text
    """The terms in words. `own_terms` says that they are the site's own, beside those of the sources."""
    distributions: tuple[Distribution, ...]
    elsewhere: tuple[Elsewhere, ...] = ()
    years: tuple[int, int] | None = None
    days: tuple[date, date] | None = None
    issued: datetime | None = None
    modified: datetime | None = None
    version: str = ""
    method: Text | None = None
    unit: str = ""
    own_terms: bool = False
    demo: bool = False
    creator: str = ""
    """Who made it, where that is not whoever runs the site."""
    licence_address: str = ""
    """Of a licence that has one; else the page on licences stands for it."""
    licence_choice: str = ""
    """The choice of the Thai catalogue that the licence is."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who runs the site. `name` and `mail` are None where nobody has said; `pages` tell how to reach them."""

    name: str | None
    mail: str | None
    contact: str | None
    pages: Text


@dataclass(frozen=True, slots=True)
class DataCatalogue:
    """Everything that there is. `address` is where addresses of the data sets begin; `pages` show it to people."""

    address: str
    title: Text
    description: Text
    publisher: Publisher
    pages: Text
    licence_pages: Text
    data_sets: tuple[DataSet, ...]
    services: tuple[Service, ...]

    def address_of(self, name: str) -> str:
        """The address that a data set is known by; it leads to its page or to its description."""
        return f"{self.address}/{name}"

    @property
    def modified(self) -> datetime | None:
        """When any of it changed last; None where nothing is known of that."""
        return max((one.modified for one in self.data_sets if one.modified), default=None)

    @property
    def issued(self) -> datetime | None:
        return min((one.issued for one in self.data_sets if one.issued), default=None)
