"""Every kind of model is explained or refused in words, as the table in the docs says, and goes home as it came."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import models
from tests.kinds import EVERY
from tests.kinds.volumes import volume_of

QUICK: dict[str, dict[str, Any]] = {
    "Occlusion": {"patch": 4, "stride": 4},
    "RISE": {"masks": 40},
    "SmoothGrad": {"samples": 8},
    "Integrated gradients": {"steps": 8},
}
ROOT = Path(__file__).resolve().parents[2]


def _table() -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the columns, each the labels of some methods, and what the rows say of each."""
    lines = (ROOT / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return tuple(rows[0][1:]), {row[0]: tuple(row[1:]) for row in rows[1:]}


COLUMNS, TABLE = _table()


def _said(kind: str) -> dict[str, str]:
    """Return what the table says of each method for a kind of model."""
    pairs = zip(COLUMNS, TABLE[kind], strict=True)
    return {label: said for column, said in pairs for label in column.split(", ")}


def _method(label: str) -> cnnviz.Method:
    return cnnviz.methods()[label](**QUICK.get(label, {}))


def _outcome(source: Any, label: str) -> str:
    try:
        probe = source if isinstance(source, cnnviz.Probe) else cnnviz.Probe(source)
        height, width, channels = probe.input_shape
        found = _method(label)(probe, models.picture(height or 8, width or 8, channels or 3))
    except cnnviz.CnnvizError as error:
        return str(error)
    assert np.isfinite(found.values).all()
    assert found.values.dtype == np.float32
    assert found.done == 1
    return "yes"


def _state(model: keras.Model) -> list[Any]:
    every = list(model._flatten_layers(include_self=True))
    return [
        [weight.copy() for weight in model.get_weights()],
        [layer.trainable for layer in every],
        [getattr(layer, "activation", None) for layer in every],
        [type(layer).call for layer in every],
        [sorted(name for name in vars(layer) if name == "call") for layer in every],
        [len(layer.losses) for layer in every],
        getattr(model, "optimizer", None),
        repr(model.get_config()) if type(model).__name__ in ("Functional", "Sequential") else "",
        [len(layer._inbound_nodes) for layer in every],
    ]


def test_the_table_names_every_model_of_the_zoo_and_every_method() -> None:
    assert sorted(TABLE) == sorted(EVERY)
    assert sorted(_said("functional")) == sorted(cnnviz.methods())


@pytest.mark.parametrize("kind", TABLE)
def test_a_model_is_explained_or_refused_as_the_table_says_and_is_not_changed(kind: str) -> None:
    keras.utils.set_random_seed(1)
    model = EVERY[kind]()
    before = _state(model)
    try:
        source: Any = cnnviz.Probe(model, volume=volume_of(model))
    except cnnviz.ModelError:
        source = model
    for label, said in _said(kind).items():
        outcome = _outcome(source, label)
        assert outcome == said if said == "yes" else said in outcome
    for now, then in zip(_state(model), before, strict=True):
        np.testing.assert_equal(now, then)


def test_one_plain_number_is_no_class() -> None:
    assert cnnviz.Probe(models.single_score()).top(models.picture()) == []


def test_a_dict_of_inputs_and_outputs_is_served_by_name() -> None:
    model = models.dict_inputs()
    image = models.picture()
    probe = cnnviz.Probe(model, inputs={"kind": [3]})
    expected = model({"photo": image.pixels[None], "kind": np.array([[3]])})
    np.testing.assert_allclose(probe.predict(image), np.asarray(expected), atol=1e-6)
    turned = cnnviz.Probe(models.dict_outputs(), output="angle")
    assert (turned.output_name, turned.task, turned.classes) == ("angle", "regression", 1)


def test_inputs_that_are_held_at_zero_are_said() -> None:
    (note,) = cnnviz.Probe(models.two_inputs()).notes
    assert "age is held at 0" in note


def test_an_input_of_the_wrong_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(cnnviz.SettingError, match="Did you mean 'age'"):
        cnnviz.Probe(models.two_inputs(), inputs={"aeg": [0, 0]})


def test_a_layer_that_would_learn_while_it_is_looked_at_does_not() -> None:
    class Counting(keras.layers.Layer):
        """Counts its calls in a state of its own."""

        def build(self, shape: Any) -> None:
            self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def call(self, inputs: Any) -> Any:
            self.count.assign_add(1.0)
            return inputs * 1.0

    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(2, 3, name="conv")(Counting(name="counting")(image))
    model = keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))
    before = model.get_weights()
    cnnviz.FeatureMaps(layer="counting")(model, models.picture())
    cnnviz.Occlusion(patch=4, stride=4)(model, models.picture())
    np.testing.assert_equal(model.get_weights(), before)
