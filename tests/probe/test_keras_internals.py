"""What the package uses of Keras' private parts is as it was; a failure says what a new version of Keras changed."""

import keras
import numpy as np
import pytest
from keras import layers

from cnnviz_widgets.probe import keras_internals


@pytest.fixture
def model() -> keras.Model:
    """Give a model of two inputs and two outputs, by name."""
    first, second = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    summed = layers.Add(name="summed")([first, second])
    left, right = layers.Dense(2, name="left")(summed), layers.Dense(3, name="right")(summed)
    return keras.Model({"a": first, "b": second}, {"x": left, "y": right})


def test_a_built_sequential_runs_a_functional_model() -> None:
    sequential = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    behind = keras_internals.functional_behind(sequential)
    assert isinstance(behind, keras.Model), "Sequential keeps no functional model in `_functional` any more."
    assert behind.inputs[0].shape == (None, 4)


def test_a_sequential_that_is_not_built_has_none() -> None:
    assert keras_internals.functional_behind(keras.Sequential([layers.Dense(2)])) is None


def test_the_layers_within_a_layer_are_listed_at_any_depth() -> None:
    inner = layers.Dense(2, name="inner")
    wrapped = layers.TimeDistributed(inner, name="wrapped")
    said = "`Layer._flatten_layers` does not list a layer and those that it holds any more."
    assert keras_internals.layers_within(wrapped)[:1] == [wrapped], said
    assert inner in keras_internals.layers_within(wrapped, itself=False), said
    assert wrapped not in keras_internals.layers_within(wrapped, itself=False), said


def test_an_operation_holds_no_layers() -> None:
    operation = keras_internals.maker_of(keras.ops.add(keras.KerasTensor((2,)), 1))
    assert keras_internals.layers_within(operation) == [operation]
    assert keras_internals.layers_within(operation, itself=False) == []


def test_inputs_and_outputs_keep_the_structure_they_were_given_in(model: keras.Model) -> None:
    said = "A functional model keeps its inputs or outputs not in `_inputs_struct` and `_outputs_struct` any more."
    assert list(keras_internals.input_structure(model) or ()) == ["a", "b"], said
    assert list(keras_internals.output_structure(model) or ()) == ["x", "y"], said
    assert keras_internals.input_structure(keras.Sequential()) is None


def test_the_calls_of_a_model_come_in_an_order_to_run_them_in(model: keras.Model) -> None:
    calls = list(keras_internals.calls_in_order(model))
    names = [node.operation.name for node in calls]
    assert names[0] == "summed", "`_nodes_by_depth` does not list calls by depth any more."
    assert sorted(names) == ["left", "right", "summed"]
    assert len(calls[0].input_tensors) == 2
    assert next(iter(calls[0].outputs)).shape == (None, 4)
    assert len(keras.tree.flatten(calls[0].arguments.args)) == 2


def test_a_symbolic_tensor_knows_what_made_it(model: keras.Model) -> None:
    made = keras_internals.output_structure(model)["x"]
    said = "A KerasTensor does not keep its maker in `_keras_history` any more."
    assert keras_internals.maker_of(made) is model.get_layer("left"), said
    assert keras_internals.maker_of(keras.KerasTensor((2,))) is None


def test_a_layer_knows_who_took_what_it_made(model: keras.Model) -> None:
    took = [node.operation.name for node in keras_internals.calls_of(model.get_layer("summed"))]
    assert took == ["left", "right"], "A layer does not record later calls in `_outbound_nodes` any more."
    for name in keras_internals.RECORDS:
        assert isinstance(getattr(model.get_layer("summed"), name), list), f"{name} is no list any more."


@pytest.mark.parametrize(("layer", "takes"), [(layers.Dropout(0.5), True), (layers.Flatten(), False)])
def test_a_layer_knows_whether_its_call_takes_the_training_flag(layer: keras.Layer, takes: bool) -> None:
    assert keras_internals.takes_training(layer) is takes, (
        "`_call_has_training_arg` does not say so any more."
    )


class _Counting(keras.Layer):
    """A layer that takes a number beside its tensor, and is not cast."""

    def __init__(self) -> None:
        super().__init__(autocast=False)
        self._convert_input_args = False
        self.given: list[type] = []

    def call(self, x: np.ndarray, times: int) -> np.ndarray:
        self.given.append(type(x))
        return x * times


def test_a_stand_in_takes_its_arguments_as_the_layer_does() -> None:
    stand_in = _Counting()
    stand_in._convert_input_args = True
    keras_internals.call_like(stand_in, _Counting())
    stand_in(np.ones((1, 2)), 3)
    said = (
        "`_convert_input_args` or `_allow_non_tensor_positional_args` do not steer a layer's call any more."
    )
    assert stand_in.given == [np.ndarray], said


def test_the_generator_behind_draws_without_a_seed_can_be_lent() -> None:
    def draw() -> np.ndarray:
        return keras.ops.convert_to_numpy(keras.random.normal((3,)))

    drawn = []
    for _ in range(2):
        with keras_internals.general_seeds(keras.random.SeedGenerator(7)):
            drawn.append(draw())
    said = "keras.random without a seed does not draw by the attribute 'global_seed_generator' any more."
    assert np.array_equal(*drawn), said
    assert not np.array_equal(draw(), draw())
