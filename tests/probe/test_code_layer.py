"""Which layer holds the code when nobody says so."""

from typing import Any

import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import LayerError
from cnnviz_widgets.probe.code_decomposition import about_layer, code_layer
from tests import models
from tests.embeddings import nets


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (models.autoencoder, "encoded"),
        (models.functional, "mean"),
        (models.base, "mean"),
        (models.base_and_softmax, "base/mean"),
        (models.no_convolution, "hidden"),
        (models.single_logit, "mean"),
        (models.ops_softmax, "mean"),
        (lambda: nets.branch(layers.GlobalAveragePooling2D, lambda: layers.Dense(6)), "embedding"),
        (lambda: nets.branch(layers.Flatten, layers.UnitNormalization), "embedding"),
        (nets.siamese, "branch/embedding"),
    ],
)
def test_the_code_is_where_one_would_look_for_it(make: Any, layer: str) -> None:
    assert code_layer(cnnviz.Probe(make())) == layer


def test_a_closed_model_has_none_and_says_why() -> None:
    with pytest.raises(LayerError, match=r"no layer that holds a code: .* is written as a class"):
        code_layer(cnnviz.Probe(models.closed()))


def test_a_layer_that_is_not_the_bottleneck_is_allowed_and_named() -> None:
    probe = cnnviz.Probe(models.autoencoder())
    said = (
        "wide of 128 numbers is not the bottleneck, which is encoded: "
        "pictures that are alike in one may differ in the other."
    )
    assert about_layer(probe, "wide", pooled=False) == (said,)
    assert about_layer(probe, "encoded", pooled=False) == ()


def test_a_layer_with_more_numbers_than_the_picture_is_no_bottleneck() -> None:
    probe = cnnviz.Probe(models.functional())
    assert about_layer(probe, "conv_1", pooled=False) == (
        "conv_1 is no bottleneck: it has 256 numbers, the picture 192. Likeness there is nearly that of the pixels.",
    )
    assert about_layer(probe, "conv_1", pooled=True) == ()
    assert about_layer(probe, "mean", pooled=False) == ()
