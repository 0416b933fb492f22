"""How long 785,000 changed rows take from one site to another: built, signed, pushed, applied, receipted.

    python -m tests.bench.deliveries [--quick]

Two sites, each with its server (gunicorn) and its database (PostGIS, with the server's own settings for durability).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import create_engine, insert, text

from cityindex.app import Application
from cityindex.formats.observations import read_observations
from cityindex.models import Place, PlaceCode
from cityindex.services.observations.observations import ObservationsImport
from tests.conftest import migrate
from tests.exchange.conftest import free_port, running
from tests.exchange.two_sides import agreement, key_for, site, write_agreements
from tests.postgres import cluster

WANTED_SECONDS = 60.0
PLACES, YEARS = 7_850, tuple(range(2000, 2025))
INDICATORS = ("own_revenue", "shared_revenue", "subsidy", "total_revenue")
QUICK = 5


def add_places(app: Application) -> None:
    kind = {"place_type": "town-municipality", "name_sort": "", "name_search": "", "source": "bench", "demo": False}
    numbers = [(one, f"{4_000_000 + one}") for one in range(1, PLACES + 1)]
    with app.sessions() as session:
        session.execute(insert(Place), [{"id": one, "code": code, "name_th": code, **kind} for one, code in numbers])
        codes = [{"place_id": one, "scheme": "dla", "code": code, "in_force": True} for one, code in numbers]
        session.execute(insert(PlaceCode), codes)
        session.commit()


def record(app: Application, folder: Path, years: tuple[int, ...]) -> int:
    file = folder / "values.csv"
    with file.open("w") as stream:
        stream.write("place,period," + ",".join(INDICATORS) + "\n")
        for place in range(1, PLACES + 1):
            for year in years:
                values = ",".join(str(10 + (place * 7 + year * 3 + i) % 9000 / 100) for i in range(len(INDICATORS)))
                stream.write(f"{4_000_000 + place},{year},{values}\n")
    app.observations.record(read_observations(file), ObservationsImport(file.name, "bench", "bench"))
    return PLACES * len(years) * len(INDICATORS)


def measured(years: tuple[int, ...]) -> tuple[int, dict[str, float]]:
    """Rows, and seconds by part."""
    with tempfile.TemporaryDirectory() as name, cluster("") as address:
        folder, ports = Path(name), (free_port(), free_port())
        server = create_engine(address.format("postgres"), isolation_level="AUTOCOMMIT")
        urls = []
        with server.connect() as connection:
            for database in ("ours", "theirs"):
                connection.execute(text(f"CREATE DATABASE {database}"))
                urls.append(address.format(database))
                migrate(urls[-1])
        wanted = {"periods": {"from": 2000, "to": 2024}}
        both = []
        for way, port in (("send", ports[1]), ("receive", ports[0])):
            one = agreement("bench", way, f"http://127.0.0.1:{port}", INDICATORS[0], **wanted)
            one["data"] = {"indicators": list(INDICATORS)}
            both.append(write_agreements(folder / way, [one]))
        receiver = site(urls[1], both[1])
        add_places(receiver)
        sender = site(urls[0], both[0], f"bench={key_for(receiver, 'bench').secret}")
        add_places(sender)
        rows = record(sender, folder, years)
        with (
            running(ports[0], urls[0], CITYINDEX_AGREEMENTS=str(both[0])),
            running(ports[1], urls[1], CITYINDEX_AGREEMENTS=str(both[1])),
        ):
            begun = time.perf_counter()
            sender.deliveries.build("bench", "bench")
            built = time.perf_counter()
            [outcome] = sender.deliveries.send("bench", "bench")
            done = time.perf_counter()
        assert outcome.state == "accepted", outcome.error
        for app in (sender, receiver):
            app.engine.dispose()
        server.dispose()
        return rows, {"built and signed": built - begun, "sent, applied and receipted": done - built}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    rows, seconds = measured(YEARS[:QUICK] if quick else YEARS)
    total = sum(seconds.values())
    allowed = WANTED_SECONDS * rows / (PLACES * len(YEARS) * len(INDICATORS))
    for what, took in seconds.items():
        print(f"{what:<32} {took:8.2f} s")
    print(f"{f'{rows:,} rows in all':<32} {total:8.2f} s   at most {allowed:.0f} s   ratio {total / allowed:.2f}")
    return 0 if total <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
