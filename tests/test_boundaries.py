"""Who knows whom, read from the import statements, those inside functions too, and held against `boundaries.py`."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.boundaries import (
    FLOORS,
    FOREIGN_PRIVATE,
    FRAMEWORKS,
    MAY_IMPORT,
    MAY_NOT_IMPORT,
    OPENS,
    SCREEN,
    TOP,
)

NAME = "cnnviz_widgets"
PACKAGE = Path(__file__).resolve().parent.parent / NAME


@dataclass(frozen=True)
class Import:
    """One import statement: where it stands and what it names, in full."""

    file: str
    part: str
    line: int
    target: str
    late: bool

    @property
    def top(self) -> str:
        return self.target.split(".")[0]

    @property
    def imported_part(self) -> str | None:
        """Return the part of this package that is imported, if it is this package's."""
        names = self.target.split(".")
        return names[1] if names[0] == NAME and len(names) > 1 else None

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.target}"


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] if len(inside.parts) > 1 else inside.stem


def imports_of(path: Path, runtime_only: bool = False) -> Iterator[Import]:
    """Yield every import of a file, relative ones made absolute."""
    tree = ast.parse(path.read_text())
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            child.parent = parent  # type: ignore[attr-defined]
    home = (NAME, *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(tree):
        if runtime_only and is_for_types(node):
            continue
        for target in targets(node, home):
            yield Import(
                str(path.relative_to(PACKAGE)), part_of(path), node.lineno, target, in_function(node)
            )


def targets(node: ast.AST, home: tuple[str, ...]) -> list[str]:
    """Return what an import statement names; nothing for other statements."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = home[: len(home) - node.level + 1] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def ancestors(node: ast.AST) -> Iterator[ast.AST]:
    while node := getattr(node, "parent", None):
        yield node


def in_function(node: ast.AST) -> bool:
    return any(isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) for above in ancestors(node))


def is_for_types(node: ast.AST) -> bool:
    return any(
        isinstance(above, ast.If) and "TYPE_CHECKING" in ast.unparse(above.test) for above in ancestors(node)
    )


@cache
def all_imports(runtime_only: bool = False) -> list[Import]:
    return [found for path in modules() for found in imports_of(path, runtime_only)]


@cache
def parts() -> set[str]:
    return {part_of(path) for path in modules()}


def listed(found: list[Import]) -> str:
    return "\n".join(map(str, found))


@pytest.mark.parametrize("part", sorted(MAY_IMPORT))
def test_a_part_knows_only_those_it_may(part: str) -> None:
    allowed = MAY_IMPORT[part] | {"errors", part}
    wrong = [
        found
        for found in all_imports(runtime_only=True)
        if found.part == part and found.imported_part in parts() - allowed
    ]
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("part", sorted(MAY_NOT_IMPORT))
def test_a_part_keeps_away_from_outside_packages(part: str) -> None:
    wrong = [found for found in all_imports() if found.part == part and found.top in MAY_NOT_IMPORT[part]]
    assert not wrong, listed(wrong)


def test_only_probe_and_demo_import_keras_or_tensorflow() -> None:
    wrong = [f for f in all_imports() if f.top in FRAMEWORKS and f.part not in {"probe", "demo"}]
    assert not wrong, listed(wrong)


def test_only_widgets_import_ipywidgets_ipympl_or_anywidget() -> None:
    wrong = [f for f in all_imports() if f.top in SCREEN and f.part != "widgets"]
    assert not wrong, listed(wrong)


def test_nothing_imports_pyplot() -> None:
    wrong = [f for f in all_imports() if f.target.startswith(("matplotlib.pyplot", "pylab"))]
    assert not wrong, listed(wrong)


def test_only_parts_that_ask_a_network_import_the_probe() -> None:
    needs = {
        "__init__", "comparisons", "demo", "embeddings", "method", "methods", "occlusion", "probe", "session", "trust",
        "widgets",
    }  # fmt: skip
    wrong = [f for f in all_imports(runtime_only=True) if f.imported_part == "probe" and f.part not in needs]
    assert not wrong, listed(wrong)


@cache
def graph() -> dict[str, set[str]]:
    """Return what each module imports anywhere: at its head, late, for types only, and the faces that come with it.

    To import ``a.b.c`` runs ``a/__init__.py`` and ``a/b/__init__.py`` first, unless one stands in them oneself.
    """
    files = {name_of(path): path for path in modules()}
    edges: dict[str, set[str]] = {name: set() for name in files}
    for name, path in files.items():
        above = set(packages_of(name))
        for found in imports_of(path):
            target = next(
                (one for one in (found.target, found.target.rpartition(".")[0]) if one in files), None
            )
            if target is not None:
                edges[name] |= ({target} | set(packages_of(target))) & files.keys() - above - {name}
    return edges


def name_of(path: Path) -> str:
    """Return the dotted name of a module, for a face that of its package."""
    return ".".join((NAME, *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def packages_of(name: str) -> list[str]:
    """Return the packages that a module stands in, outermost first."""
    parts = name.split(".")
    return [".".join(parts[:k]) for k in range(1, len(parts))]


def test_imports_form_no_circle() -> None:
    assert len(list(graphlib.TopologicalSorter(graph()).static_order())) == len(modules())


@pytest.mark.parametrize(
    "room",
    sorted(
        {path.relative_to(PACKAGE / "widgets").parts[0] for path in (PACKAGE / "widgets").rglob("*/*.py")}
    ),
)
def test_a_room_of_the_widgets_knows_only_those_below_it(room: str) -> None:
    inside = f"{NAME}.widgets."
    wrong = [
        f"{name} imports {target}"
        for name, targets in graph().items()
        if name.startswith(f"{inside}{room}.")
        for target in targets
        if target.startswith(inside)
        and (to := target.removeprefix(inside).split(".")[0]) != room
        and FLOORS.get(to, TOP) >= FLOORS.get(room, TOP)
        and (room, to) not in OPENS
    ]
    assert not wrong, "\n".join(wrong)


def test_views_know_no_presenters_and_neither_knows_the_widget() -> None:
    inside = f"{NAME}.widgets."
    wrong = [
        f"{name} imports {target}"
        for name, targets in graph().items()
        for target in targets
        if name.startswith(inside)
        and target.rpartition(".")[0] == name.rpartition(".")[0]
        and (name.rpartition(".")[2], target.rpartition(".")[2])
        in {
            ("view", "presenter"),
            ("state", "view"),
            ("state", "presenter"),
            ("host", "view"),
            ("host", "presenter"),
        }
    ]
    assert not wrong, "\n".join(wrong)


def test_private_names_are_used_only_where_they_are_defined() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node)}"
        for path in modules()
        if str(path.relative_to(PACKAGE)) not in FOREIGN_PRIVATE
        for node in foreign_private(path)
    ]
    assert not wrong, "\n".join(wrong)


def foreign_private(path: Path) -> list[ast.Attribute]:
    """Return where a file reaches for a private name of an object, or a module, that it does not define itself."""
    tree = ast.parse(path.read_text())
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)}
    own |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
        and not isinstance(node.value, ast.Call)
        and node.attr not in own
    ]


def test_tests_use_the_public_handles_of_widgets() -> None:
    reaching = re.compile(r"\._(desk|screen|view|lock|closed)\b")
    here = Path(__file__).parent
    wrong = [
        f"{path.relative_to(here)}:{number}"
        for folder in ("widgets", "browser", "kernel", "probe")
        for path in (here / folder).rglob("*.py")
        if "canvas" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if reaching.search(line)
    ]
    assert not wrong, wrong


def in_a_fresh_python(code: str) -> str:
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_the_import_loads_neither_a_framework_nor_ipympl() -> None:
    heavy = sorted(FRAMEWORKS | {"ipympl", "matplotlib.pyplot"})
    assert in_a_fresh_python(f"import sys, {NAME}; print([m for m in {heavy} if m in sys.modules])") == "[]"


@pytest.mark.parametrize("backend", ["agg", "svg", "pdf"])
def test_the_import_leaves_matplotlibs_backend(backend: str) -> None:
    code = f"import matplotlib; matplotlib.use({backend!r}); import {NAME}; print(matplotlib.get_backend())"
    assert in_a_fresh_python(code) == backend


def test_the_launcher_loads_no_framework() -> None:
    code = f"import sys, {NAME}.__main__; print([m for m in {sorted(FRAMEWORKS)} if m in sys.modules])"
    assert in_a_fresh_python(code) == "[]"


@pytest.mark.parametrize(("listing", "one"), [("methods", "Grad-CAM"), ("generators", "DeepDream")])
def test_a_fresh_python_lists_every_method_without_a_framework(listing: str, one: str) -> None:
    loaded = f"[m for m in {sorted(FRAMEWORKS)} if m in sys.modules]"
    code = f"import sys, {NAME}; print({one!r} in {NAME}.{listing}(), {loaded})"
    assert in_a_fresh_python(code) == "True []"
