"""What each place gives to a code: it adds up to the code, or it is refused."""

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import LayerError
from cnnviz_widgets.probe.code_decomposition import cells_of, way_to
from tests import models
from tests.embeddings import nets


@pytest.mark.parametrize("kind", nets.EXACT)
def test_the_places_add_up_to_the_code(kind: str) -> None:
    probe, image = cnnviz.Probe(nets.branch(*nets.EXACT[kind])), models.picture()
    found = cells_of(probe, image, "embedding")
    code = np.asarray(probe.model(image.pixels[None])).ravel()
    np.testing.assert_allclose(found.code, code, rtol=1e-5, atol=1e-6)
    made = found.values.ravel() if found.aligned else found.values.sum(axis=(0, 1))
    np.testing.assert_allclose(made, code, rtol=1e-4, atol=1e-5)
    assert found.values.shape[:2] == (4, 4)
    assert found.layer == "maps"


@pytest.mark.parametrize("kind", nets.INEXACT)
def test_a_code_that_is_no_sum_over_places_is_refused(kind: str) -> None:
    probe = cnnviz.Probe(nets.branch(*nets.INEXACT[kind]))
    with pytest.raises(LayerError, match=r"embedding.* is flat and has no exact decomposition"):
        way_to(probe, "embedding")


def test_the_refusal_names_the_layer_where_the_sum_ends_and_the_cure() -> None:
    relu = cnnviz.Probe(nets.branch(*nets.INEXACT["activation inside"]))
    said = r"embedding, which follows end_1 \(ReLU\), is flat.*Use Gradient or Cover"
    with pytest.raises(LayerError, match=said):
        way_to(relu, "embedding")


def test_maps_are_their_own_cells() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(channels=1)
    maps = probe.activations(image, "encoded")
    aligned, pooled = cells_of(probe, image, "encoded"), cells_of(probe, image, "encoded", pooled=True)
    np.testing.assert_array_equal(aligned.values, maps)
    assert aligned.aligned
    np.testing.assert_allclose(pooled.values.sum(axis=(0, 1)), maps.mean(axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(pooled.code, maps.mean(axis=(0, 1)), rtol=1e-6)
    assert not pooled.aligned


def test_a_maximum_is_given_by_the_place_that_has_it() -> None:
    probe, image = cnnviz.Probe(nets.branch(*nets.EXACT["maximum"])), models.picture()
    values = cells_of(probe, image, "embedding").values
    assert (np.count_nonzero(values.reshape(-1, 5), axis=0) <= 1).all()


def test_the_weights_in_use_are_those_of_now() -> None:
    probe, image = cnnviz.Probe(nets.branch(*nets.EXACT["mean, dense"])), models.picture()
    before = cells_of(probe, image, "embedding").values
    dense = probe.model.get_layer("embedding")
    dense.set_weights([2 * weight for weight in dense.get_weights()])
    np.testing.assert_allclose(cells_of(probe, image, "embedding").values, 2 * before, rtol=1e-5)


def test_a_layer_that_does_other_than_its_kind_says_is_found_out() -> None:
    probe = cnnviz.Probe(nets.branch(nets.Flatten, lambda: keras.layers.Dense(3)))
    with pytest.raises(LayerError, match="what its places give does not add up to its code"):
        cells_of(probe, models.picture(), "embedding")


@pytest.mark.parametrize("name", ["mixed_float16", "channels_first", "two inputs", "shared model"])
def test_models_of_all_kinds_are_taken_apart(name: str) -> None:
    probe = cnnviz.Probe(models.ZOO[name]())
    flat = next(layer.name for layer in probe.layers if len(layer.shape) == 1)
    found = cells_of(probe, models.picture(), flat)
    np.testing.assert_allclose(found.values.sum(axis=(0, 1)), found.code, rtol=2e-2, atol=1e-3)


def test_one_run_of_the_network_serves_code_and_places_and_the_next_question_none() -> None:
    probe, image = cnnviz.Probe(nets.branch(*nets.EXACT["mean, dense"])), models.picture()
    cells_of(probe, image, "embedding")
    calls = probe.calls
    cells_of(probe, image, "embedding")
    probe.code(image, "embedding")
    assert probe.calls == calls
