"""Saved pictures say how they were made."""

import dataclasses
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.colours import STAGE
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.explanation import ActivationMaps, Heatmap
from cnnviz_widgets.export import displayed, png_bytes, save_png
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.objectives import ClassScore, LayerEnergy
from cnnviz_widgets.render import picture
from cnnviz_widgets.render.text import font, wrapped
from cnnviz_widgets.settings import Settings, layer_name, objective, whole
from cnnviz_widgets.style import Style


@dataclass(frozen=True)
class Cover(Settings):
    """Stands for a method."""

    label: ClassVar[str] = "Cover test"
    layer: str | None = layer_name(help="layer")
    target: Any = objective(help="target")
    patch: int = whole(3, low=1, help="patch")


def explained(**more: Any) -> Heatmap:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    about: dict[str, Any] = {
        "image": Image(pixels, name="chelsea"),
        "recipe": Cover(layer="top_conv", target=ClassScore(281), patch=5),
        "target": "“tiger cat”",
        "model": "small net",
        "unit": "vote",
        "layer": "top_conv",
        "scores": {"score": 7.1234},
        "values": np.random.default_rng(1).random((3, 4)).astype(np.float32),
    }
    return Heatmap(**{**about, **more})


def opened(content: bytes) -> PIL.Image.Image:
    made = PIL.Image.open(io.BytesIO(content))
    made.load()
    return made


def test_the_caption_states_method_layer_target_settings_model_image_and_versions() -> None:
    text = opened(png_bytes(explained())).text
    said = text["Title"] + text["Description"]
    for part in (
        "Cover test",
        "top_conv",
        "“tiger cat”",
        "patch 5",
        "small net",
        "chelsea",
        "keras",
        "logit 7.12",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("target", "word"),
    [(ClassScore(281, of="probability"), "probability"), (LayerEnergy("top_conv"), "score")],
)
def test_the_caption_calls_only_a_logit_a_logit(target: Any, word: str) -> None:
    assert f"{word} 7.12" in opened(png_bytes(explained(recipe=Cover(target=target)))).text["Description"]


def test_the_metadata_holds_recipe_style_and_code() -> None:
    text = opened(png_bytes(explained(), Style(opacity=0.5))).text
    assert text["Recipe"] == repr(explained().recipe)
    assert "opacity=0.5" in text["Style"]
    assert "Cover(" in text["Code"]


def test_the_picture_is_the_top_of_the_sheet() -> None:
    made = np.asarray(opened(png_bytes(explained(), size=400)))
    drawn = picture(explained(), size=400)
    assert np.array_equal(made[: drawn.shape[0]], drawn)


def test_a_saved_picture_is_at_least_448_wide() -> None:
    assert opened(png_bytes(explained())).width == 448


def test_a_narrow_picture_gets_a_wider_sheet() -> None:
    tall = explained(image=Image(np.zeros((90, 10, 3), np.uint8)))
    made = opened(png_bytes(tall, size=90))
    assert made.width == 320
    assert made.getpixel((2, 2)) == STAGE


def test_nothing_of_a_long_name_is_clipped() -> None:
    long = explained(model="a_very_long_model_name_without_any_space_" * 8, notes=("word " * 120,))
    made = np.asarray(opened(png_bytes(long, size=64)))
    below = made[70:]
    assert (below[:, :10] == STAGE).all()
    assert (below[:, -10:] == STAGE).all()
    assert (below[-10:] == STAGE).all()


@pytest.mark.parametrize("text", ["one two three four five six seven", "x" * 200, "", "a " + "y" * 90 + " b"])
def test_wrapped_rows_fit_and_lose_nothing(text: str) -> None:
    rows = wrapped(text, 100, 12)
    assert all(font(12).getlength(row) <= 100 for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_a_long_title_makes_the_sheet_taller() -> None:
    long = explained(target="the class of all cats that sit on a mat " * 4)
    assert opened(png_bytes(long)).height > opened(png_bytes(explained())).height


def test_a_flat_map_says_so_in_its_caption() -> None:
    flat = dataclasses.replace(explained(), values=np.zeros((3, 3), np.float32))
    assert opened(png_bytes(flat)).height > opened(png_bytes(explained())).height


def test_an_unfinished_map_says_how_far_it_is() -> None:
    assert "Unfinished: 40%" in opened(png_bytes(explained(done=0.4))).text["Description"]


def test_a_collage_is_saved_too() -> None:
    maps = ActivationMaps(
        image=Image(np.zeros((8, 8, 3), np.uint8)),
        recipe=Cover(),
        values=np.random.default_rng(0).random((4, 4, 30)),
    )
    assert opened(png_bytes(maps, page=1)).format == "PNG"


def test_a_picture_is_written_to_a_path(tmp_path: Path) -> None:
    explained().save(tmp_path / "cat.png", Style(mode="outline"))
    assert opened((tmp_path / "cat.png").read_bytes()).format == "PNG"


@pytest.mark.parametrize("name", ["out.jpg", "out.pdf", "out", ".png"])
def test_a_name_that_promises_no_png_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    says = rf"save writes a PNG file: the name must end in \.png; got '.*{re.escape(name)}'\.$"
    with pytest.raises(SettingError, match=says):
        explained().save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_ending_in_capitals_is_a_png_too(tmp_path: Path) -> None:
    save_png(explained(), str(tmp_path / "CAT.PNG"))
    assert opened((tmp_path / "CAT.PNG").read_bytes()).format == "PNG"


def test_a_folder_that_is_not_there_is_named_with_what_makes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    says = (
        r"save cannot write 'pictures/x/cat\.png'\. The folder '.*', the current working directory, "
        r"holds no 'pictures'\. Make the folder first: import os; os\.makedirs\('pictures/x'\)$"
    )
    with pytest.raises(SettingError, match=says):
        explained().save("pictures/x/cat.png")
    assert list(tmp_path.iterdir()) == []


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    explained().save("~/cat.png")
    assert opened((tmp_path / "cat.png").read_bytes()).format == "PNG"


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a file")
    with pytest.raises(SettingError, match=r"'.*notes' is a file: give a folder"):
        save_png(explained(), tmp_path / "notes" / "cat.png")


def test_the_same_explanation_gives_the_same_bytes() -> None:
    assert png_bytes(explained()) == png_bytes(explained())


def test_at_the_end_of_a_cell_an_explanation_shows_what_show_does() -> None:
    data, about = explained()._repr_mimebundle_()
    assert (data, about) == explained().show()._repr_mimebundle_()


def test_in_a_console_an_explanation_is_one_line() -> None:
    assert repr(explained()) == "<Heatmap: Cover test for “tiger cat” in layer top_conv on chelsea>"


def test_of_an_unfinished_explanation_the_line_says_how_much_there_is() -> None:
    assert repr(dataclasses.replace(explained(), done=0.25)).endswith(", 25% of the work>")


def test_what_a_notebook_displays_has_a_picture_and_a_sentence() -> None:
    shown = explained().show()
    data, about = shown._repr_mimebundle_()
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert data["text/plain"].startswith("Cover test for “tiger cat” in layer top_conv")
    assert about["image/png"]["alt"] == repr(displayed(explained()))
