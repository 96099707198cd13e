"""Attention in the Explorer: a film of heads, and tokens that are asked by a click."""

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Explorer, Image, Probe
from tests import models
from tests.kinds.transformers import KINDS
from tests.widgets.explorer.common import Make, settled, shown


@pytest.fixture(scope="module")
def transformer() -> Probe:
    return Probe(KINDS[next(iter(KINDS))]())


@pytest.fixture
def attending(make: Make, transformer: Probe) -> Explorer:
    shape = transformer.input_shape
    pixels = np.random.default_rng(0).random(shape).astype(np.float32)
    return make(transformer, [Image(pixels, (0, 1))], method="Attention")


def view(explorer: Explorer) -> Any:
    return explorer.view.answers[0]


def test_it_opens_on_the_mean_of_the_heads_of_the_last_layer_with_a_frame_a_head(attending: Explorer) -> None:
    layers = attending.probe.attention_layers
    assert attending.error == ""
    assert len(view(attending).frames) == sum(layer.heads for layer in layers)
    assert (view(attending).kind.value, attending.explanation.layer) == ("Mean", layers[-1].name)
    assert attending.view.lever.children == (view(attending).film,)


def test_a_click_on_a_frame_shows_that_head(attending: Explorer) -> None:
    first = attending.probe.attention_layers[0]
    view(attending).frames[first.name, 1].click()
    found = settled(attending).explanation.recipe
    assert (found.layer, found.head, view(attending).kind.value) == (first.name, 1, "Heads")
    marked = [key for key, frame in view(attending).frames.items() if "cv-on" in frame._dom_classes]
    assert marked == [(first.name, 1)]


def test_a_click_on_the_picture_asks_the_token_there(attending: Explorer) -> None:
    rows, columns = attending.probe.attention_layers[0].query_tokens.grid
    before = shown(attending)
    attending.canvas.on_click("hero", 0.99, 0.01)
    asked = settled(attending).explanation.recipe.query
    assert asked == (0, columns - 1)
    assert view(attending).chip.description == f"token 0, {columns - 1}  ×"
    layer = attending.explanation.layer
    weights = attending.probe.attention(attending.explanation.image)[layer].mean(axis=0)
    tokens = attending.probe.attention_layers[-1].query_tokens
    np.testing.assert_allclose(
        attending.explanation.values, tokens.on_grid(weights[tokens.index(*asked)]), atol=1e-6
    )
    assert (shown(attending) != before).any()
    saved = PIL.Image.open(io.BytesIO(attending.snapshot()))
    assert "Frame: the token that is asked." in saved.text["Description"]
    cell = 960 // columns
    assert np.asarray(saved.convert("RGB"))[cell // 2, 960 - cell].min() > 240  # the frame's left side
    view(attending).chip.click()
    assert not isinstance(settled(attending).explanation.recipe.query, tuple)
    assert rows > 1


def test_who_attends_to_a_token_is_the_other_way(attending: Explorer) -> None:
    view(attending).way.value = "Attend to it"
    found = settled(attending).explanation.recipe
    assert (found.direction, attending.error) == ("attended by", "")
    assert "is read most by" in attending.status


def test_the_rollout_is_a_click_away_and_the_token_stays(attending: Explorer) -> None:
    attending.canvas.on_click("hero", 0.01, 0.01)
    settled(attending)
    view(attending).kind.value = "Rollout"
    found = settled(attending).explanation.recipe
    assert (found.label, found.query, attending.error) == ("Attention rollout", (0, 0), "")
    view(attending).kind.value = "Heads"
    assert (settled(attending).explanation.recipe.head, attending.method) == (0, "Attention")


def test_other_methods_keep_their_form_and_the_film_of_depth(attending: Explorer) -> None:
    attending.method = "Grad-CAM"
    settled(attending)
    assert attending.error == ""
    assert view(attending).film not in attending.view.lever.children
    assert view(attending).beside[0].layout.display == "none"


def test_methods_of_attention_are_offered_to_networks_that_have_it_alone(
    make: Make, attending: Explorer
) -> None:
    attending.method = "Feature maps"
    assert "Attention" in settled(attending).view.chooser.pills.options
    other = make(models.functional(), [models.picture()], method="Feature maps")
    offered = other.view.chooser.pills.options
    assert "Filters" in offered
    assert not {"Attention", "Attention rollout"} & set(offered)
