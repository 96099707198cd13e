"""Times ``import cnnviz_widgets`` against ``import numpy`` and ``import tensorflow``, each in a fresh interpreter."""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 7
CODE = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
CASES = {
    "import cnnviz_widgets": "import cnnviz_widgets",
    "... and all its public names": "from cnnviz_widgets import *",
    "import numpy": "import numpy",
}
CHECK = (
    "from cnnviz_widgets import *; import sys; print('tensorflow' in sys.modules or 'keras' in sys.modules)"
)


def seconds(statement: str) -> float:
    """Return how long a statement takes in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(statement)], capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Print the table."""
    found: dict[str, list[float]] = {case: [] for case in CASES}
    for _ in range(RUNS):
        for case, statement in CASES.items():
            found[case].append(seconds(statement))
    tensorflow = min(seconds("import tensorflow") for _ in range(2))
    print("| statement | median, s | of `import tensorflow` |")
    print("|---|---|---|")
    for case, times in found.items():
        middle = statistics.median(times)
        print(f"| {case} | {middle:.3f} | {middle / tensorflow:.3f} |")
    print(f"| import tensorflow | {tensorflow:.2f} | 1 |")
    loaded = subprocess.run(
        [sys.executable, "-c", CHECK], capture_output=True, text=True, check=True
    ).stdout.strip()
    print(f"\nTensorFlow or Keras loaded by the second: {loaded}. Target: 0.4 s, no TensorFlow.")


if __name__ == "__main__":
    main()
