"""Writes the names and versions installed beside this Python to a file that pip takes with ``-c``."""

import sys
from importlib.metadata import distributions
from pathlib import Path

LEFT_OUT = {"cnnviz-widgets", "pip", "setuptools", "wheel"}
HEADER = "# The versions that the tests passed with; written by `make constraints`.\n"


def installed() -> dict[str, str]:
    """Return the version of each distribution by its normalised name, without the project itself."""
    named = ((one.metadata["Name"].lower().replace("_", "-"), one.version) for one in distributions())
    return {name: version for name, version in named if name not in LEFT_OUT}


def main(target: str) -> None:
    """Write the file."""
    lines = [f"{name}=={version}\n" for name, version in sorted(installed().items())]
    Path(target).write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "constraints.txt")
