"""The house rules that a reader would otherwise have to remember."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cnnviz_widgets"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

CODE = ("cnnviz_widgets", "tests", "tools", "benchmarks")
MOST_LINES = 400
LONGER = {  # file -> why it may be longer
    "cnnviz_widgets/probe/output/last_steps.py": "one class: all that the end of a network tells",
    "cnnviz_widgets/objectives.py": "all that can be explained, one small class each",
}
LEAST_LINES = 60
# Files, or folders, that may be shorter, and why. A method and a package's own file may be so without a reason.
SHORTER = {
    "__main__.py": "the command",
    "demo": "a network, its weights or its pictures each",
    "lru.py": "one class that many use",
    "trust": "a check each, and what they share",
    "probe/graphs/axes.py": "known to the graph and to the tokens, which know nothing of each other",
    "probe/graphs/integer_inputs.py": "what one kind of input needs",
    "probe/graphs/trial_run.py": "used by three parts that know nothing of each other",
    "probe/opening": "a step of opening each; they build on each other in one order",
    "probe/preprocessing/channel_order.py": "used by kernels and by what is received",
    "probe/synthesis/transforms.py": "the papers' word for one of four parts of an ascent",
    "probe/volumes/slices.py": "a value that the graph holds, which knows nothing of how it is found",
    "render/text.py": "fonts, which pictures and pages share",
    "widgets/canvas/encoding.py": "both canvases send by it",
    "widgets/canvas/make.py": "the one place that chooses a canvas",
    "widgets/controls": "a control each",
    "widgets/core/sizes.py": "sizes of canvases, which several widgets share",
    "widgets/explorer/answer_views.py": "the one list of the views of answers",
    "widgets/explorer/slice_slider.py": "a control of its own",
    "widgets/explorer/volume_slices.py": "what is explored of a volume, before there is a widget",
    "widgets/image_generator/session.py": "the host's protocol names it, so it stands below the run",
    "widgets/latent_mixer/session.py": "the host's protocol names it, so it stands below the presenter",
    "widgets/similarity/exporting.py": "what is written, without the widget",
}
MOST_PICTURE_BYTES = 300_000
CONDA_NAMES = {"matplotlib": "matplotlib-base"}  # where conda-forge calls a package otherwise
# Built from pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    "|".join("/" + name + "/" for name in ("work", "tmp", "root", "home/[a-z]+", "Users"))
)
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + r"ME)\b")
TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".js", ".css", ".sh", ".txt", ".ipynb", ".cfg", ""}


def tracked(*suffixes: str) -> list[Path]:
    """Return the files that git knows, those not yet committed too, with one of these suffixes."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    found = (ROOT / name for name in names if name)
    return [path for path in found if path.is_file() and (not suffixes or path.suffix in suffixes)]


def lines_with(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


# Code


def test_every_public_name_exists() -> None:
    package = importlib.import_module("cnnviz_widgets")
    assert [name for name in package.__all__ if not hasattr(package, name)] == []


def test_every_public_object_has_a_docstring_of_its_own() -> None:
    package = importlib.import_module("cnnviz_widgets")
    public = {name: getattr(package, name) for name in package.__all__}
    described = {n: o for n, o in public.items() if inspect.isclass(o) or inspect.isroutine(o)}
    assert [n for n, o in described.items() if not (o.__doc__ or "").strip()] == []


def test_every_module_opens_with_one_sentence() -> None:
    openings = {path: ast.get_docstring(ast.parse(path.read_text())) for path in PACKAGE.rglob("*.py")}
    assert [str(path.relative_to(ROOT)) for path, opening in openings.items() if not opening] == []


def test_no_file_is_too_long() -> None:
    paths = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    sizes = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in paths}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES and name not in LONGER} == {}


def test_no_file_is_too_short_without_a_reason() -> None:
    paths = [
        path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" and path.parent.name != "methods"
    ]
    short = {str(path.relative_to(PACKAGE)) for path in paths if path.read_text().count("\n") < LEAST_LINES}
    named = {name for name in short for reason in SHORTER if name == reason or name.startswith(f"{reason}/")}
    assert short - named == set()
    used = {reason for reason in SHORTER for name in short if name == reason or name.startswith(f"{reason}/")}
    assert set(SHORTER) - used == set(), "a reason that no short file needs any more"


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, tracked(".py", ".js", ".css", ".sh")) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATHS, tracked(*TEXT)) == []


