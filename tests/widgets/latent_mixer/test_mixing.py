"""What the latent mixer mixes: two ends, further pictures, and the slider between."""

import numpy as np
import pytest
import traitlets

from cnnviz_widgets import LatentMixer
from tests.models import picture
from tests.widgets.latent_mixer.common import Make, grey, level, settled


def test_it_opens_half_way_between_the_first_two_pictures(mixer: LatentMixer) -> None:
    assert (mixer.a, mixer.b, mixer.mix, mixer.layer, mixer.error) == (0, 1, 0.5, "encoded", "")
    assert level(mixer) == pytest.approx(0.5)


@pytest.mark.parametrize(("mix", "expected"), [(0, 0.2), (0.25, 0.35), (1, 0.8)])
def test_the_slider_mixes_the_codes(mixer: LatentMixer, mix: float, expected: float) -> None:
    mixer.view.walk.slider.value = mix
    assert level(mixer) == pytest.approx(expected)
    assert mixer.mix == mix


def test_the_pixels_mixed_are_shown_beside(make: Make) -> None:
    images = [picture(channels=1, seed=1), picture(channels=1, seed=2)]
    mixer = make(images=images, mix=0.25)
    assert np.allclose(mixer.mixed.pixels.pixels, 0.75 * images[0].pixels + 0.25 * images[1].pixels)


def test_the_sentence_says_what_is_mixed(mixer: LatentMixer) -> None:
    assert mixer.status == "50 % of the way from “dark” to “light”."
    mixer.mix = 0.0
    assert settled(mixer).status == "“dark”, decoded from its code."
    mixer.mix = 1.0
    assert settled(mixer).status == "“light”, decoded from its code."


def test_further_pictures_are_added_and_taken_away(mixer: LatentMixer) -> None:
    mixer.added = {2: 1.0, 3: -0.5}
    assert level(mixer) == pytest.approx(0.5 + 0.5 - 0.05)
    assert mixer.status.endswith("plus 1 × “middle”, minus 0.5 × “black”.")


def test_every_added_picture_has_a_slider_that_weighs_it(mixer: LatentMixer) -> None:
    mixer.take(3, "added")
    assert dict(mixer.added) == {3: 1.0}
    mixer.view.ends._sliders[3].value = -1.0
    assert level(mixer) == pytest.approx(0.5 - 0.1)
    mixer.take(3, "added")
    assert (dict(mixer.added), mixer.view.ends._rows.children) == ({}, ())


def test_a_click_on_a_picture_sets_the_end_that_is_chosen(mixer: LatentMixer) -> None:
    mixer.view.strip.thumbs[2].click()
    mixer.view.ends.slot.value = "b"
    mixer.view.strip.thumbs[3].click()
    assert (mixer.a, mixer.b) == (2, 3)
    assert level(mixer) == pytest.approx(0.3)


def test_a_single_picture_can_be_changed_without_a_walk(make: Make) -> None:
    mixer = make(images=[grey(0.4, "alone")])
    assert level(mixer) == pytest.approx(0.4)
    assert mixer.status == "“alone”, decoded from its code."


def test_an_opened_picture_takes_the_chosen_place(mixer: LatentMixer) -> None:
    mixer.add_images([grey(0.6, "mine")])
    assert (mixer.a, len(mixer.images)) == (4, 5)
    assert level(mixer) == pytest.approx(0.7)


def test_both_ends_stand_beside_what_their_codes_give_back_with_the_error(make: Make) -> None:
    image = picture(channels=1, seed=3)
    mixer = make(images=[image, grey(0.5, "flat")])
    means = image.pixels.reshape(4, 2, 4, 2).mean(axis=(1, 3))
    expected = ((np.kron(means, np.ones((2, 2))) - image.pixels[..., 0]) ** 2).mean()
    assert [end.error for end in mixer.presenter.ends] == pytest.approx([expected, 0.0], abs=1e-6)
    cards = mixer.view.ends._cards.value
    assert (cards.count("<img"), cards.count("rebuilt, error"), "error 0<" in cards) == (4, 2, True)


def test_two_mixers_can_be_linked(make: Make) -> None:
    first, second = make(), make()
    link = traitlets.link((first, "mix"), (second, "mix"))
    first.mix = 0.75
    assert level(second) == pytest.approx(0.65)
    link.unlink()
