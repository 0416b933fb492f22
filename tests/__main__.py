"""`make test`: every check and every test; the last line is the count of passed and failed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

CHECKOUT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS = {
    "types": [f"{BIN}/mypy"],
    "demo data": [sys.executable, "-m", "tests.demo"],
    "lint": [f"{BIN}/ruff", "check", "."],
    "format": [f"{BIN}/ruff", "format", "--check", "."],
    "import contracts": [f"{BIN}/lint-imports"],
    "definitions": [f"{BIN}/cityindex", "definitions", "check"],
}


def run_check(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    passed = result.returncode == 0
    print(f"{'ok  ' if passed else 'FAIL'} {name} ({time.monotonic() - started:.1f} s)", flush=True)
    if not passed:
        print(result.stdout, result.stderr, sep="", flush=True)
    return passed


def run_pytest(arguments: list[str]) -> tuple[int, int]:
    """Numbers of passed and failed; a run that collected nothing or broke off counts as a failure."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        parallel = ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "--max-worker-restart", "1"]
        command = [sys.executable, "-m", "pytest", *parallel, f"--junit-xml={report.name}", *arguments]
        code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
        content = Path(report.name).read_text()
    suites = list(ElementTree.fromstring(content).iter("testsuite")) if content else []
    count = {key: sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    passed = count["tests"] - failed - count["skipped"]
    return passed, max(failed, 1) if code != 0 else failed


def main() -> int:
    os.environ.setdefault("PYTHONWARNINGS", "default")
    with ThreadPoolExecutor(2) as side_by_side:  # the longest first
        results = list(side_by_side.map(lambda check: run_check(*check), CHECKS.items()))
    passed, failed = run_pytest(sys.argv[1:])
    passed += sum(results)
    failed += len(results) - sum(results)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
