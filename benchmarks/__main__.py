"""Runs every benchmark, each in a process of its own: ``python -m benchmarks [name ...]``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; return how many failed."""
    found = {path.stem: path for path in sorted(HERE.glob("*.py")) if not path.stem.startswith("_")}
    unknown = [name for name in wanted if name not in found]
    if unknown:
        print(f"No benchmark is called {', '.join(unknown)}. There are: {', '.join(found)}.")
        return 2
    failed = 0
    for name in wanted or found:
        print(f"\n## {name}\n", flush=True)
        failed += subprocess.run([sys.executable, str(found[name])], cwd=HERE.parent).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
