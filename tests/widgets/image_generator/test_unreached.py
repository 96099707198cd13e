"""A class that the climb did not reach: the sentence names what the network sees in the picture."""

import keras
import numpy as np
import pytest

from cnnviz_widgets import ImageGenerator, Probe
from tests.models import functional
from tests.widgets.image_generator.common import FAST, SIDE, Make

SEES_CUP = "The network did not get to “dog”: it sees “cup” in it"


def stubborn(head: str = "softmax") -> keras.Model:
    """Return a network that says "cup" whatever it sees."""
    model = functional((SIDE, SIDE, 3), head)
    kernel, bias = model.get_layer("classes").get_weights()
    model.get_layer("classes").set_weights([kernel, bias + np.array([0, 0, 12], np.float32)])
    return model


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(stubborn(), labels=["cat", "dog", "cup"])


def test_a_class_that_was_not_reached_is_told_with_the_one_that_is_seen(generator: ImageGenerator) -> None:
    assert generator.status == f"{SEES_CUP} (100 %). Begin from a picture, or take another preset."


def test_the_name_of_the_picture_says_it_too(generator: ImageGenerator) -> None:
    assert "it sees <b>“cup”</b> in it" in generator.view._about.value


def test_from_a_picture_another_way_out_is_offered(make: Make) -> None:
    made = make(method=FAST.replace(begin="picture"))
    assert made.status == f"{SEES_CUP} (100 %). Take another preset, or begin with noise."


def test_of_a_class_that_the_network_sees_it_says_only_that_it_was_raised(make: Make) -> None:
    made = make(functional((SIDE, SIDE, 3)))
    assert made.presenter.beside.top[0][0] == 1
    assert made.status == "Made to raise class 1."


def test_of_a_picture_on_the_way_nothing_is_said_of_what_was_not_reached(generator: ImageGenerator) -> None:
    generator.frame = 0
    assert generator.wait(60)
    assert generator.status == "Made to raise “dog”."


def test_the_bars_of_another_picture_are_no_evidence(generator: ImageGenerator) -> None:
    earlier = generator.frames[0]
    assert generator.presenter.beside.rival(generator.explanation) is not None
    assert generator.presenter.beside.rival(earlier) is None


def test_a_dream_promises_no_class(make: Make) -> None:
    assert make(method="DeepDream").status == "Dreamt to raise “dog”."


def test_a_class_that_is_seen_beside_a_likelier_one_is_reached(make: Make) -> None:
    both = Probe(stubborn("sigmoid"), labels=["cat", "dog", "cup"])
    made = make(both)
    chances = {label: chance for _, label, chance in made.presenter.beside.top}
    assert 0.5 <= chances["dog"] < chances["cup"]
    assert made.status == "Made to raise “dog”."


def test_a_name_is_no_markup(make: Make) -> None:
    made = make(Probe(stubborn(), labels=["cat", "<dog>", "<cup>"]))
    assert "&lt;dog&gt;" in made.view.footer.text
    assert "<b>“&lt;cup&gt;”</b>" in made.view.footer.text
