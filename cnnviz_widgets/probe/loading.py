"""From what a user has, a model or a path, to a Keras model, quietly; files are untrusted and opened in safe mode."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import MissingPackageError, ModelError, searched

_CHATTER = re.compile(
    rb"^(WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:\d+|\d{4}-\d\d-\d\d \d\d:.*tensorflow|"
    rb"To enable the following instructions|.*rebuild TensorFlow with)"
)


@contextmanager
def hushed() -> Iterator[None]:
    """Hold back what native code writes to the error stream, and afterwards pass on all but log lines.

    The messages are written by C++ before any setting can reach it, hence the detour over the file descriptor. If the
    body raises, everything is passed on: it may tell why.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        sys.stderr.flush()
        own = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(own, 2)
            os.close(own)
            held.seek(0)
            for line in held:
                if failed or not _CHATTER.match(line):
                    os.write(2, line)


def keras_module() -> Any:
    """Import Keras on TensorFlow, quietly.

    Raises
    ------
    MissingPackageError, ModelError
        If TensorFlow is not installed, or Keras runs on another backend.
    """
    _check_backend()
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
        raise ModelError(_other_backend(keras.backend.backend()))
    return keras


def _check_backend() -> None:
    """Raise `ModelError` if Keras is going to be imported on another backend, whose package may not even be there."""
    wanted = os.environ.get("KERAS_BACKEND", "")
    if "keras" not in sys.modules and wanted not in ("", "tensorflow"):
        raise ModelError(_other_backend(wanted))


def _other_backend(name: str) -> str:
    said = os.environ.get("KERAS_BACKEND") == name
    where = (
        f"KERAS_BACKEND is set to {name!r}"
        if said
        else f"~/.keras/keras.json names {name!r}, or code before this"
    )
    return (
        f"Keras runs on {name!r} ({where}); this package needs TensorFlow. Set "
        'os.environ["KERAS_BACKEND"] = "tensorflow" before Keras is imported, and restart the kernel. A .keras file '
        "saved on another backend opens on TensorFlow."
    )


def as_model(source: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the Keras model for a model or the path of a saved one.

    Parameters
    ----------
    source : keras.Model or path
        The model.
    custom_objects : mapping of str to object, optional
        Classes and functions that a file names, by the names it has for them.

    Raises
    ------
    ModelError
        If it is neither, the file is missing or damaged, or it holds code that safe mode refuses.
    """
    keras = keras_module()
    if isinstance(source, keras.Model):
        return source
    if isinstance(source, str | os.PathLike):
        return _load(Path(source).expanduser(), keras, custom_objects)
    kind = f"{type(source).__module__}.{type(source).__qualname__}"
    hint = " Models of tf_keras or Keras 2 must be saved and loaded with Keras 3." if "keras" in kind else ""
    if isinstance(source, keras.Layer):
        hint = " Make a model of a layer: keras.Sequential([keras.Input((height, width, 3)), layer])."
    raise ModelError(f"model must be a keras.Model or the path of a saved one; got {kind}.{hint}")


def _load(path: Path, keras: Any, custom_objects: Mapping[str, Any] | None) -> Any:
    if not path.exists():
        raise ModelError(f"there is no model file {str(path)!r}.{searched(path)}")
    if path.is_dir():
        return _saved_model(path, keras)
    if path.name.lower().endswith((".weights.h5", ".weights.json")):
        raise ModelError(_only_weights(path))
    if path.suffix not in (".keras", ".h5", ".hdf5"):
        raise ModelError(
            f"a model file must end in .keras or .h5, or be a SavedModel folder; got {path.name!r}."
            f"{_OTHER_KINDS.get(path.suffix.lower(), '')}"
        )
    try:
        return keras.models.load_model(
            path, custom_objects=dict(custom_objects or {}), compile=False, safe_mode=True
        )
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
    missing = _missing(text)
    if missing is not None:
        kind, name, key = missing
        return (
            f"{path.name} holds the {kind} {name!r}, which Keras does not know here. Define or import it, then write "
            f"Probe({str(path)!r}, custom_objects={{{key!r}: {name}}}), or with "
            f"keras.utils.custom_object_scope({{{key!r}: {name}}}): around the call."
        )
    refused = _REFUSED.search(text)
    if refused is not None:
        name, setting = refused[1].rpartition(".")[2], refused[2]
        return (
            f"{path.name} holds a {name}, whose __init__ does not take {setting!r}, which Keras hands to it when it is "
            "loaded. Let it take the rest, def __init__(self, ..., **kwargs): super().__init__(**kwargs), or build the "
            f"model as it was saved, call model.load_weights({str(path)!r}), and give the model."
        )
    if "No model config found" in text or "model_config" in text:
        return _only_weights(path)
    return (
        f"{path.name} could not be read as a Keras model; it may be damaged or of another version. "
        f"Keras said: {_end(text)}"
    )


_REFUSED = re.compile(r"([\w.]+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_NAMED = re.compile(
    r"Could not locate (class|function) '([^']+)'"
    r"|Unknown ((?:[a-z]+ )*[a-z]+):? '?([\w>.]+)'?\. Please ensure"
)


def _missing(text: str) -> tuple[str, str, str] | None:
    """Return what a file needs and Keras does not know: class or function, its name, and the file's name for it."""
    found = list(_NAMED.finditer(text))
    if not found:
        return None
    last = found[-1]
    kind, name = (last[1], last[2]) if last[1] else (last[3], last[4])
    registered = re.search(r"'registered_name': '([^']+)'", text[last.end() :])
    key = registered[1] if registered and registered[1].rpartition(">")[2] == name else name
    return {"layer": "class", "object": "class"}.get(kind, kind), name.rpartition(">")[2], key


def _end(text: str) -> str:
    """Return the end of Keras' message, where the cause stands, without the model's whole configuration."""
    cause = text.rpartition("Exception encountered:")[2].partition("Full object config")[0]
    cause = " ".join(cause.split())
    return cause if len(cause) <= 300 else f"... {cause[-300:]}"


def _only_weights(path: Path) -> str:
    return (
        f"{path.name} holds weights only, without the model that they belong to. Build the model as it was when they "
        f"were saved, call model.load_weights({str(path)!r}), and give the model."
    )


_OTHER_KINDS = {
    ".json": (
        " A .json file is a model's plan without its weights: model = keras.models.model_from_json(open(path).read()), "
        "then model.load_weights(...), and give the model."
    ),
    ".onnx": " ONNX is not read: give the Keras model that it was made from, or convert it, e.g. with onnx2tf.",
    ".tflite": (
        " TensorFlow Lite keeps no gradients and no layers: give the Keras model or SavedModel that it was made from."
    ),
    ".pb": " A .pb file is part of a SavedModel: give the folder around it. A frozen graph is not read.",
    ".pt": " That is PyTorch's: only models of Keras 3 on TensorFlow are read.",
    ".pth": " That is PyTorch's: only models of Keras 3 on TensorFlow are read.",
    ".safetensors": " It holds weights only: build the Keras model, load them into it, and give the model.",
    ".ckpt": " It holds weights only: build the model, load them into it, and give the model.",
    ".index": " It holds weights only: build the model, load them into it, and give the model.",
    ".npz": " It holds weights only: build the model, load them into it, and give the model.",
    ".pkl": " A pickle may run code and is not opened: save the model with model.save('model.keras').",
    ".joblib": " A pickle may run code and is not opened: save the model with model.save('model.keras').",
    ".zip": " Unpack it first, or, if it is a .keras file, rename it.",
    ".mlmodel": " Core ML is not read: give the Keras model that it was made from.",
}


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
