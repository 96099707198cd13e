"""A model's or layer's own `call`, reached as the model or layer itself would reach it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..keras_internals import call_like, takes_training


def around(op: Any, training: bool | None, *, symbolic: bool) -> Callable[..., Any]:
    """Return a function that calls `op.call`: inputs cast and the training flag passed on as in a call of `op`.

    A layer that is called on symbolic tensors hides what happens inside. This one does what it would do first, and then
    lets `call` itself see them if `symbolic`. Of a `call` that is a `tf.function` it is the Python function that is
    called, so that nothing of it is kept in that function.

    Parameters
    ----------
    op : keras.Layer
        What is called.
    training : bool or None
        The training flag that the call is under, if any.
    symbolic : bool
        Whether the function is for symbolic tensors; else for those of TensorFlow.
    """
    import keras

    flag = {} if training is None else {"training": training}
    own = flag if takes_training(op) else {}
    function = getattr(op.call, "python_function", op.call)
    kept: list[Any] = []

    class Around(keras.Layer):
        """Stands in the place of the layer."""

        def __init__(self) -> None:
            super().__init__(dtype=op.dtype_policy, autocast=op.autocast, name="around")
            self.built = True
            call_like(self, op)

        def call(self, *args: Any, **kwargs: Any) -> Any:
            return function(*args, **{**kwargs, **own})

        def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
            kept.append(self.call(*args, **kwargs))
            flat = keras.tree.flatten(kept[0])
            # Those that come out of a layer are told that it made them; the true ones keep their history.
            return [keras.KerasTensor(made.shape, made.dtype) for made in flat]

    def run(*args: Any, **kwargs: Any) -> Any:
        made = Around()(*args, **{**kwargs, **flag})
        return kept[0] if symbolic else made

    return run
