"""What leaves the notebook, what opens an image generator, and how it ends."""

import io
from pathlib import Path

import PIL.Image
import pytest
import traitlets
from ipywidgets.widgets import widget as registry

from cnnviz_widgets import (
    ActivationMaximization,
    ClassScore,
    Explorer,
    FeatureMapBrowser,
    ImageGenerator,
    Probe,
    Unit,
)
from tests.models import picture
from tests.widgets.image_generator.common import PATIENCE, SIDE, Make, settled

# what leaves the notebook


def test_the_film_is_saved_with_all_its_frames(generator: ImageGenerator, tmp_path: Path) -> None:
    generator.save_film(tmp_path / "film.gif")
    with PIL.Image.open(tmp_path / "film.gif") as saved:
        assert saved.n_frames == 3


def test_without_a_browser_the_film_is_written_beside_the_notebook(
    generator: ImageGenerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    generator.view.transport.kind.value = "webp"
    generator.view.transport.save.click()
    settled(generator)
    assert [path.name for path in tmp_path.iterdir()] == ["dog-activation-maximisation.webp"]


def test_the_picture_is_saved_with_its_caption(generator: ImageGenerator) -> None:
    with PIL.Image.open(io.BytesIO(generator.snapshot())) as saved:
        assert "ActivationMaximization" in saved.text["Recipe"]


def test_the_picture_keeps_its_name_while_a_file_is_saved(
    generator: ImageGenerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    generator.view._save()
    assert "Saved as" in generator.view.footer.told
    assert "Made to raise <b>“dog”</b>. 24 of 24 steps" in generator.view._about.value


def test_linked_generators_follow_each_other(make: Make) -> None:
    one, other = make(), make()
    traitlets.link((one, "frame"), (other, "frame"))
    one.frame = 1
    assert other.explanation is other.frames[1]


def test_a_generator_that_is_ahead_does_not_stop_one_that_is_linked(make: Make) -> None:
    one, other = make(), make(method=ActivationMaximization(preset="fast", steps=8))
    traitlets.link((one, "frame"), (other, "frame"))
    one.ask()
    settled(one)
    assert (one.error, one.frame, other.frame) == ("", 2, 0)


def test_closing_frees_all_widgets_and_the_film(make: Make) -> None:
    before = set(registry._instances)
    generator = make()
    generator.play()
    generator.close()
    assert set(registry._instances) - before == set()
    assert (len(generator.presenter.reel), generator.presenter.playing) == (0, False)


def test_one_of_the_same_name_takes_the_place_of_the_one_before(make: Make) -> None:
    first = make(name="here")
    second = make(name="here")
    assert (first.closed, second.closed) == (True, False)


def test_another_method_frees_the_controls_of_the_one_before(make: Make) -> None:
    generator = make()
    generator.method = "Activation matching"
    settled(generator)
    counts = set()
    for method in ("Activation maximisation", "Activation matching") * 2:
        generator.method = method
        generator.cancel()
        counts.add((method, len(registry._instances)))
    assert len(counts) == 2


# opened from other widgets


def test_a_feature_map_browser_opens_it_on_the_chosen_channel(probe: Probe) -> None:
    browser = FeatureMapBrowser(probe, picture(SIDE, SIDE), layer="conv_2", channel=2, renderer="image")
    assert browser.wait(PATIENCE)
    generator = browser.dream_channel()
    assert generator.target == Unit("conv_2", 2)
    assert browser.children[-1].children[-1] is generator
    browser.close()
    assert generator.closed


def test_an_explorer_opens_it_on_what_it_explains(probe: Probe) -> None:
    before = set(registry._instances)
    explorer = Explorer(probe, [picture(SIDE, SIDE), picture(SIDE, SIDE, seed=4)], target=2, renderer="image")
    assert explorer.wait(PATIENCE)
    generator = explorer.dream()
    assert (generator.target, generator.images[0].name) == (ClassScore(2), "random 0")
    explorer.view.dreams.close()
    assert explorer.view.dreams.widget.children == ()
    explorer.close()
    assert set(registry._instances) - before == set()
