"""Occlusion of every family of `keras.applications`: the map of whole pictures, said to be flat or not, no error."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.occlusion.grid import coverage_mean
from cnnviz_widgets.probe.patching import network
from cnnviz_widgets.probe.patching.cost import Rates

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]
CLOSE, FLAT = 1e-5, 1e-4  # of the map's own range; of the score
ROUNDING = (
    2e-3  # of the range of a few answers: networks with random weights let rounding grow, faults are larger
)
FAMILIES = (
    "MobileNet", "MobileNetV2", "MobileNetV3Small", "Xception", "VGG16", "ResNet50", "ResNet50V2", "EfficientNetB0",
    "EfficientNetV2B0", "ConvNeXtTiny", "DenseNet121", "InceptionV3", "InceptionResNetV2", "NASNetMobile",
)  # fmt: skip
SIZES = ((80, 9), (96, 16), (128, 24))
BYTES = (
    "EfficientNetB0",
    "EfficientNetV2B0",
    "ConvNeXtTiny",
    "MobileNetV3Small",
)  # take values from 0 to 255


def alive(name: str, side: int) -> tuple[keras.Model, cnnviz.Image]:
    """Return a network with random weights whose statistics are those of random pictures, and one of these."""
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, name)(weights=None, input_shape=(side, side, 3), classes=10)
    source = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.0
        for kind, low, high in (("gamma", 0.5, 1.5), ("beta", -0.5, 0.5)):
            weight = getattr(layer, kind, None)
            if weight is not None:
                weight.assign(source.uniform(low, high, weight.shape))
    pictures = source.uniform(0, 1, (16, side, side, 3)).astype(np.float32)
    pictures = pictures * 255 if name in BYTES else pictures * 2 - 1
    model(pictures, training=True)
    return model, cnnviz.Image(pictures[0], (0, 255) if name in BYTES else (-1, 1))


def assert_as_whole_pictures(name: str, side: int, patch: int) -> None:
    model, image = alive(name, side)
    probe = cnnviz.Probe(model)
    occlusion: Any = cnnviz.Occlusion(patch=patch, stride=(side - patch) // 3, target=0)
    found = occlusion(probe, image)
    grid, cover = occlusion.grid(image), occlusion.cover(image)
    pictures = [image.pixels, *(grid.covered(image.pixels, cover, place) for place in grid.order)]
    scores = probe.scores(np.stack(pictures), 0)
    falls = np.empty(grid.shape, np.float32)
    falls[tuple(np.transpose(grid.order))] = scores[0] - scores[1:]
    expected = coverage_mean(grid, falls)
    reach, off = float(np.ptp(expected)), float(np.abs(found.values - expected).max())
    gain = found.scores.get("gain over whole pictures", 1.0)
    print(
        f"\n{name} {side}/{patch}: gain {gain:.1f}, range {reach / abs(scores[0]):.0e} of the score, ", end=""
    )
    print(f"off by {off / max(reach, 1e-30):.0e} of the range, {found.notes}", end="", flush=True)
    assert not [note for note in found.notes if "failed" in note]
    if reach < FLAT * abs(scores[0]):
        assert [note for note in found.notes if "lat" in note]
    elif gain > 1:
        assert off <= CLOSE * reach


@pytest.mark.parametrize(("side", "patch"), SIZES)
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_has_the_map_of_whole_pictures(name: str, side: int, patch: int) -> None:
    assert_as_whole_pictures(name, side, patch)


@pytest.mark.parametrize(("name", "side", "patch"), [("Xception", 160, 40), ("NASNetMobile", 224, 24)])
def test_what_once_failed_has_the_map_of_whole_pictures(name: str, side: int, patch: int) -> None:
    assert_as_whole_pictures(name, side, patch)


@pytest.mark.parametrize("name", FAMILIES)
def test_all_on_windows_that_can_be_is_off_by_no_more_than_rounding(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "machine_rates", lambda: Rates(windows=1e-9, shape=0.0))
    monkeypatch.setattr("cnnviz_widgets.probe.patching.patched.WORTH", 0.0)
    model, image = alive(name, 80)
    places = [(0, 0), (71, 71), (35, 23), (5, 68), (36, 0), (18, 50)]
    patched = cnnviz.Probe(model).patched(image, ["logits"], places, (9, 9))
    patches = patched.patches(np.full_like(image.pixels, np.mean(image.range)))
    (found,), (whole,) = patched.answers(patches), patched.whole(patches, np.arange(len(places)))
    assert patched.note == ""
    assert np.abs(found - whole).max() <= ROUNDING * np.ptp(whole, axis=0).max()
