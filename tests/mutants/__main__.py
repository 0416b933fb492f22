"""`make mutants`: changes to the engine, drawn by a seed, and how many of them the tests notice."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.mutants import runs
from tests.mutants.mutations import Mutant, mutants
from tests.mutants.relevant import Relevant

ROOT = Path(__file__).parents[2]
LEAST = 0.85
TESTS = ("tests/unit/scoring", "tests/golden")
SLOW = "not cluster and not scheduler"
"""Tests of schedulers start processes for seconds and see nothing that others do not."""
LONGEST = 25.0
"""Seconds of tests for one change, as they take under the eyes of the recorder: some two to three times as long."""


def drawn(seed: int, count: int, only: str) -> list[Mutant]:
    """Changes drawn by the seed from all that can be made, in an order that is drawn too."""
    files = sorted((ROOT / "cityindex" / "scoring").glob("*.py"))
    every = [mutant for file in files if only in file.name for mutant in mutants(ROOT, file)]
    print(f"{len(every)} changes can be made to {len(files)} files; seed {seed} draws {min(count, len(every))}")
    return random.Random(seed).sample(every, min(count, len(every)))


def relevant(copy: Path) -> Relevant:
    """Run all the tests once on the unchanged copy: they must pass, and what each one enters is written down."""
    found, words = copy / "entered.json", copy / "words.txt"
    os.environ["MUTANTS_MAP"] = str(found)
    process = runs.fork(copy, [[*TESTS, "-k", SLOW, "-p", "tests.mutants.plugin"]], str(words))
    _, status = os.waitpid(process, 0)
    if status or not found.exists():
        sys.exit(f"{words.read_text()[-2000:]}\nthe tests do not pass without any change")
    return Relevant(found, LONGEST)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2569)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="part of a file's name")
    given = parser.parse_args()
    started = time.monotonic()
    os.environ |= {"MUTANTS_ROOT": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    os.environ.setdefault("CITYINDEX_SHARED_DATA", str(ROOT.parent / "shared" / "data"))
    runs.preload()
    with tempfile.TemporaryDirectory() as folder:
        copies = [runs.make_copy(ROOT, Path(folder) / str(number)) for number in range(given.jobs)]
        noticed_by = relevant(copies[0])
        print(f"the tests pass without a change ({time.monotonic() - started:.0f} s)", flush=True)
        chosen = drawn(given.seed, given.count, given.only)
        killed, survivors = run(chosen, noticed_by, copies)
    minutes = (time.monotonic() - started) / 60
    for mutant in sorted(survivors):
        print(f"survived  {mutant}")
    share = killed / len(chosen)
    print(f"{killed} of {len(chosen)} changes noticed: {share:.1%} (at least {LEAST:.0%}), {minutes:.1f} minutes")
    return int(share < LEAST)


def run(chosen: list[Mutant], noticed_by: Relevant, copies: list[Path]) -> tuple[int, list[Mutant]]:
    asked, survivors = [], []
    for mutant in chosen:
        tests, seconds = noticed_by.tests(mutant.file, mutant.scope)
        if tests:
            asked.append((mutant, tests, 20 + 4 * seconds))
        else:
            survivors.append(mutant)
    for number, (mutant, noticed) in enumerate(runs.run_all(asked, copies), 1):
        if not noticed:
            survivors.append(mutant)
            print(f"  {mutant}", flush=True)
        if number % 50 == 0:
            print(f"{number} run, {len(survivors)} survived", flush=True)
    return len(chosen) - len(survivors), survivors


if __name__ == "__main__":
    raise SystemExit(main())
