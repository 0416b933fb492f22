"""Statistics services: data are fetched from them by SDMX REST, as a file on disk with what was said of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import requests

from cityindex.definitions.mappings import Flow, PeriodRule
from cityindex.errors import Invalid, Unavailable

CONNECT, READ = 10.0, 300.0
CHUNK = 1 << 18
BUDDHIST = 543
PASSING = (408, 425, 429)
"""Answers that another time may be others; so are all from 500 on."""
SHOWN = 200
ACCEPT = {
    ("1", "csv"): "application/vnd.sdmx.data+csv;version=1.0.0;labels=id, text/csv;q=0.5",
    ("1", "xml"): "application/vnd.sdmx.structurespecificdata+xml;version=2.1",
    ("2", "csv"): "application/vnd.sdmx.data+csv;version=2.0.0;labels=id, text/csv;q=0.5",
    ("2", "xml"): "application/vnd.sdmx.data+xml;version=3.0.0",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer on disk; `modified` is what the service said of when its data were changed."""

    sha256: str
    bytes: int
    modified: str


def address_of(flow: Flow, period: PeriodRule) -> str:
    """The address of the data of a flow in the years of the mapping; years are asked for in the era of the service."""
    shift = BUDDHIST if period.era == "be" else 0
    years = [None if year is None else year + shift for year in (period.since, period.until)]
    if flow.api == "1":
        query = [f"{name}={year}" for name, year in zip(("startPeriod", "endPeriod"), years, strict=True) if year]
        path = f"data/{flow.agency},{flow.id},{flow.version}/{flow.key or 'all'}"
        return _joined(flow.address, path, [*query, "dimensionAtObservation=AllDimensions"])
    limits = [f"{sign}:{year}" for sign, year in zip(("ge", "le"), years, strict=True) if year]
    query = [f"c[{period.dimension}]={quote('+').join(limits)}"] if limits else []
    version = "+" if flow.version == "latest" else flow.version
    return _joined(flow.address, f"data/dataflow/{flow.agency}/{flow.id}/{version}/{flow.key or '*'}", query)


class StatisticsGateway:
    """Asks nobody but the address of the mapping: no redirects are followed. `most` bytes are taken at most."""

    def __init__(self, most: int) -> None:
        self.most = most

    def fetch(self, url: str, flow: Flow, target: Path) -> Fetched:
        """Fetch into a file. `Unavailable` where another time may help, `Invalid` where the question is at fault."""
        headers = {"Accept": ACCEPT[flow.api, flow.format]}
        try:
            with requests.Session() as session:
                session.trust_env = False
                response = session.get(
                    url, headers=headers, timeout=(CONNECT, READ), allow_redirects=False, stream=True
                )
                self._require_data(url, response)
                return self._stored(response, target)
        except (requests.RequestException, OSError) as error:
            raise Unavailable(f"{url} does not answer: {type(error).__name__}") from error

    def _stored(self, response: requests.Response, target: Path) -> Fetched:
        digest, size = hashlib.sha256(), 0
        with target.open("wb") as file:
            for part in response.iter_content(CHUNK):
                size += len(part)
                if size > self.most:
                    raise Invalid(
                        f"the answer is larger than {self.most // 1_000_000} MB: ask for fewer series or years"
                    )
                digest.update(part)
                file.write(part)
        said = response.headers.get("Last-Modified") or response.headers.get("ETag") or ""
        return Fetched(digest.hexdigest(), size, said[:SHOWN])

    @staticmethod
    def _require_data(url: str, response: requests.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        said = " ".join(response.raw.read(2000, decode_content=True).decode("utf-8", "replace").split())[:SHOWN]
        if status >= 500 or status in PASSING:
            raise Unavailable(f"{url} answers {status}: {said}")
        moved = f" (it leads to {response.headers['Location'][:SHOWN]})" if "Location" in response.headers else ""
        raise Invalid(f"{url} answers {status}{moved}: {said}")


def _joined(address: str, path: str, query: list[str]) -> str:
    return f"{address}/{path}{'?' if query else ''}{'&'.join(query)}"
