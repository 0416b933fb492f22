"""Runs of pytest on private copies of the project: a fork for each, from a process that has the libraries loaded."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tests.mutants.mutations import Mutant

PARTS = ("cityindex", "tests", "indicators", "migrations", "seeds", "templates", "setup.cfg")
QUIET = [
    "-q",
    "-x",
    "-p",
    "no:cacheprovider",
    "--no-header",
    "--tb=no",
    "--assert=plain",
    "--hypothesis-profile=mutants",
]


SOON = 12
"""How many tests are tried before the others."""


def preload() -> None:
    """Import what every run needs and no change touches, so that a fork has it already."""
    for name in ("click", "hypothesis.extra.numpy", "numpy", "orjson", "polars", "pytest", "sqlalchemy", "yaml"):
        import_module(name)


def make_copy(root: Path, folder: Path) -> Path:
    """A private copy with its modules compiled; a changed file has another time, so that it is compiled anew."""
    for part in PARTS:
        target = folder / part
        if (root / part).is_dir():
            shutil.copytree(root / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(root / part, target)
    compiled = [sys.executable, "-m", "compileall", "-q", "cityindex", "tests"]
    subprocess.run(compiled, cwd=folder, check=True)
    return folder


def fork(copy: Path, stages: Sequence[Sequence[str]], log: str = os.devnull) -> int:
    """Start pytest in a copy, stage after stage until one fails, in a process group of its own; gives its number."""
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        os.setsid()
        os.chdir(copy)
        words = os.open(log, os.O_RDWR | os.O_CREAT)
        for stream in (0, 1, 2):
            os.dup2(words, stream)
        code = _run(copy, stages)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _run(copy: Path, stages: Sequence[Sequence[str]]) -> int:
    import pytest
    from hypothesis import HealthCheck, Phase, settings

    for name in [name for name in sys.modules if name.split(".")[0] in ("cityindex", "tests")]:
        del sys.modules[name]
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry not in ("", os.environ["MUTANTS_ROOT"]))]
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    settings.load_profile("mutants")
    return next((code for some in stages if (code := int(pytest.main([*QUIET, *some])))), 0)


@dataclass(frozen=True)
class Running:
    mutant: Mutant
    copy: Path
    source: str
    before: os.stat_result
    until: float


Asked = Iterable[tuple[Mutant, Sequence[str], float]]


def run_all(asked: Asked, copies: Sequence[Path]) -> Iterator[tuple[Mutant, bool]]:
    """Each change with its tests, on as many copies at once: whether a test noticed, in the order in which they end.

    A run that takes longer than its seconds counts as noticed: a loop without end is what it usually is.
    """
    free, running = list(copies), {}
    for mutant, tests, seconds in asked:
        while not free:
            yield from _ended(running, free)
        copy = free.pop()
        path = copy / mutant.file
        source, before = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(mutant.apply(source), encoding="utf-8")
        os.utime(path, (before.st_atime, before.st_mtime + 1))
        # Most changes are noticed by the first few tests, before those of all the other files are read.
        process = fork(copy, [part for part in (tests[:SOON], tests[SOON:]) if part])
        running[process] = Running(mutant, copy, source, before, time.monotonic() + seconds)
    while running:
        yield from _ended(running, free)


def _ended(running: dict[int, Running], free: list[Path]) -> Iterator[tuple[Mutant, bool]]:
    time.sleep(0.02)
    for process, run in list(running.items()):
        done, status = os.waitpid(process, os.WNOHANG)
        late = not done and time.monotonic() > run.until
        if late:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
        if not done and not late:
            continue
        path = run.copy / run.mutant.file
        path.write_text(run.source, encoding="utf-8")
        os.utime(path, ns=(run.before.st_atime_ns, run.before.st_mtime_ns))
        free.append(run.copy)
        del running[process]
        yield run.mutant, late or status != 0
