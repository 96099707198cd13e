"""The autoencoder of the question that began this, as its author wrote it, asked by every method."""

from typing import Any

import keras
import numpy as np
import pytest
from keras.layers import Conv2D, Input, MaxPooling2D, UpSampling2D

import cnnviz_widgets as cnnviz
from cnnviz_widgets import demo

IMG_W = IMG_H = 32
IMG_C = 1
CONV_0, CONV_1, CONV_2, CONV_3 = 8, 12, 16, 8


def asked_about() -> keras.Model:
    """Return the network of datascience.stackexchange.com/questions/33100, Keras 1 put into Keras 3.

    ``Convolution2D(n, 3, 3, border_mode="same")`` is ``Conv2D(n, (3, 3), padding="same")`` now, the model's
    ``input`` and ``output`` are in the plural, and Adadelta's rate was 1.
    """
    img = Input(shape=(IMG_W, IMG_H, IMG_C), name="input_img_")
    network = Conv2D(CONV_0, (3, 3), activation="elu", padding="same", name="conv_0_e")(img)
    network = MaxPooling2D((2, 2), padding="same")(network)
    network = Conv2D(CONV_1, (3, 3), activation="elu", padding="same", name="conv_1_e")(network)
    network = MaxPooling2D((2, 2), padding="same")(network)
    network = Conv2D(CONV_2, (3, 3), activation="elu", padding="same", name="conv_2_e")(network)
    network = MaxPooling2D((2, 2), padding="same")(network)
    network = Conv2D(CONV_3, (3, 3), activation="elu", padding="same", name="conv_3_e")(network)
    encoded = MaxPooling2D((2, 2), padding="same", name="encoded")(network)
    network = Conv2D(CONV_1, (3, 3), activation="elu", padding="same", name="conv_0_d")(encoded)
    network = UpSampling2D((2, 2))(network)
    network = Conv2D(CONV_1, (3, 3), activation="elu", padding="same", name="conv_1_d")(network)
    network = UpSampling2D((2, 2))(network)
    network = Conv2D(CONV_2, (3, 3), activation="elu", padding="same", name="conv_2_d")(network)
    network = UpSampling2D((2, 2))(network)
    network = Conv2D(IMG_C, (3, 3), activation="elu", padding="same", name="conv_decoded")(network)
    decoded = UpSampling2D((2, 2))(network)

    model_inputs = img
    model_outputs = decoded
    model = keras.Model(inputs=model_inputs, outputs=model_outputs)
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adadelta(1.0))
    return model


QUICK: dict[str, dict[str, Any]] = {
    "RISE": {"masks": 64},
    "Occlusion": {"patch": 8, "stride": 8},
    "SmoothGrad": {"samples": 4},
    "Integrated gradients": {"steps": 8},
    "Score-CAM": {"channels": 4},
}
WITHOUT_A_TARGET = ("Feature maps", "Filters", "Filter response")
ASKED = [label for label in cnnviz.methods() if label not in ("CAM", "Attention", "Attention rollout")]


def shown(index: int) -> cnnviz.Image:
    return demo.gallery().images[index].resized((IMG_W, IMG_H))


TARGETS: dict[str, Any] = {
    "the code's energy": cnnviz.LayerEnergy("encoded"),
    "a channel of the code": cnnviz.Unit("encoded", 1),
    "a unit of the code": cnnviz.Unit("encoded", 1, (0, 1)),
    "what is lost": cnnviz.ReconstructionError(),
    "likeness": cnnviz.Similarity(shown(19), "encoded"),
}


@pytest.fixture(scope="module", params=["untrained", "trained"])
def probe(request: pytest.FixtureRequest) -> cnnviz.Probe:
    keras.utils.set_random_seed(5)
    model = asked_about()
    if request.param == "trained":
        pictures = np.stack([image.resized((IMG_W, IMG_H)).pixels for image in demo.gallery().images])
        losses = model.fit(pictures, pictures, epochs=2, verbose=0).history["loss"]
        assert losses[-1] < losses[0]
    return cnnviz.Probe(model, value_range=(0, 1))


def test_its_natural_target_is_the_energy_of_its_code(probe: cnnviz.Probe) -> None:
    assert probe.natural_target(shown(9)) == cnnviz.LayerEnergy("encoded")


@pytest.mark.parametrize("label", ASKED)
@pytest.mark.parametrize("target", TARGETS)
def test_every_method_draws_a_map(label: str, target: str, probe: cnnviz.Probe) -> None:
    method = cnnviz.methods()[label](**QUICK.get(label, {}), target=TARGETS[target])
    found = method(probe, shown(9))
    assert np.isfinite(found.values).all()
    assert found.recipe.target == TARGETS[target]
    assert found.picture().shape[2] == 3


@pytest.mark.parametrize("label", [label for label in ASKED if label not in WITHOUT_A_TARGET])
def test_a_map_of_what_it_focuses_on_is_not_the_same_everywhere(label: str, probe: cnnviz.Probe) -> None:
    method = cnnviz.methods()[label](**QUICK.get(label, {}), target=cnnviz.LayerEnergy("encoded"))
    assert np.ptp(method(probe, shown(9)).values) > 0


def test_cam_says_that_there_are_no_classes(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.CnnvizError, match="Grad-CAM"):
        cnnviz.CAM()(probe, shown(9))
