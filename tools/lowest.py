"""Prints the lowest versions that pyproject.toml admits, as pins for pip."""

import re
import tomllib
from pathlib import Path

GROUPS = ("lab", "demo")
BOUND = re.compile(r"^([A-Za-z0-9_.-]+)\s*(?:>=|==)\s*([0-9][^,;\s]*)")


def lowest(pyproject: Path) -> list[str]:
    """Return ``name==version`` for each requirement of the package and of what its user installs with it."""
    project = tomllib.loads(pyproject.read_text())["project"]
    named = list(project["dependencies"])
    for group in GROUPS:
        named += project["optional-dependencies"][group]
    bounds = [BOUND.match(requirement) for requirement in named]
    return [f"{bound[1]}=={bound[2]}" for bound in bounds if bound]


if __name__ == "__main__":
    print("\n".join(lowest(Path(__file__).resolve().parent.parent / "pyproject.toml")))
