"""Which layer class maps are read from when none is named."""

import keras
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests.models import autoencoder, functional, picture


def flat_code() -> keras.Model:
    """Return an autoencoder of 8 x 8 pictures whose code has no places."""
    image = keras.Input((8, 8, 3))
    seen = layers.Conv2D(4, 3, padding="same", activation="relu", name="seen")(image)
    code = layers.Dense(5, name="code")(layers.Flatten()(seen))
    x = layers.Reshape((8, 8, 1))(layers.Dense(64, activation="relu")(code))
    return keras.Model(image, layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="made")(x))


def test_of_a_classifier_it_is_the_last_with_maps() -> None:
    probe = cnnviz.Probe(functional())
    assert probe.last_spatial() == probe.spatial_layers[-1].name


def test_of_an_autoencoder_it_is_the_code() -> None:
    assert cnnviz.Probe(autoencoder()).last_spatial() == "encoded"


def test_where_the_code_has_no_places_it_is_the_last_before_it() -> None:
    assert cnnviz.Probe(flat_code()).last_spatial() == "seen"


@pytest.mark.parametrize("method", [cnnviz.GradCAM, cnnviz.LayerCAM])
def test_a_flat_code_is_explained_from_there(method: type[cnnviz.Method]) -> None:
    found = method()(flat_code(), picture())
    assert found.layer == "seen"
    assert not any("comes after" in note for note in found.notes)
