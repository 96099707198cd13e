"""The occlusion explorer on an autoencoder: code distance, error, and what is rebuilt."""

import re

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Image, OcclusionExplorer, Probe
from cnnviz_widgets.occlusion import covered_picture
from cnnviz_widgets.widgets.occlusion import patch_answer
from tests.models import ZOO, autoencoder, picture
from tests.widgets.occlusion.common import Make, lit, moved, settled, tile


def test_an_autoencoder_tells_code_distance_and_error(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    assert re.match(r"Covered here: the code moves by [\d.]+, error [\d.]+ → [\d.]+\.", explorer.status)
    assert [name for _, name in explorer.view.map.options] == [
        "fall", "activity", "code distance", "reconstruction error", "code or error",
    ]  # fmt: skip
    assert [word for word, _ in explorer.view.map.options] == ["Fall", "Activity", "Code", "Error", "Both"]
    assert (explorer.map, explorer.explanation.unit) == ("code distance", "distance")


def test_what_is_rebuilt_from_the_covered_picture_stands_below_the_map(make: Make) -> None:
    model, image = autoencoder(), picture(channels=1)
    explorer = moved(make(model, [image], patch=4), 0, 0)
    covered = covered_picture(image, explorer.presenter.ready, (0, 0))
    expected = np.asarray(model(covered[None]))[0, ..., 0]
    shown = np.asarray(PIL.Image.fromarray(tile(explorer, "map")).resize(expected.shape[::-1]))[..., 0] / 255
    assert np.corrcoef(expected.ravel(), shown.ravel())[0, 1] > 0.95
    assert explorer.canvas._scene.tags[1] == "rebuilt from the covered one"  # type: ignore[attr-defined]


def test_what_is_rebuilt_follows_the_patch_and_is_kept(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)], patch=4)
    first = tile(moved(explorer, 0, 0), "map")
    assert (tile(moved(explorer, 4, 4), "map") != first).any()
    before = explorer.probe.calls
    assert (tile(moved(explorer, 0, 0), "map") == first).all()
    assert explorer.probe.calls == before


def test_what_is_rebuilt_stands_in_the_side_where_there_are_no_tiles(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)], size="S")
    assert 'alt="rebuilt from the covered one"' in explorer.view.legend.value


def test_what_is_rebuilt_of_a_prepared_picture_is_shown_in_the_range_it_was_given_in(make: Make) -> None:
    model, image = autoencoder(), Image(picture(channels=1).pixels * 255, (0, 255))
    prepared = Probe(model, preprocess=lambda pixels: pixels / 255, value_range=(0, 255))
    plain, shown = (
        tile(make(*given, fill="black"), "map")
        for given in ((model, [picture(channels=1)]), (prepared, [image]))
    )
    assert np.abs(plain.astype(int) - shown).max() <= 1


def test_the_pins_of_an_autoencoder_tell_distance_and_error(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    explorer.pin()
    assert re.match(
        r"1: the code moves by [\d.]+, error [\d.]+ → [\d.]+",
        settled(explorer).view._pins.children[0].description,
    )


def test_the_pins_of_the_picture_before_are_cleared_at_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = make(pins=((0, 0), (4, 4)))
    monkeypatch.setattr(patch_answer.hand, "submit", lambda *_: None)
    explorer.images[1] = Image(-lit().pixels, (-1, 1.2), "unlit")
    explorer.image = 1
    assert [pin.description for pin in explorer.view._pins.children] == ["1: …  ×", "2: …  ×"]


def test_no_word_is_pressed_for_a_filling_from_a_picture_and_grey_can_be_chosen(make: Make) -> None:
    explorer = make(fill=Image(-lit().pixels, (-1, 1.2), "unlit"))
    control = explorer.view._settings["fill"]
    assert control.value is None
    control.value = "grey"
    assert settled(explorer).fill == "grey"


def test_a_colour_set_later_presses_no_word(explorer: OcclusionExplorer) -> None:
    explorer.fill = "#808080"
    assert (settled(explorer).view._settings["fill"].value, explorer.error) == (None, "")


@pytest.mark.parametrize("name", ["one sigmoid", "one score", "maps as output", "subclassed", "greyscale"])
def test_networks_of_all_kinds_are_served(make: Make, name: str) -> None:
    model = ZOO[name]()
    explorer = make(model, [picture(channels=Probe(model).input_shape[-1] or 3)])
    assert (explorer.error, explorer.status[:13]) == ("", "Covered here:")
