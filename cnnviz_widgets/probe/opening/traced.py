"""What a model does between its layers, in plain TensorFlow: a piece of its traced graph that can be called again."""

from __future__ import annotations

from typing import Any


class TracedFunction:
    """A piece of a traced graph, from some of its tensors and weights to one of its tensors.

    It can be differentiated. Weights are handed to it at each call, so that it reads those that hold then.

    Parameters
    ----------
    name : str
        What it does, after the operation that makes its result.
    function : callable
        Takes the tensors and then the weights.
    variables : tuple of keras.Variable
        The weights.
    sealed : bool
        Whether it reads weights in a way that cannot be handed over, such as inside of a loop.
    """

    def __init__(self, name: str, function: Any, variables: tuple[Any, ...], sealed: bool) -> None:
        self.name, self.variables, self.sealed = name, variables, sealed
        self._function = function

    def call(self, *tensors: Any) -> Any:
        """Return the result for some tensors."""
        import tensorflow as tf

        return self._function(*tensors, *(tf.convert_to_tensor(own.value) for own in self.variables))

    def __call__(self, *tensors: Any) -> Any:
        """Return the result for some tensors."""
        return self.call(*tensors)

    def count_params(self) -> int:
        """Return the number of weights."""
        return sum(int(own.shape.num_elements() or 0) for own in self.variables)

    def compute_output_spec(self, *tensors: Any) -> Any:
        """Return the shape and type of the result for symbolic tensors."""
        import keras
        import tensorflow as tf

        specs = [tf.TensorSpec(t.shape, t.dtype) for t in tensors]
        made = tf.function(self.call, autograph=False).get_concrete_function(*specs).structured_outputs
        return keras.KerasTensor(tuple(made.shape), made.dtype.name)
