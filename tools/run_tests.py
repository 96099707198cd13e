"""Runs all tests: those that wait for a kernel or a browser one after the other, and the others beside them.

The others step back for those that wait, whose pages and kernels are what a person would see.
What is given after the name goes to both, such as ``-m "not pinned"``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WAITING = ("tests/kernel", "tests/browser")
PYTEST = (sys.executable, "-m", "pytest")


def main() -> int:
    """Run both, print both, and return 0 if all passed."""
    more = sys.argv[1:]
    others = ["nice", *PYTEST, *more, "-n", "2", "tests", *(f"--ignore={folder}" for folder in WAITING)]
    with tempfile.TemporaryFile() as said:
        print("The tests of kernels and browsers, while the others run beside them:", flush=True)
        beside = subprocess.Popen(others, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, process_group=0)
        try:
            codes = [subprocess.call([*PYTEST, *more, *WAITING], cwd=ROOT)]
            print("The others:", flush=True)
            codes.append(beside.wait())
        finally:
            if beside.poll() is None:
                os.killpg(beside.pid, signal.SIGTERM)
                beside.wait()
            said.seek(0)
            sys.stdout.buffer.write(said.read())
            sys.stdout.flush()
    return max(abs(code) for code in codes)


if __name__ == "__main__":
    sys.exit(main())
