"""What the Explorer shows: the map, its layer and its film; names of others are text."""

import threading
import time
from typing import Any

import numpy as np
import pytest
import traitlets

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Explorer, Heatmap, Image, LayerEnergy, Probe, Style
from cnnviz_widgets.jobs import worker
from tests.models import functional, picture
from tests.widgets.explorer.common import PATIENCE, Make, label, settled, shown
from tests.widgets.page import HOSTILE
from tests.widgets.tree import markups

# what it shows


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_it_opens_on_the_first_picture_with_the_top_class_in_words(make: Make, renderer: str) -> None:
    explorer = make(renderer=renderer)
    top = explorer.probe.top(explorer.images[0], 1)[0][1]
    assert explorer.status == f"Warm places speak for “{top}” in layer conv_2."
    assert (explorer.image, explorer.method, explorer.layer, explorer.target) == (
        0,
        "Grad-CAM",
        "conv_2",
        None,
    )
    assert (explorer.progress, explorer.error) == (1.0, "")
    assert isinstance(explorer.explanation, Heatmap)


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
@pytest.mark.parametrize(
    "change",
    [{"layer": "conv_1"}, {"method": "Saliency"}, {"image": 1}, {"target": 2}, {"style": Style(opacity=0.2)}],
    ids=str,
)
def test_every_trait_changes_the_picture(make: Make, renderer: str, change: dict[str, Any]) -> None:
    explorer = make(renderer=renderer, target=0)
    before = shown(explorer)
    ((name, value),) = change.items()
    setattr(explorer, name, value)
    settled(explorer)
    assert explorer.error == ""
    assert (shown(explorer) != before).any()


def test_what_is_given_at_the_start_is_what_is_shown(make: Make) -> None:
    style = Style(mode="map")
    explorer = make(method=cnnviz.Saliency(reduction="l2"), target=ClassScore(1), style=style)
    assert explorer.explanation.recipe == cnnviz.Saliency(reduction="l2", target=ClassScore(1))
    assert explorer.style == style


def test_a_layer_given_at_the_start_stays_through_the_methods_that_have_one(make: Make) -> None:
    explorer = make(layer="conv_1")
    for name in ("Saliency", "Feature maps", "Grad-CAM"):
        explorer.method = name
        settled(explorer)
    assert (explorer.explanation.layer, explorer.layer) == ("conv_1", "conv_1")


def test_an_empty_layer_is_the_methods_own_choice(make: Make) -> None:
    explorer = make(layer="conv_1")
    explorer.layer = ""
    settled(explorer)
    assert (explorer.explanation.layer, explorer.layer) == ("conv_2", "conv_2")


def test_a_layer_picked_while_an_older_answer_is_marked_is_the_one_that_is_asked_for(make: Make) -> None:
    explorer = make(layer="conv_1")
    settled(explorer)
    with explorer.lock:  # as the worker holds it while it marks an answer on the controls
        cell = threading.Thread(target=setattr, args=(explorer, "layer", "relu_1"))
        cell.start()
        while explorer.layer != "relu_1":
            cell.join(0.01)
        with explorer.quietly():
            explorer.layer = "conv_1"
    cell.join()
    assert (settled(explorer).layer, explorer.explanation.layer) == ("relu_1", "relu_1")


def test_traits_can_be_observed(explorer: Explorer) -> None:
    seen: list[str] = []
    explorer.observe(lambda change: seen.append(change["name"]), ["method", "explanation", "status", "style"])
    explorer.method = "Saliency"
    settled(explorer)
    explorer.style = Style(opacity=0.1)
    assert set(seen) == {"method", "explanation", "status", "style"}


@pytest.mark.parametrize("name", ["explanation", "progress", "status", "error"])
def test_what_it_tells_cannot_be_set(explorer: Explorer, name: str) -> None:
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(explorer, name, None)


def test_a_class_is_let_go_with_its_picture_and_a_layers_energy_is_not(make: Make) -> None:
    explorer = make(target=1)
    explorer.image = 1
    assert explorer.target is None
    explorer.target = LayerEnergy("conv_1")
    explorer.image = 0
    settled(explorer)
    assert explorer.target == LayerEnergy("conv_1")


def test_a_restyle_asks_the_network_nothing(explorer: Explorer) -> None:
    calls, before = explorer.probe.calls, explorer.explanation
    for opacity in (0.1, 0.2, 0.3):
        explorer.style = Style(opacity=opacity)
    settled(explorer)
    assert explorer.probe.calls == calls
    assert explorer.explanation is before


def test_walking_through_the_layers_asks_the_network_nothing(explorer: Explorer) -> None:
    calls = explorer.probe.calls
    for layer in ("conv_1", "relu_1", "pool_1", "conv_2"):
        explorer.layer = layer
        settled(explorer)
        assert explorer.explanation.layer == layer
    assert explorer.probe.calls == calls


def test_one_scale_for_all_layers_changes_the_picture_of_a_weak_one_and_goes_back(explorer: Explorer) -> None:
    peaks = {layer.name: 0.0 for layer in explorer.probe.spatial_layers}
    for layer in peaks:
        explorer.layer = layer
        peaks[layer] = float(settled(explorer).explanation.values.max())
    explorer.layer = min(peaks, key=lambda name: peaks[name])
    settled(explorer)
    before = shown(explorer)
    explorer.view.style.same.value = True
    assert (shown(explorer) != before).any()
    explorer.view.style.same.value = False
    np.testing.assert_array_equal(shown(explorer), before)


def test_a_film_of_the_method_lies_behind_the_frames(explorer: Explorer) -> None:
    assert explorer.view.depth._style.value.count("url(data:image/jpeg") == len(explorer.view.depth.frames)


def test_the_film_takes_the_colours_of_the_picture(explorer: Explorer) -> None:
    before = explorer.view.depth._style.value
    explorer.style = explorer.style.replace(colormap="green")
    assert worker.wait(explorer.presenter.film, PATIENCE)
    assert explorer.view.depth._style.value != before


def test_what_a_method_took_before_is_what_it_is_predicted_to_take(make: Make, probe: Probe) -> None:
    explorer = make(Probe(probe.model), method="Occlusion")
    assert "pictures, about" in explorer.view.cost.value


# markup in names


def test_names_of_others_are_text_and_not_markup_wherever_they_are_shown(make: Make) -> None:
    model = functional()
    model.get_layer("conv_2").name = HOSTILE.replace("/", "")
    explorer = make(model, [Image(picture().pixels, (0, 1), HOSTILE)], labels=[HOSTILE] * 3)
    explorer.view._toggle_code()
    for name in ("Feature maps", "Grad-CAM", "Occlusion"):
        explorer.method = name
        settled(explorer)
        for markup in markups(explorer):
            assert "<img" not in markup


def test_while_an_answer_is_awaited_the_sentence_names_what_was_chosen_last(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, explain = threading.Event(), threading.Event(), cnnviz.Saliency.explain

    def held(method: Any, probe: Any, image: Any) -> Any:
        begun.set()
        assert go_on.wait(PATIENCE)
        return explain(method, probe, image)

    monkeypatch.setattr(cnnviz.Saliency, "explain", held)
    try:
        explorer.method = "Saliency"
        assert begun.wait(PATIENCE)
        explorer.method = "RISE"
        until = time.monotonic() + PATIENCE
        while not explorer.status.startswith("RISE is on") and time.monotonic() < until:
            time.sleep(0.02)
        assert explorer.status.startswith("RISE is on its way.")
    finally:
        go_on.set()
    assert label(settled(explorer)) == "RISE"
