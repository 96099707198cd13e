"""What goes wrong in the image generator: told in words, and the picture stays."""

import keras
import pytest
from keras import layers

from cnnviz_widgets import GeneratedImage, ImageGenerator, Probe, Unit
from cnnviz_widgets.errors import LayerError, SettingError, TargetError
from cnnviz_widgets.widgets.image_generator import text as words
from tests.models import picture
from tests.widgets.image_generator.common import FAST, SIDE, Make, at_frame, settled, steps


def test_a_unit_that_answers_the_same_to_everything_is_told(make: Make) -> None:
    image = keras.Input((SIDE, SIDE, 3))
    dead = layers.Conv2D(
        2, 3, activation="relu", name="dead", bias_initializer=keras.initializers.Constant(-1e4)
    )
    keras.utils.set_random_seed(1)
    model = keras.Model(image, layers.GlobalAveragePooling2D()(dead(image)))
    generator = make(model, target=Unit("dead", 0))
    assert generator.status.startswith("The score did not move: it is 0 at every step")
    assert "The unit may be dead" in generator.view.read.value


def test_a_climb_that_stopped_says_at_which_step(generator: ImageGenerator) -> None:
    note = "Stopped at step 3: the score is no longer a finite number. Lower the rate."
    made = GeneratedImage(image=picture(), recipe=FAST, notes=(note,))
    assert words.shown(made) == "<b>Stopped at step 3: the score is no longer a finite number.</b>"


def test_a_method_that_needs_a_photograph_says_so_and_the_picture_stays(make: Make) -> None:
    generator = make(images=None)
    before = generator.explanation
    generator.method = "Activation matching"
    assert generator.error.startswith("Activation matching needs a picture: open one above")
    assert generator.explanation is before


def test_a_dream_without_a_photograph_says_so(make: Make) -> None:
    generator = make(images=None)
    generator.dream()
    assert generator.error == "There is no picture to dream on: open one above."


def test_an_octave_that_is_too_small_is_told_and_the_picture_stays(generator: ImageGenerator) -> None:
    generator.method = "DeepDream"
    before = settled(generator).explanation
    generator.change_setting("octaves", 4)
    settled(generator)
    assert "the smallest of 4 octaves would be" in generator.error
    assert generator.explanation is before


@pytest.mark.parametrize("text", ["nowhere:3", "c", "elephant"])
def test_a_search_for_nothing_leaves_a_climb_alone(generator: ImageGenerator, text: str) -> None:
    heard: list[tuple[str, bool]] = []

    def search() -> None:
        generator.view.picker.verdict.search.value = text
        heard.append((generator.error, "cv-stale" in generator._dom_classes))

    at_frame(generator, 1, search)
    assert steps(generator) == [8, 16, 24]
    assert heard[0][0].count(text.partition(":")[0])
    assert not heard[0][1]
    assert (generator.error, generator.status) == ("", "Made to raise “dog”.")


def test_what_was_searched_in_vain_goes_with_the_next_target(generator: ImageGenerator) -> None:
    search = generator.view.picker.verdict.search
    search.value = "elephant"
    assert search.value == "elephant"
    generator.target = 0
    assert search.value == ""


def test_a_search_for_nothing_leaves_a_picture_bright(generator: ImageGenerator) -> None:
    generator.view.picker.verdict.search.value = "elephant"
    assert "elephant" in generator.error
    assert "elephant" in generator.status
    assert "cv-stale" not in generator._dom_classes
    generator.frame = 0
    assert (generator.error, generator.status) == ("", "Made to raise “dog”.")


def test_a_broken_upload_leaves_a_climb_alone(generator: ImageGenerator) -> None:
    heard: list[str] = []

    def upload() -> None:
        generator.view._uploaded([], ["mine.jpg: this is no picture."])
        heard.append(generator.error)

    at_frame(generator, 1, upload)
    assert heard == ["mine.jpg: this is no picture."]
    assert steps(generator) == [8, 16, 24]


def test_a_setting_that_is_refused_stays_as_it_was(generator: ImageGenerator) -> None:
    generator.change_setting("rate", -1)
    assert generator.error.startswith("ActivationMaximization.rate must be")
    assert generator.view.form.controls["rate"].value == FAST.fitted(picture(SIDE, SIDE)).rate
    assert generator.session.state == "idle"


def test_what_cannot_be_made_is_refused(probe: Probe) -> None:
    with pytest.raises(TargetError, match="9"):
        ImageGenerator(probe, target=9, renderer="image")
    with pytest.raises(SettingError, match="method must be one that makes pictures"):
        ImageGenerator(probe, method="Grad-CAM", renderer="image")
    with pytest.raises(LayerError, match="nowhere"):
        ImageGenerator(probe, layer="nowhere", renderer="image")


def test_a_frame_below_zero_is_refused_and_one_beyond_the_last_is_the_last(generator: ImageGenerator) -> None:
    with pytest.raises(SettingError, match="frame must be a whole number, at least 0; got -1"):
        generator.frame = -1
    generator.frame = 0
    generator.frame = 7
    assert generator.frame == 2
