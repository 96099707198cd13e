"""Patches answered by windows: every kind of question and model."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, LayerEnergy, ReconstructionError, Similarity, Unit
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.occlusion.grid import coverage_mean, sweep_grid
from tests import easy_models, models
from tests.probe.patching.common import KINDS, assert_close, between, covered, everywhere

pytestmark = pytest.mark.usefixtures("windows_wherever_possible")


def test_one_sweep_answers_every_kind_of_question() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    targets = [
        ClassScore(1), ClassScore(2, of="probability"), Unit("conv_1", 2, (3, 4)), LayerEnergy("conv_2"),
        Similarity(models.picture(seed=9), "conv_2"), Contrast(ClassScore(0), ClassScore(2)),
    ]  # fmt: skip
    patched = probe.patched(
        image, ["output", "logits", "norm_1", *targets], everywhere((8, 8), (3, 3)), (3, 3)
    )
    patches = patched.patches(np.zeros_like(image.pixels))
    pictures = covered(image, patches, patched.places)
    whole = [probe.predict(pictures), probe.logits(pictures), probe.activations(pictures, "norm_1")]
    whole += [probe.scores(pictures, target) for target in targets]
    for found, expected in zip(patched.answers(patches), whole, strict=True):
        assert_close(found, expected)


def test_the_reconstruction_error_is_that_of_the_patched_picture() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(8, 8, 1)
    patched = probe.patched(image, [ReconstructionError()], everywhere((8, 8), (2, 3)), (2, 3))
    patches = patched.patches(np.ones_like(image.pixels))
    (found,) = patched.answers(patches)
    assert_close(found, probe.scores(covered(image, patches, patched.places), ReconstructionError()))


def test_occlusion_by_windows_is_occlusion_by_whole_pictures() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    found = cnnviz.Occlusion(patch=3, stride=2, fill="black", target=1)(probe, image)
    grid = sweep_grid((8, 8), 3, 2)
    pictures = [grid.covered(image.pixels, np.zeros_like(image.pixels), place) for place in grid.order]
    scores = probe.scores(np.stack([image.pixels, *pictures]), 1)
    falls = np.empty(grid.shape, np.float32)
    falls[tuple(np.transpose(grid.order))] = scores[0] - scores[1:]
    assert_close(found.values, coverage_mean(grid, falls))


def test_a_patch_that_changes_nothing_lets_exactly_nothing_fall() -> None:
    image = cnnviz.Image(np.full((8, 8, 3), 0.5, np.float32), (0, 1))
    assert not cnnviz.Occlusion(patch=3, stride=1)(models.functional(), image).values.any()


def test_a_round_patch_covers_by_its_mask() -> None:
    image = models.picture()
    patched = cnnviz.Probe(models.functional()).patched(image, ["output"], [(2, 1)], (3, 3))
    mask = np.array([[0, 1, 0], [1, 1, 1], [0, 0.5, 0]], np.float32)
    (patch,) = patched.patches(np.zeros_like(image.pixels), mask=mask)
    np.testing.assert_allclose(patch, image.pixels[2:5, 1:4] * (1 - mask[..., None]), atol=1e-6)


def test_some_positions_are_answered_in_the_order_asked() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    patched = probe.patched(image, [1], everywhere((8, 8), (2, 2)), (2, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    (all_of_them,) = patched.answers(patches)
    numbers = [7, 0, 23, 7]
    (some,) = patched.answers(patches[numbers], numbers)
    np.testing.assert_allclose(some, all_of_them[numbers], atol=1e-6)


def test_a_second_size_of_patch_compiles_nothing_new() -> None:
    probe, image = cnnviz.Probe(between(KINDS["same convolution"])), models.picture(13, 16, 2)
    held = []
    for size in ((3, 3), (4, 2)):
        patched = probe.patched(image, ["output"], everywhere((13, 16), size), size)
        patched.answers(patched.patches(np.zeros_like(image.pixels)))
        held.append(patched.compiled)
    assert held[0] == held[1] > 0


def test_new_weights_are_noticed() -> None:
    model = models.functional()
    probe, image = cnnviz.Probe(model), models.picture()
    patched = probe.patched(image, ["output"], everywhere((8, 8), (2, 2)), (2, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    patched.answers(patches)
    for weight in model.weights:
        weight.assign(weight.numpy() * 1.5)
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_the_model_is_left_as_it_was() -> None:
    model = models.functional()
    before = [weight.numpy() for weight in model.weights]
    patched = cnnviz.Probe(model).patched(models.picture(), ["output"], [(0, 0)], (2, 2))
    patched.answers(patched.patches(np.zeros((8, 8, 3), np.float32)))
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_a_preprocessing_of_single_pixels_is_applied_to_the_patch() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x[..., ::-1] * 2 - 1)
    image = models.picture()
    patched = probe.patched(image, ["output"], everywhere((8, 8), (3, 3)), (3, 3))
    patches = patched.patches(np.zeros_like(image.pixels))
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_preprocessing_that_mixes_pixels_is_run_on_whole_pictures() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x - x.mean(axis=(1, 2), keepdims=True))
    image = models.picture()
    patched = probe.patched(image, ["output", 1], everywhere((8, 8), (3, 3)), (3, 3))
    patches = patched.patches(np.zeros_like(image.pixels))
    pictures = covered(image, patches, patched.places)
    outputs, scores = patched.answers(patches)
    assert_close(outputs, probe.predict(pictures))
    assert_close(scores, probe.scores(pictures, 1))


@pytest.mark.parametrize(
    "make",
    [
        models.subclassed, models.closed, models.channels_first, models.with_policy("mixed_float16"),
        models.with_policy("float64"), models.two_inputs, models.dict_inputs, models.dict_outputs,
        models.shared_layer, models.shared_model, models.model_in_model_in_model, models.base_and_softmax,
        models.sequential, models.no_convolution, models.ops_softmax, models.single_logit, easy_models.constant,
    ],
)  # fmt: skip
def test_every_kind_of_model_is_served(make: Callable[[], keras.Model]) -> None:
    probe = cnnviz.Probe(make())
    height, width, channels = (n or models.SIDE for n in probe.input_shape)
    image = models.picture(height, width, channels)
    patched = probe.patched(image, ["output"], everywhere(image.size, (3, 2)), (3, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_model_of_any_size_is_served_at_two_sizes() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    for size in ((8, 11), (12, 9)):
        image = models.picture(*size)
        patched = probe.patched(image, ["output"], everywhere(size, (3, 2)), (3, 2))
        patches = patched.patches(np.zeros_like(image.pixels))
        assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_patch_outside_of_the_picture_is_refused() -> None:
    probe = cnnviz.Probe(models.functional())
    with pytest.raises(SettingError, match="first rows must be from 0 to 5; got 0 to 6"):
        probe.patched(models.picture(), ["output"], [(0, 0), (6, 0)], (3, 3))


def test_a_gain_that_would_not_pay_for_compiling_leaves_whole_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    places = everywhere((8, 8), (2, 2))
    gain = probe.patched(image, ["output"], places, (2, 2)).gain
    assert gain > 1
    for worth, left in ((gain * 0.99, gain), (gain * 1.01, 1.0)):
        monkeypatch.setattr("cnnviz_widgets.probe.patching.patched.WORTH", worth)
        assert probe.patched(image, ["output"], places, (2, 2)).gain == pytest.approx(left)
