"""What the API answers is what its document declares, whatever is asked: schemathesis against a running site."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cityindex.web.api import limits
from tests.serving import served
from tests.web.conftest import application_of, client_over

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CHECKOUT = Path(__file__).parent.parent.parent
MOST_SECONDS = 30
FEWEST_CASES = 40
"""Requests that are made at least, on the slowest machine, or the test has looked at nothing."""


@pytest.fixture
def site(demo_url: str) -> Iterator[str]:
    """The address of a running site that limits nobody."""
    client = client_over(demo_url)
    client.application.extensions[limits.KEY].count = lambda _who, _at: 1
    with served(client.application) as address:
        yield address
    application_of(client).engine.dispose()


def test_no_server_error_and_no_undeclared_answer(site: str, tmp_path: Path) -> None:
    asked = ["--phases", "examples,coverage,fuzzing", "-n", "2", "--seed", "1", "--max-time", str(MOST_SECONDS)]
    quiet = ["--no-color", "--generation-database", "none"]
    done = subprocess.run(
        [str(SCHEMATHESIS), "run", f"{site}/api/v1/openapi.json", *asked, *quiet],
        cwd=tmp_path,  # it leaves a cache behind
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.web.schema_hooks", "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=10 * MOST_SECONDS,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    asked_for = re.search(r"([\d,]+) generated", done.stdout)
    assert asked_for, done.stdout[-3000:]
    assert int(asked_for[1].replace(",", "")) >= FEWEST_CASES
