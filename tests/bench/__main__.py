"""`make bench`: every benchmark with its floor in the same run; a table of ratios at the end of each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    quick = sys.argv[1:]
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    codes = []
    for name in names:
        print(f"\n== {name}", flush=True)
        # A process each: memory and caches of one benchmark are not another's.
        codes.append(subprocess.run([sys.executable, "-m", f"tests.bench.{name}", *quick], check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
