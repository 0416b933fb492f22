"""How many requests a second nginx answers from its cache for an address that never changes, against the site alone.

The configuration is the one that is shipped (templates/deploy/nginx.conf) with other ports and folders; the site runs
over PostGIS with the demo. The load comes from wrk, on the same machine.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cityindex.database import make_engine
from cityindex.services.upkeep import Upkeep
from tests import postgres
from tests.bench.features import free_port
from tests.conftest import CHECKOUT
from tests.demo import demo_file
from tests.exchange.conftest import copy_to_postgis, serving

SHIPPED = CHECKOUT / "templates/deploy/nginx.conf"
AT_LEAST = 20.0
SECONDS, CLIENTS = 3, 16
AROUND = """
worker_processes 2; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_rlimit_nofile 4096;
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; include /etc/nginx/mime.types;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{shipped}
}}
"""


def configuration(folder: Path, port: int, site: str) -> str:
    """The shipped file with what is of this machine put in its place."""
    text = SHIPPED.read_text(encoding="utf-8")
    for was, now in (
        ("/var/cache/nginx/cityindex", f"{folder}/cache"),
        ("/var/log/nginx/access.log", f"{folder}/access.log"),
        ("listen 80;", f"listen 127.0.0.1:{port} reuseport;"),
        ("http://127.0.0.1:8000", site),
        ("cityindex.example.go.th", "127.0.0.1"),
    ):
        if was not in text:
            raise SystemExit(f"{SHIPPED}: {was} is not there")
        text = text.replace(was, now)
    return AROUND.format(folder=folder, shipped=text)


@contextmanager
def nginx(program: str, site: str) -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "nginx.conf").write_text(configuration(folder, port, site), encoding="utf-8")
        running = subprocess.Popen([program, "-p", name, "-c", f"{name}/nginx.conf"])
        try:
            time.sleep(1)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()


def requests_a_second(address: str) -> float:
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{SECONDS}s", "--timeout", "30s", address]
    rates = []
    for _ in range(3):
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in said:
            raise SystemExit(f"{address}: {said}")
        rates.append(float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0]))
    return sorted(rates)[1]


def immutable_path(site: str) -> str:
    """Scores of a published run, as maps read them: without the API's limit of requests a minute."""
    with urllib.request.urlopen(f"{site}/api/v1/runs", timeout=60) as answer:
        run = next(one["id"] for one in json.load(answer)["items"] if one["framework"] == "livable-city")
    path = f"/map/values/{run}/livability.json"
    with urllib.request.urlopen(site + path, timeout=60) as answer:
        kept, size = answer.headers["Cache-Control"], len(answer.read())
    print(f"{path}: {size:,} bytes, {kept}")
    if "immutable" not in kept:
        raise SystemExit("the address is not one that never changes")
    return path


def main() -> int:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("wrk") is None:
        print("nginx or wrk is not installed: nothing was measured (both come with Debian's packages of these names)")
        return 0
    with postgres.empty_database() as database:
        engine = make_engine(database)
        Upkeep(engine).upgrade()
        engine.dispose()
        copy_to_postgis(demo_file(), database)
        with serving(database) as site, nginx(program, site) as front:
            path = immutable_path(site)
            with urllib.request.urlopen(front + path, timeout=60) as first:
                first.read()
            with urllib.request.urlopen(front + path, timeout=60) as second:
                if second.headers["X-Cache"] != "HIT":
                    raise SystemExit(f"nginx did not keep it: {second.headers['X-Cache']}")
            alone, kept = requests_a_second(site + path), requests_a_second(front + path)
    print(
        f"requests a second: the site alone {alone:,.0f}, nginx {kept:,.0f}: {kept / alone:.1f} x (at least {AT_LEAST})"
    )
    return int(kept / alone < AT_LEAST)


if __name__ == "__main__":
    sys.exit(main())
