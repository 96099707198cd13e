"""Every notebook runs from top to bottom, and the quickstart stays quick."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
CELLS_OF_THE_QUICKSTART = 6


@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_the_quickstart_has_at_most_six_cells() -> None:
    assert len(quickstart().cells) <= CELLS_OF_THE_QUICKSTART


def test_the_quickstart_says_one_sentence_before_each_cell() -> None:
    for cell in quickstart().cells:
        if cell.cell_type == "markdown":
            prose = " ".join(line for line in cell.source.splitlines() if line and not line.startswith("#"))
            assert len(re.findall(r"[.?!](?=\s|$)", prose)) == 1, prose


def quickstart() -> nbformat.NotebookNode:
    """Return the quickstart notebook."""
    return nbformat.read(next(path for path in NOTEBOOKS if path.stem == "00_quickstart"), as_version=4)
