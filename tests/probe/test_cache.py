"""What a probe remembers: nothing from before a training step, no more than its share of memory, right for threads."""

import threading

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Similarity
from cnnviz_widgets.probe import cache as memory_module
from cnnviz_widgets.probe.cache import WeightsStamp
from tests import models


def _shifted(layer: keras.Layer) -> None:
    layer.set_weights([weight + np.float32(0.125) for weight in layer.get_weights()])


@pytest.mark.parametrize("kind", ["mixed_float16", "float64", "model in model in model", "dict of inputs"])
def test_the_stamp_notices_new_weights_in_any_one_layer(kind: str) -> None:
    model = models.ZOO[kind]()
    stamp = WeightsStamp(model)
    seen = [stamp.now()]
    assert stamp.now() == seen[0]
    layers = [layer for layer in model._flatten_layers(include_self=False, recursive=True) if layer.weights]
    for layer in layers:
        _shifted(layer)
        seen.append(stamp.now())
    assert len(set(seen)) == len(layers) + 1


def test_a_model_trained_further_is_asked_again() -> None:
    model, image = models.functional(), models.picture()
    probe = cnnviz.Probe(model)
    before = probe.gradient(image, 0, at="conv_1"), probe.top(image, 3)
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.train_on_batch(np.repeat(image.pixels[None], 4, axis=0), np.array([2, 2, 2, 2]))
    after = probe.gradient(image, 0, at="conv_1"), probe.top(image, 3)
    fresh = cnnviz.Probe(model)
    assert not np.array_equal(before[0].values, after[0].values)
    np.testing.assert_array_equal(after[0].values, fresh.gradient(image, 0, at="conv_1").values)
    assert after[1] == fresh.top(image, 3) != before[1]


def test_the_code_of_a_reference_is_found_once_and_again_after_training() -> None:
    model, image = models.autoencoder(), models.picture(channels=1)
    probe, target = cnnviz.Probe(model), Similarity(models.picture(channels=1, seed=3), "encoded", "dot")
    probe.scores([image], target)
    assert probe.calls == 2
    first = probe.scores([image], target)
    assert probe.calls == 3
    model.get_layer("encoded").set_weights([-w for w in model.get_layer("encoded").get_weights()])
    _shifted(model.get_layer("encoded"))
    again = probe.scores([image], target)
    assert probe.calls == 5
    np.testing.assert_array_equal(again, cnnviz.Probe(model).scores([image], target))
    assert first != again


def test_logits_follow_a_layer_that_is_frozen_after_the_probe_is_made() -> None:
    model, image = models.functional(), models.picture()
    probe = cnnviz.Probe(model)
    model.trainable = False
    raised = np.exp(probe.logits(image))
    np.testing.assert_allclose(raised / raised.sum(), probe.predict(image), atol=1e-6)


def test_the_least_recently_used_pass_goes_when_memory_is_full() -> None:
    probe = cnnviz.Probe(models.functional())
    first, second, third = (models.picture(seed=k) for k in range(3))
    probe.gradient(first, 0)
    size = next(iter(probe.memory.passes.values())).bytes
    probe.memory.passes.total = 2 * size
    for image in (second, first, third):
        probe.gradient(image, 0)
    assert probe.calls == 3
    probe.gradient(first, 0)
    assert probe.calls == 3
    probe.gradient(second, 0)
    assert probe.calls == 4


def test_the_last_pass_stays_even_if_it_is_larger_than_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "CACHE_BYTES", 1)
    probe = cnnviz.Probe(models.functional())
    for name in ("conv_1", "relu_1", "conv_2"):
        probe.gradient(models.picture(), 0, at=name)
    assert probe.calls == 1


def test_outputs_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "CACHED_OUTPUTS", 3)
    probe = cnnviz.Probe(models.functional())
    for seed in range(6):
        probe.natural_target(models.picture(seed=seed))
    assert len(probe.memory.outputs) == 3


def test_pictures_are_known_by_content_not_by_identity() -> None:
    probe = cnnviz.Probe(models.functional())
    probe.gradient(models.picture(seed=1), 0)
    probe.gradient(models.picture(seed=1), 0)
    probe.gradient(models.picture(seed=2), 0)
    assert probe.calls == 2


def test_two_threads_asking_one_probe_get_what_one_thread_gets() -> None:
    model = models.functional()
    pictures = [models.picture(seed=seed) for seed in range(6)]
    alone = cnnviz.Probe(model)
    expected = [alone.gradient(p, ClassScore(k % 3), at="conv_1").slope for k, p in enumerate(pictures)]
    shared, found, failed = cnnviz.Probe(model), {}, []

    def ask(numbers: range) -> None:
        try:
            for k in numbers:
                found[k, numbers.step] = shared.gradient(pictures[k], ClassScore(k % 3), at="conv_1").slope
                shared.top(pictures[k])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in (range(6), range(5, -1, -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(found) == 12
    for (k, _), slope in found.items():
        np.testing.assert_array_equal(slope, expected[k])
