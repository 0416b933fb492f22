"""Who computes the blocks of a study: this process, several processes, or a Dask cluster. The blocks come in order."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from typing import Any

from cityindex.errors import Invalid, Unavailable
from cityindex.scoring.study import Block, Study, packed, unpacked

LARGEST, SMALLEST = 2048, 32
"""How many replications a block has at most and, where there are enough, at least."""
SHARES = 4
"""How many blocks each process gets, so that none waits long for another."""

AHEAD = 3
"""How many blocks each process has waiting: enough to be busy, few enough to hold in memory."""

_mine: list[Study] = []
"""The study of a process of the pool."""


def blocks(runs: int, jobs: int) -> list[tuple[int, int]]:
    """Runs in equal blocks, from one to before the other."""
    size = runs if jobs == 1 else max(SMALLEST, -(-runs // (jobs * SHARES)))
    size = min(size, LARGEST)
    return [(start, min(start + size, runs)) for start in range(0, runs, size)]


def here(study: Study) -> Iterator[Block]:
    """One block after another in this process."""
    for start, stop in blocks(study.design.runs, 1):
        yield study.run(start, stop)


def processes(study: Study, jobs: int) -> Iterator[Block]:
    """Blocks from `jobs` new processes, which share nothing with this one."""
    spans = blocks(study.design.runs, jobs)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(spans)), context, _receive, (packed(study),)) as pool:
        try:
            yield from _in_order(lambda start, stop: pool.submit(_run, start, stop), spans, AHEAD * jobs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _in_order(submit: Callable[[int, int], Any], spans: Sequence[tuple[int, int]], ahead: int) -> Iterator[Block]:
    """Blocks in their order, with so many under way, and no more that wait to be taken."""
    following = iter(spans)
    waiting = deque(submit(*span) for span in islice(following, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(submit(*span) for span in islice(following, 1))


def _receive(content: bytes) -> None:
    _mine[:] = [unpacked(content)]


def _run(start: int, stop: int) -> Block:
    return _mine[0].run(start, stop)


def cluster(study: Study, address: str) -> Iterator[Block]:
    """Blocks from a Dask cluster, whose workers have this package too."""
    try:
        import distributed
    except ImportError:
        reason = "--dask needs Dask, which is not installed (pip install 'cityindex[dask]'; or use --jobs)"
        raise Invalid(reason) from None
    with _client(distributed, address) as client:
        workers = max(1, len(client.nthreads()))
        content = client.scatter(packed(study), broadcast=True, hash=False)
        spans = blocks(study.design.runs, workers + 1)

        def submit(start: int, stop: int) -> Any:
            return client.submit(run_packed, content, start, stop, pure=False)

        yield from _in_order(submit, spans, AHEAD * workers)


def _client(distributed: Any, address: str) -> Any:
    try:
        return distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        cure = "start `dask scheduler` and give its address, e.g. tcp://host:8786"
        raise Unavailable(f"no Dask scheduler at {address}: {error} ({cure})") from None


def run_packed(content: bytes, start: int, stop: int) -> Block:
    """A block on a worker of a cluster."""
    return _unpacked(content).run(start, stop)


@lru_cache(maxsize=2)
def _unpacked(content: bytes) -> Study:
    return unpacked(content)
