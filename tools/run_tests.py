"""Runs all tests in three turns at once: two that wait for kernels and pages, and all others, which step back for them.

What is given after the name goes to each, such as ``-m "not pinned"``. Each turn is printed when it has ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest")


def turns() -> dict[str, list[str]]:
    """Return the command of each turn, by what it tests."""
    pages = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    half = len(pages) // 2
    beside = ["-n", "3", "tests", "--ignore=tests/kernel", "--ignore=tests/browser"]
    more = sys.argv[1:]
    return {
        "Kernels and the first half of the pages": [*PYTEST, *more, "tests/kernel", *pages[:half]],
        "The second half of the pages": [*PYTEST, *more, *pages[half:]],
        "All others": ["nice", *PYTEST, *more, *beside],
    }


def started(command: list[str], output: Path) -> subprocess.Popen[bytes]:
    """Start a command, with all that it starts in a group of processes of its own."""
    with output.open("wb") as file:
        return subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, process_group=0)


def main() -> int:
    """Run all and return 0 if all passed."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = {about: Path(folder) / f"{k}.txt" for k, about in enumerate(turns())}
        running = {about: started(command, outputs[about]) for about, command in turns().items()}
        try:
            for about, process in running.items():
                process.wait()
                print(f"{about}:\n{outputs[about].read_text(errors='replace')}", flush=True)
        finally:
            for process in running.values():
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)
                    process.wait()
    return max(abs(process.returncode) for process in running.values())


if __name__ == "__main__":
    sys.exit(main())
