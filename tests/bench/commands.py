"""How long commands take that people wait for, against an interpreter that does nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

CITYINDEX = str(Path(sys.executable).parent / "cityindex")
LIMITS = {("--version",): 0.4, ("definitions", "check"): 2.0}
"""Seconds, as a whole process."""
RUNS = 5


def seconds(command: list[str]) -> float:
    """The median of some runs."""
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def main() -> int:
    floor = seconds([sys.executable, "-c", "pass"])
    print(f"{'command':32} {'seconds':>8} {'limit':>6} {'to the floor':>13}")
    missed = 0
    for arguments, limit in LIMITS.items():
        took = seconds([CITYINDEX, *arguments])
        missed += took > limit
        print(f"{' '.join(arguments):32} {took:8.2f} {limit:6.1f} {took / floor:12.1f} x")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
