"""Real numbers handed to an inner model of whole ones: cut as Keras cuts them."""

from __future__ import annotations

from typing import Any

# Keras' own operations that take whole numbers and real ones alike
_TAKES_ANY = {
    "Rescaling", "Normalization", "Resizing", "CenterCrop", "Cast", "Identity", "ZeroPadding2D", "Cropping2D",
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "Divide", "TrueDivide",
}  # fmt: skip


def takes_any(op: Any) -> bool:
    """Return whether an operation takes whole numbers and real ones alike."""
    return type(op).__module__.startswith("keras.") and type(op).__name__ in _TAKES_ANY


def cut_to(kind: str, real: bool) -> Any:
    """Return an operation that cuts real numbers to a type of whole ones.

    With `real` they stay real numbers without a fraction, and a gradient passes as if nothing was cut.
    """
    import keras
    import tensorflow as tf

    class WholeNumbers(keras.Operation):
        """Cuts numbers."""

        def call(self, numbers: Any) -> Any:
            if not real:
                return tf.cast(numbers, kind)
            return tf.grad_pass_through(lambda x: tf.cast(tf.cast(x, kind), x.dtype))(numbers)

        def compute_output_spec(self, numbers: Any) -> Any:
            return keras.KerasTensor(numbers.shape, numbers.dtype if real else kind)

    return WholeNumbers(name="whole_numbers")
