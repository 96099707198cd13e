"""From what a user has, a model or a path, to a Keras model; files are untrusted and opened in safe mode."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import MissingPackageError, ModelError
from ..missing import searched
from .hush import hushed


def keras_module() -> Any:
    """Import Keras on TensorFlow, quietly.

    Raises
    ------
    MissingPackageError, ModelError
        If TensorFlow is not installed, or Keras runs on another backend.
    """
    try:
        with hushed():
            import keras
            import tensorflow

            tensorflow.constant(0.0)  # the first value starts the devices, which have their own say
    except ImportError as error:
        raise MissingPackageError(
            f"TensorFlow with Keras 3 is needed: pip install tensorflow ({error})."
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            f"Keras runs on {keras.backend.backend()!r}; set KERAS_BACKEND=tensorflow before Keras is imported."
        )
    return keras


def as_model(source: Any) -> Any:
    """Return the Keras model for a model or the path of a saved one.

    Raises
    ------
    ModelError
        If it is neither, the file is missing or damaged, or it holds code that safe mode refuses.
    """
    keras = keras_module()
    if isinstance(source, keras.Model):
        return source
    if isinstance(source, str | os.PathLike):
        return _load(Path(source).expanduser(), keras)
    kind = f"{type(source).__module__}.{type(source).__qualname__}"
    hint = " Models of tf_keras or Keras 2 must be saved and loaded with Keras 3." if "keras" in kind else ""
    raise ModelError(f"model must be a keras.Model or the path of a saved one; got {kind}.{hint}")


def _load(path: Path, keras: Any) -> Any:
    if not path.exists():
        raise ModelError(f"there is no model file {str(path)!r}.{searched(path)}")
    if path.is_dir():
        return _saved_model(path, keras)
    if path.suffix not in (".keras", ".h5", ".hdf5"):
        raise ModelError(
            f"a model file must end in .keras or .h5, or be a SavedModel folder; got {path.name!r}."
        )
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise ModelError(_refusal(path, error)) from error


def _refusal(path: Path, error: Exception) -> str:
    text = str(error)
    if "ambda" in text and ("safe" in text.lower() or "unsafe" in text.lower()):
        return (
            f"{path.name} holds a Lambda layer, that is, Python code of whoever made the file; it was not run. "
            "If you trust the file, load it yourself with keras.models.load_model(path, safe_mode=False) "
            "and give the model."
        )
    if "Unknown layer" in text or "Could not locate" in text or "custom" in text.lower():
        return (
            f"{path.name} holds a layer that Keras does not know: load it yourself with custom_objects "
            f"and give the model. Keras said: {text[:300]}"
        )
    return (
        f"{path.name} could not be read as a Keras model; it may be damaged or of another version. "
        f"Keras said: {text[:300]}"
    )


def _saved_model(path: Path, keras: Any) -> Any:
    """Wrap a SavedModel's serving function into a model; it can be asked, not looked into."""
    if not (path / "saved_model.pb").exists():
        raise ModelError(
            f"{str(path)!r} is a folder without a saved_model.pb; give a SavedModel folder or a .keras file."
        )
    try:
        layer = keras.layers.TFSMLayer(str(path), call_endpoint="serving_default")
        (_, spec), *_ = (
            layer.call_endpoint_fn.structured_input_signature[1].items()
            if hasattr(layer, "call_endpoint_fn")
            else [(None, None)]
        )
        if spec is None:
            raise ValueError("its serving function names no input")
        picture = keras.Input(tuple(spec.shape[1:]), dtype=spec.dtype.name, name="image")
        return keras.Model(picture, layer(picture), name=path.name)
    except Exception as error:
        raise ModelError(
            f"{path.name} could not be opened as a SavedModel with a 'serving_default' function: {str(error)[:300]}"
        ) from error
