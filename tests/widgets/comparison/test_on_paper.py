"""The comparison on paper: one figure, its code, and what a saved notebook holds."""

import base64
import io
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Probe, Style
from tests.models import functional, picture
from tests.widgets.comparison.common import PATIENCE, QUICK, Gate, Make, Slow


def test_a_snapshot_is_the_whole_grid_as_one_figure(make: Make, probe: Probe, tmp_path: Path) -> None:
    comparison = make(scale="shared", style=Style(opacity=0.5))
    comparison.chosen = (0, 0)
    comparison.save(tmp_path / "figure.png")
    found = cnnviz.compare(probe, [picture(), picture(seed=1)], methods=QUICK)
    found.save(tmp_path / "same.png", Style(opacity=0.5), scale="shared")
    assert comparison.snapshot() == (tmp_path / "figure.png").read_bytes()
    assert (tmp_path / "figure.png").read_bytes() == (tmp_path / "same.png").read_bytes()


def test_the_code_makes_the_same_figure_again(make: Make, probe: Probe) -> None:
    comparison = make(
        methods=["Grad-CAM", cnnviz.LayerCAM()],
        layers="conv_1",
        targets=2,
        scale="shared",
        style=Style(mode="map"),
    )
    where = {"model": probe.model, "images": [picture(), picture(seed=1)]}
    *lines, last = comparison.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == comparison.snapshot()


def test_the_code_says_which_values_the_network_takes_and_what_its_classes_are(make: Make) -> None:
    comparison = make(functional(), value_range=(0, 1), labels=["cat", "dog", "owl"])
    line = 'probe = cnnviz.Probe(model, labels=["cat", "dog", "owl"], value_range=(0.0, 1.0))'
    assert line in comparison.code().splitlines()


def test_the_code_on_the_screen_follows_the_scale(make: Make) -> None:
    comparison = make()
    comparison.view._toggle_code()
    comparison.scale = "shared"
    assert "scale=&quot;shared&quot;" in comparison.view._code.value


def test_the_save_button_writes_a_figure_beside_the_notebook(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    comparison = make()
    comparison.view._save()
    assert Path("2-methods-2-pictures.png").read_bytes() == comparison.snapshot()
    assert "Saved as 2-methods-2-pictures.png" in comparison.view.footer.told


def test_a_stopped_comparison_keeps_what_there_is_on_paper(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.cancel()
    with PIL.Image.open(io.BytesIO(comparison.snapshot())) as made:
        assert "Unfinished: 2 of 4 are not whole." in made.text["Description"]


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_a_saved_notebook_holds_a_picture_and_words(make: Make, renderer: str) -> None:
    bundle = make(renderer=renderer)._repr_mimebundle_()
    made = PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert np.asarray(made).std() > 20
    assert bundle["text/plain"].endswith("4 maps. Click one to see it large.")


def test_it_is_a_sentence_in_a_console(make: Make) -> None:
    assert repr(make()) == "Comparison(functional): 4 maps. Click one to see it large."


def test_pictures_without_a_name_have_one_everywhere(make: Make) -> None:
    comparison = make(images=[picture().pixels, picture(), picture(seed=1).pixels])
    assert comparison.compared.columns.heads == ("picture 1", "random 0", "picture 3")
    assert 'the pictures "picture 1", "random 0", "picture 3"' in comparison.code()
    with PIL.Image.open(io.BytesIO(comparison.snapshot())) as made:
        assert "Pictures: picture 1, random 0, picture 3, 8 × 8" in made.text["Description"]
