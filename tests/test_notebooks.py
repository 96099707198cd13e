"""Every notebook runs from top to bottom, and the quickstart stays quick."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cnnviz_widgets import methods

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
CELLS_OF_THE_QUICKSTART = 6
# Beside other tests these take minutes; run by `make test-long`.
TAKE_MINUTES = ("01_methods", "02_occlusion", "03_autoencoder", "04_generated_images")
# What the prose of a notebook says of its results, run in its kernel after the last cell.
CLAIMS = {
    "01_methods": """
rows = table.set_index("method")
assert abs(rows.loc["Grad-CAM", "randomised top"]) < 0.5 < 0.95 < rows.loc["Guided backprop", "randomised top"]
assert rows.loc["Integrated gradients", "completeness"] < 0.05
assert not covered.refused and len(covered.cells) == 4
assert browser.wait(60) and browser.error == "" and browser.explanation is not None
assert explorer.wait(60) and explorer.error == "" and explorer.explanation is not None
assert comparison.wait(120) and comparison.error == "" and len(comparison.explanations) == 12
""",
    "02_occlusion": """
import numpy as np
found = {(cell.target, cell.recipe.patch): cell for cell in sizes.cells.values()}
hurt = {which: cell.scores["largest fall"] for which, cell in found.items()}
assert hurt["“espresso”", 96] > 1.5 * hurt["“espresso”", 32]
assert max(hurt["“tiger cat”", side] for side in (32, 64, 96)) < min(hurt["“espresso”", 64], hurt["“missile”", 32])
assert found["“tiger cat”", 64].values.min() < -0.3
place = {which: np.unravel_index(cell.values.argmax(), cell.values.shape) for which, cell in found.items()}
assert 70 <= place["“espresso”", 32][0] <= 130 and 80 <= place["“espresso”", 32][1] <= 180
assert 60 <= place["“missile”", 32][0] <= 110 and 80 <= place["“missile”", 32][1] <= 125
coarse, middle, fine = (cell.values.ravel() for cell in strides.cells.values())
assert np.corrcoef(coarse, fine)[0, 1] > 0.8 and np.corrcoef(middle, fine)[0, 1] > 0.9
before = probe.calls
cnnviz.Occlusion(patch=64, stride=32)(probe, rocket)
assert probe.calls == before
grey, blur, noise, black = (cell.scores["largest fall"] for cell in fills.cells.values())
assert noise > 1.8 * grey and black < 0.9 * grey
said = [set(labels.legend.values()) for labels in instead]
assert said == [
    {"tiger cat", "Egyptian cat"}, {"espresso"}, {"missile", "drilling platform", "space shuttle"}
]
assert explorer.wait(90) and explorer.error == "" and explorer.explanation.done == 1
""",
    "03_autoencoder": """
slopes = probe.gradient(boot, unit).slope
sees = np.zeros(slopes.shape[:2], bool)
sees[field.top : field.top + field.height, field.left : field.left + field.width] = True
assert not field.whole and slopes[sees].any() and not slopes[~sees].any()
assert not focus.refused and not depths.refused and not lost.refused
assert 0.1 < least / whole < 0.25
kinds = {row: [labels[k] for k in found] for row, found in near.items()}
assert set(kinds[9]) == {"ankle boot"} and {"bag", "dress"} <= set(kinds[8]), kinds
assert alike.agrees and alike.value > 0.9 > rather.foil_value
for widget in (patch, neighbours, mixer, explorer):
    assert widget.wait(120) and widget.error == "", widget.error
assert explorer.explanation.target == "the energy of encoded"
""",
    "04_generated_images": """
assert [probe.top(image, 1)[0][0] for image in made.images] == [target.index for target in wanted]
assert ours > 2 * theirs
assert all(-match.curve[-1, 0] < 0.2 * -match.curve[0, 0] for match in matches)
assert dream.scores["score"] > dream.scores["first score"]
assert (len(dream.curve), len(deeper.curve)) == (18, 24) and deeper.scores["score"] > dream.scores["score"]
made_by = [type(one.recipe) for one in (made, channel, *matches, dream)]
assert set(made_by) == set(cnnviz.generators().values())
assert generator.wait(250) and generator.error == "" and generator.explanation.done == 1
assert probe.top(generator.explanation.images[0], 1)[0][1] == "daisy"
""",
    "05_models_of_today": """
assert reads.values.shape == (7, 7) and reads.says.startswith("The class token reads most from")
assert speaks.target == "“bag”" and probe.label(int(probe.predict([bag])[0].argmax())) == "bag"
assert abs(sum(shares.values()) - 1) < 1e-6 and top.target == "“top” where it is predicted"
assert compared.pair == "other" and not np.allclose(differs.values, 0)
assert attention.wait(120) and attention.error == "", attention.error
assert places.wait(120) and places.error == "", places.error
assert places.explanation.target == "“top” where it is predicted"
assert apart_by.wait(120) and apart_by.error == "", apart_by.error
""",
}

# How many pictures a notebook shows, and how many widgets with a picture for where they do not run.
SHOWN = {"04_generated_images": (6, 1)}


# The quickstart, the first of them, runs from top to bottom on the page that the browser tests drive.
@pytest.mark.slow
@pytest.mark.kernel
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.long] if path.stem in TAKE_MINUTES else [])
        for path in NOTEBOOKS[1:]
    ],
    ids=lambda path: path.stem,
)
def test_a_notebook_runs_from_top_to_bottom(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(CLAIMS.get(path.stem, "")))
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    assert all(cell.execution_count for cell in notebook.cells[:-1] if cell.cell_type == "code")
    shown = [
        o["data"] for c in notebook.cells for o in c.get("outputs", ()) if "image/png" in o.get("data", {})
    ]
    live = ["application/vnd.jupyter.widget-view+json" in data for data in shown]
    found = live.count(False), live.count(True)
    assert found == SHOWN.get(path.stem, found)
    warned = [o.text for c in notebook.cells for o in c.get("outputs", ()) if o.get("name") == "stderr"]
    assert not warned, warned


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_the_notebook_of_methods_names_every_method() -> None:
    told = "\n".join(cell.source for cell in nbformat.read(NOTEBOOKS[1], as_version=4).cells)
    assert [
        label for label, kind in methods().items() if label not in told and kind.__name__ not in told
    ] == []


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
