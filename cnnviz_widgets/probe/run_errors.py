"""What TensorFlow says when a network cannot be run, in one plain sentence with the cure where there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CnnvizError, ModelError

MOST = 300  # characters of TensorFlow's own words
NCHW = re.compile(r"\bNCHW\b|\bNHWC\b|data_format|channels_first", re.IGNORECASE)
LAYER = re.compile(r"Exception encountered when calling (?:layer )?([\w.]+?)(?:\.call)?\(")
COLOUR = re.compile(r"\x1b\[\d*m")
NODE = re.compile(r"node ([\w./-]+)")


@contextmanager
def plainly(name: str) -> Iterator[None]:
    """Run a network within; what TensorFlow refuses to do becomes a `ModelError`. `name` is that of the network."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise ModelError(
            f"There is not enough memory to run {name}. Choose a smaller picture, or restart the kernel."
        ) from error
    except tf.errors.OpError as error:
        raise ModelError(_said(name, str(error.message or error))) from error


@contextmanager
def traced_plainly(name: str) -> Iterator[None]:
    """Trace a network within; what its own code or Keras refuses becomes a `ModelError`, as `plainly` says it."""
    with plainly(name):
        try:
            yield
        except (CnnvizError, MemoryError):
            raise
        except Exception as error:
            if type(error).__module__.startswith("tensorflow.python.framework.errors"):
                raise
            raise ModelError(
                f"{name} cannot be run for any number of pictures: {_own_words(str(error))} If its code counts on a "
                "batch of one size, write -1 or keras.ops.shape(x)[0] there, or give its Input that batch_shape."
            ) from error


@contextmanager
def sized_plainly(name: str) -> Iterator[None]:
    """Trace a network for one size of picture within; a layer that does not take it is named in a `ModelError`."""
    try:
        yield
    except (TypeError, ValueError, NotImplementedError) as error:
        layer = LAYER.search(str(error))
        if layer is None:
            raise
        raise ModelError(
            f"{name} does not take a picture of this size at {layer.group(1)}: {_own_words(str(error))} Give "
            "Probe(model, size=(height, width)) a size that it takes."
        ) from error


def _said(name: str, message: str) -> str:
    own = _own_words(message)
    if NCHW.search(own) and re.search(
        r"only supports?|not support|unimplemented|Unsupported", own, re.IGNORECASE
    ):
        return (
            f"{name} takes channels first, which this TensorFlow runs on this processor only with "
            "TF_ENABLE_ONEDNN_OPTS=1 set in the environment before TensorFlow is imported; build it with "
            f"data_format='channels_last' otherwise. TensorFlow said: {own}"
        )
    node = NODE.search(message)
    at = f" at {node.group(1)}" if node else ""
    return f"TensorFlow could not run {name}{at}: {own}"


def _own_words(message: str) -> str:
    """Return what TensorFlow or Keras says of the matter, without where it came about, arguments and colours."""
    plain = COLOUR.sub("", message).split("Arguments received by", 1)[0].split("[[", 1)[0].strip() or message
    lines = [line.strip() for line in plain.split("\n\n")[-1].splitlines()]
    said = " ".join(" ".join(line for line in lines if not line.startswith("File ")).split())[:MOST]
    return said if said.endswith((".", "!", "?")) else f"{said}."
