"""What leaves the notebook: code, snapshots, saved pages, pictures under their names."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Explorer, Style
from tests.models import picture
from tests.widgets.explorer.common import Held, Make, settled


def test_the_code_makes_the_same_picture_again(make: Make) -> None:
    explorer = make(style=Style(mode="outline", opacity=0.4), target=1, layer="conv_1")
    where = {"model": explorer.probe.model, "image": explorer.images[0]}
    *lines, last = explorer.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == explorer._preview()
    shown = where["heat"].picture(explorer.style)
    np.testing.assert_array_equal(shown, explorer.explanation.picture(explorer.style))
    np.testing.assert_array_equal(where["heat"].values, explorer.explanation.values)


@pytest.mark.parametrize("name", ["Grad-CAM", "Saliency", "Occlusion", "Feature maps"])
def test_the_code_of_every_method_runs(make: Make, name: str) -> None:
    explorer = make(method=name)
    where = {"model": explorer.probe.model, "image": explorer.images[0]}
    exec(explorer.code(), where)
    found = where["maps" if name == "Feature maps" else "heat"]
    np.testing.assert_array_equal(found.values, explorer.explanation.values)


def test_it_is_a_sentence_in_a_console(explorer: Explorer) -> None:
    assert repr(explorer) == f"Explorer({explorer.probe.name}): {explorer.status}"
    assert explorer.status


def test_pictures_without_a_name_have_one_everywhere(make: Make) -> None:
    explorer = make(images=[picture().pixels])
    explorer.add_images([picture(seed=1).pixels])
    settled(explorer)
    assert [thumb.tooltip for thumb in explorer.view.strip.thumbs] == ["picture 1", "picture 2"]
    assert explorer.file_name().startswith("picture-2-grad-cam")
    assert 'image: the picture "picture 2"' in explorer.code()
    assert "Image: picture 2" in PIL.Image.open(io.BytesIO(explorer.snapshot())).text["Description"]


def test_the_code_on_the_screen_follows_the_picture(explorer: Explorer) -> None:
    explorer.view._toggle_code()
    assert "cnnviz.GradCAM" in explorer.view._code.value
    explorer.method = "Saliency"
    settled(explorer)
    assert "cnnviz.Saliency" in explorer.view._code.value


def test_a_snapshot_is_a_png_with_a_caption_below_the_picture(explorer: Explorer, tmp_path: Path) -> None:
    opened = PIL.Image.open(io.BytesIO(explorer.snapshot()))
    assert opened.format == "PNG"
    assert opened.height > explorer.explanation.picture(explorer.style).shape[0] * opened.width / 448 / 2
    explorer.save(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes() == explorer.snapshot()


def test_the_save_button_writes_beside_the_notebook_and_over_nothing(
    explorer: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        explorer.view._save()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "random-0-grad-cam-conv_2-2.png",
        "random-0-grad-cam-conv_2.png",
    ]
    assert "beside the notebook" in explorer.view.footer.told


def test_a_picture_that_cannot_be_written_is_told(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError("the disk is full")

    held = Held(explorer)
    monkeypatch.setattr(Path, "write_bytes", full)
    explorer.view._save()
    held.stays_and_says("The picture could not be saved as")
    held.recovers()


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_a_saved_notebook_holds_a_picture_and_words(make: Make, renderer: str) -> None:
    explorer = make(renderer=renderer)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == f"Explorer(functional): {explorer.status}"
    png = PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert np.asarray(png.convert("RGB")).std() > 10
    assert json.dumps(bundle)


def test_pictures_added_by_code_stand_in_the_strip_and_the_first_of_them_is_looked_at(
    explorer: Explorer,
) -> None:
    explorer.add_images([picture(seed=5), picture(seed=6)])
    settled(explorer)
    assert (explorer.image, len(explorer.view.strip.thumbs)) == (2, 4)
    assert explorer.explanation.image.name == "random 5"


def test_one_picture_needs_no_list(make: Make) -> None:
    assert len(make(images=picture()).images) == 1