# Tools


@pytest.mark.pinned
@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_the_tools_find_nothing(command: list[str]) -> None:
    run = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


# Packaging


def bounds(requirements: list[str]) -> dict[str, str]:
    """Return the bound of each requirement by its name in lower case with hyphens."""
    split = (re.match(r"^([A-Za-z0-9_.-]+)\s*(.*)$", one) for one in requirements)
    return {found[1].lower().replace("_", "-"): found[2].strip() for found in split if found}


def test_the_conda_environment_agrees_with_pyproject() -> None:
    extras = PROJECT["optional-dependencies"]
    wanted = bounds([*PROJECT["dependencies"], *extras["lab"], *extras["demo"]])
    wanted = {CONDA_NAMES.get(name, name): bound for name, bound in wanted.items()}
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = [one for one in listed if isinstance(one, str)]
    pip = [one for group in listed if isinstance(group, dict) for one in group["pip"]]
    found = bounds([*conda, *pip])
    assert found.pop("python") == PROJECT["requires-python"]
    assert found.pop("pip") == ""
    assert "-e ." in pip
    assert {name: bound for name, bound in found.items() if name[0] != "-"} == wanted


def test_the_constraints_pin_names_and_nothing_else() -> None:
    lines = [x for x in (ROOT / "constraints.txt").read_text().splitlines() if not x.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.-]+==[A-Za-z0-9.+!]+", line)] == []
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))


def test_the_constraints_pin_every_direct_requirement() -> None:
    pinned = bounds((ROOT / "constraints.txt").read_text().splitlines())
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    direct = bounds([one for group in groups for one in group if not one.startswith(PROJECT["name"])])
    assert sorted(set(direct) - set(pinned)) == []


@pytest.mark.pinned
def test_the_constraints_hold_for_every_python_that_pyproject_admits() -> None:
    """A Debian 12 has Python 3.11.2, and pip takes no package there that asks for 3.11.5."""
    lowest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    pinned = bounds((ROOT / "constraints.txt").read_text().splitlines())
    here = {found.metadata["Name"].lower().replace("_", "-"): found for found in distributions()}
    asked = {name: here[name].metadata.get("Requires-Python", "") for name in pinned if name in here}
    assert len(asked) > 100
    assert {name: need for name, need in asked.items() if not SpecifierSet(need).contains(lowest)} == {}


def test_the_changelog_describes_this_version() -> None:
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


# Notebooks, pictures and pages


def notebooks() -> list[Path]:
    return tracked(".ipynb")


def test_the_quickstart_has_at_most_six_code_cells() -> None:
    cells = json.loads((ROOT / "notebooks" / "00_quickstart.ipynb").read_text())["cells"]
    assert 1 <= sum(cell["cell_type"] == "code" for cell in cells) <= 6


def test_no_notebook_holds_an_error() -> None:
    wrong = [
        f"{path.name}: {output['ename']}"
        for path in notebooks()
        for cell in json.loads(path.read_text())["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
    assert wrong == []


def test_pictures_are_small() -> None:
    pictures = tracked(".png", ".jpg", ".jpeg", ".gif", ".webp")
    sizes = {str(path.relative_to(ROOT)): path.stat().st_size for path in pictures}
    assert {name: size for name, size in sizes.items() if size > MOST_PICTURE_BYTES} == {}


def anchors(page: Path) -> set[str]:
    """Return the anchors that a Markdown page's headings make."""
    headings = re.findall(r"^#+\s+(.*)$", page.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def dead_links(page: Path) -> list[str]:
    """Return the links of a page that lead to no file or heading of this tree."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    dead = []
    for link in re.findall(r"\]\(<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"", text):
        target, _, anchor = (link[0] or link[1]).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target) if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            dead.append(f"{page.relative_to(ROOT)}: {target}{'#' if anchor else ''}{anchor}")
    return dead


def test_every_link_in_the_pages_leads_somewhere() -> None:
    assert [link for page in tracked(".md") for link in dead_links(page)] == []


def test_the_readme_and_the_architecture_exist() -> None:
    assert (ROOT / "README.md").is_file()
    assert (ROOT / "docs" / "architecture.md").is_file()
