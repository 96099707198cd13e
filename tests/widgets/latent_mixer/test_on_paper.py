"""The mixture on paper: the walk as a GIF, the picture as a PNG, and the code."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Image, LatentMixer, Probe
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.widgets.latent_mixer.exporting import ALSO, GIF_SIDE, STRIP
from cnnviz_widgets.widgets.latent_mixer.text import also
from tests.models import SIDE, picture
from tests.widgets.latent_mixer.common import Make, averaging, grey, pictures, settled


def test_the_walk_goes_there_and_back_as_a_gif(mixer: LatentMixer, tmp_path: Path) -> None:
    mixer.save_gif(tmp_path / "walk.gif", steps=5)
    with PIL.Image.open(tmp_path / "walk.gif") as moving:
        assert (moving.n_frames, moving.info["loop"]) == (8, 0)  # type: ignore[attr-defined]
        levels = []
        for k in range(8):
            moving.seek(k)
            levels.append(np.asarray(moving.convert("L"))[50:150, 50:150].mean() / 255)
    assert levels == pytest.approx([0.2, 0.35, 0.5, 0.65, 0.8, 0.65, 0.5, 0.35], abs=0.02)


def test_the_button_has_the_page_save_the_gif(mixer: LatentMixer, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[tuple[Any, ...]] = []
    mixer.view.helper.loaded = True
    monkeypatch.setattr(mixer.view.helper, "download", lambda *given: saved.append(given))
    mixer.deliver_gif()
    settled(mixer)
    assert [(name, content[:3], kind) for name, content, kind in saved] == [
        ("dark-to-light-encoded.gif", b"GIF", "image/gif")
    ]


@pytest.mark.parametrize("steps", [1, 1000, 2.5, True])
def test_a_gif_has_from_2_to_200_steps(mixer: LatentMixer, steps: Any) -> None:
    with pytest.raises(SettingError, match="steps must be a whole number from 2 to 200"):
        mixer.gif(steps)


def test_a_gif_is_saved_under_its_own_ending(mixer: LatentMixer) -> None:
    with pytest.raises(SettingError, match=r"must end in \.gif; got 'walk\.png'"):
        mixer.save_gif("walk.png")


def test_a_gif_needs_a_folder_that_is_there(mixer: LatentMixer, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"save_gif cannot write .* Make the folder first"):
        mixer.save_gif(tmp_path / "nowhere" / "walk.gif")


def test_the_png_says_what_was_mixed(mixer: LatentMixer) -> None:
    mixer.edit(1, scale=0, add=0.5)
    mixer.added = {2: -1}
    with PIL.Image.open(io.BytesIO(settled(mixer).snapshot())) as page:
        title, text = page.info["Title"], page.info["Description"]
    assert title == '50 % of the way from A "dark" to B "light" − 1 × "middle"'
    assert "Decoded from the code of layer encoded, 4 × 4 × 2" in text
    assert "Changes of the code: channel 1 times 0 plus 0.5" in text
    assert "decoded from their own codes: A 0 · B 0" in text


def test_a_picture_that_is_saved_at_once_is_waited_for(probe: Probe, tmp_path: Path) -> None:
    mixer = LatentMixer(probe, pictures(), renderer="image", size="L")
    mixer.save(tmp_path / "mixture.png")
    mixer.close()
    assert (tmp_path / "mixture.png").stat().st_size > 1000


def test_the_walk_tells_what_is_added_and_changed_all_the_way(mixer: LatentMixer) -> None:
    mixer.added = {2: -1}
    mixer.edit(1, scale=0)
    assert also(mixer.mixture) == '− 1 × "middle" · channel 1 set to 0'
    with PIL.Image.open(io.BytesIO(settled(mixer).gif(2))) as moving:
        assert moving.height == GIF_SIDE + STRIP + ALSO


def test_the_code_decodes_the_same_picture(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in (1, 2, 3)]
    mixer = make(averaging(loud=2), images, mix=0.3, added={2: -0.5})
    mixer.edit(1, scale=0.5, add=-0.1)
    mixer.edit(0, scale=0, cell=(1, 2))
    given = {"model": mixer.probe.model, "images": images}
    exec(settled(mixer).code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-5)  # type: ignore[attr-defined]


def test_the_code_takes_its_pictures_from_the_list_that_was_given(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in range(5)]
    mixer = make(None, images, a=4, b=2, mix=0.3984375, added={3: 1})
    given = {"model": mixer.probe.model, "images": images}
    assert "(images[4], images[2], images[3])" in mixer.code()
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_takes_arrays_of_the_list_as_they_were_given(make: Make) -> None:
    images = list(np.random.default_rng(0).random((3, SIDE, SIDE, 1), np.float32))
    mixer = make(None, images, a=2, b=0)
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_brings_pictures_to_the_size_of_a_where_the_network_takes_any(make: Make) -> None:
    images = [picture(channels=1, seed=1), Image(np.random.default_rng(2).random((12, 20, 1)), (0, 1))]
    mixer = make(averaging(None), images)
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_names_a_picture_that_was_added_later(mixer: LatentMixer) -> None:
    mixer.add_images([grey(0.9, "mine")], look=False)
    mixer.b = 4
    lines = settled(mixer).code()
    assert 'added_1: the picture "mine"' in lines
    assert "(images[0], added_1)" in lines


def test_the_code_brings_an_output_back_to_the_range_of_the_pictures(make: Make) -> None:
    images = [picture(channels=1, seed=seed, high=255.0) for seed in (1, 2)]
    mixer = make(averaging(), images, output_range=(0, 510))
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-3)  # type: ignore[attr-defined]


def test_a_saved_notebook_shows_the_picture(mixer: LatentMixer) -> None:
    assert mixer._repr_mimebundle_()["image/png"]
    assert repr(mixer) == "LatentMixer(averaging): 50 % of the way from “dark” to “light”."


def test_the_mouse_reads_the_decoded_number(mixer: LatentMixer) -> None:
    mixer.presenter._hovered("hero", 0.5, 0.1)
    assert "pixel 0, 4: 0.5" in mixer.view.footer._right.value
    mixer.presenter._hovered("map", 0.5, 0.1)
    assert "pixel 0, 4: 0.3" in mixer.view.footer._right.value
