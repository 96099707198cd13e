"""Models from files: opened in safe mode, or refused in words that end the search."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import models
from tests.images.common import shown_alone


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_a_saved_model_predicts_what_the_model_does(tmp_path: Path, ending: str) -> None:
    model, image = models.functional(), models.picture()
    path = tmp_path / f"model.{ending}"
    model.save(path)
    np.testing.assert_allclose(
        cnnviz.Probe(path).predict(image), cnnviz.Probe(model).predict(image), atol=1e-6
    )
    assert cnnviz.Probe(str(path)).layer("conv_1").kind == "Conv2D"


def test_a_savedmodel_folder_is_asked_as_a_whole(tmp_path: Path) -> None:
    model, image = models.functional(), models.picture()
    model.export(tmp_path / "exported", verbose=False)
    probe = cnnviz.Probe(tmp_path / "exported")
    np.testing.assert_allclose(probe.predict(image), cnnviz.Probe(model).predict(image), atol=1e-6)
    assert cnnviz.Saliency(target=1)(probe, image).values.any()
    assert [chance for _, _, chance in probe.top(image)] == pytest.approx(
        [chance for _, _, chance in cnnviz.Probe(model).top(image)], abs=1e-6
    )
    with pytest.raises(cnnviz.LayerError, match="SavedModel"):
        cnnviz.GradCAM()(probe, image)


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(cnnviz.ModelError, match=r"folder without a saved_model\.pb"):
        cnnviz.Probe(tmp_path)


def test_a_path_that_does_not_exist_is_named() -> None:
    with pytest.raises(cnnviz.ModelError, match=r"no model file 'nowhere\.keras'"):
        cnnviz.Probe("nowhere.keras")


def test_a_missing_model_file_says_where_it_was_looked_for_and_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "classifier.keras").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    says = r"the current working directory, holds no 'clasifier\.keras'\. Did you mean 'classifier\.keras'\?"
    with pytest.raises(cnnviz.ModelError, match=says) as seen:
        cnnviz.Probe("clasifier.keras")
    assert shown_alone(seen.value)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(b"x")
    with pytest.raises(cnnviz.ModelError, match=r"must end in \.keras or \.h5.*got 'model\.pt'"):
        cnnviz.Probe(path)


@pytest.mark.parametrize("name", ["broken.keras", "broken.h5"])
def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"this is no model")
    with pytest.raises(
        cnnviz.ModelError, match=f"{name} could not be read as a Keras model; it may be damaged"
    ):
        cnnviz.Probe(path)


def test_an_archive_that_was_cut_short_is_said_to_be_damaged(tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.keras", tmp_path / "part.keras"
    models.functional().save(whole)
    with zipfile.ZipFile(whole) as full, zipfile.ZipFile(part, "w") as cut:
        cut.writestr("config.json", full.read("config.json"))
    with pytest.raises(cnnviz.ModelError, match=r"part\.keras could not be read as a Keras model"):
        cnnviz.Probe(part)


@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_a_file_with_a_lambda_layer_is_not_run_and_says_how_to_trust_it(tmp_path: Path, ending: str) -> None:
    image = keras.Input((8, 8, 3))
    doubled = keras.layers.Lambda(lambda x: x * 2)(keras.layers.Conv2D(2, 3)(image))
    path = tmp_path / f"untrusted.{ending}"
    keras.Model(image, keras.layers.GlobalAveragePooling2D()(doubled)).save(path)
    with pytest.raises(cnnviz.ModelError, match=r"holds a Lambda layer.*not run.*safe_mode=False"):
        cnnviz.Probe(path)


class Mine(keras.layers.Layer):
    """A layer that Keras does not know."""

    def call(self, x: object) -> object:
        return x


def bent(x: Any) -> Any:
    """Return an activation that Keras does not know."""
    return keras.ops.relu(x) * 2


def own(path: Path, *last: Any) -> Path:
    """Save a nested model that needs what Keras does not know."""
    image = keras.Input((8, 8, 3))
    inner = keras.Sequential([keras.Input((6, 6, 2)), *last, keras.layers.GlobalAveragePooling2D()])
    keras.Model(image, inner(keras.layers.Conv2D(2, 3)(image))).save(path)
    return path


@pytest.mark.parametrize(
    ("last", "kind", "name"),
    [
        (lambda: Mine(), "class", "Mine"),
        (lambda: keras.layers.Activation(bent), "function|activation function", "bent"),
    ],
)
@pytest.mark.parametrize("ending", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_what_a_file_needs_and_keras_does_not_know_is_named_with_a_line_that_works(
    tmp_path: Path, last: Any, kind: str, name: str, ending: str
) -> None:
    path = own(tmp_path / f"mine.{ending}", last())
    with pytest.raises(
        cnnviz.ModelError,
        match=rf"holds the ({kind}) '{name}', which Keras.*custom_objects={{'{name}': {name}}}",
    ) as seen:
        cnnviz.Probe(path)
    line = "cnnviz." + str(seen.value).partition("then write ")[2].partition(", or with")[0]
    with pytest.raises(cnnviz.ModelError, match="which Keras does not know"):
        cnnviz.Probe(path)  # once more: nothing is left of the first try
    opened = eval(line, {"cnnviz": cnnviz, "Mine": Mine, "bent": bent})
    assert opened.input_shape == (8, 8, 3)
    with keras.utils.custom_object_scope({"Mine": Mine, "bent": bent}):
        assert cnnviz.Probe(path).input_shape == (8, 8, 3)


def test_a_registered_layer_is_asked_for_by_its_registered_name(tmp_path: Path) -> None:
    class Registered(Mine):
        """A layer that another program registers."""

    known = keras.saving.get_custom_objects()
    keras.saving.register_keras_serializable("theirs")(Registered)
    path = own(tmp_path / "theirs.keras", Registered())
    for key in [key for key, value in known.items() if value is Registered]:
        del known[key]
    with pytest.raises(
        cnnviz.ModelError, match=r"the class 'Registered'.*\{'theirs>Registered': Registered\}"
    ):
        cnnviz.Probe(path)
    assert cnnviz.Probe(path, custom_objects={"theirs>Registered": Registered}).input_shape == (8, 8, 3)


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
class Closed(keras.Model):
    """A model whose ``__init__`` takes nothing of what Keras hands to it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = keras.layers.Conv2D(3, 3)

    def call(self, pictures: Any) -> Any:
        return keras.ops.mean(self.seen(pictures), axis=(1, 2))


def test_a_class_that_does_not_take_what_keras_hands_to_it_is_named_with_a_cure_that_works(
    tmp_path: Path,
) -> None:
    model, path, picture = Closed(), tmp_path / "closed.keras", models.picture()
    model(picture.pixels[None])
    model.save(path)
    with pytest.raises(
        cnnviz.ModelError, match=r"holds a Closed, whose __init__ does not take 'trainable'.*load_weights"
    ):
        cnnviz.Probe(path, custom_objects={"Closed": Closed})
    again = Closed()
    again(picture.pixels[None])
    again.load_weights(str(path))
    np.testing.assert_allclose(cnnviz.Probe(again).predict(picture), cnnviz.Probe(model).predict(picture))


def test_a_file_of_weights_alone_says_so(tmp_path: Path) -> None:
    model = models.functional()
    model.save_weights(tmp_path / "model.weights.h5")
    (tmp_path / "model.weights.h5").rename(tmp_path / "model.h5")
    model.save_weights(tmp_path / "model.weights.h5")
    for name in ("model.weights.h5", "model.h5"):
        with pytest.raises(cnnviz.ModelError, match=f"{name} holds weights only.*load_weights"):
            cnnviz.Probe(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("model.json", "plan without its weights.*model_from_json"),
        ("model.onnx", "ONNX is not read"),
        ("model.tflite", "TensorFlow Lite keeps no gradients"),
        ("saved_model.pb", "give the folder around it"),
        ("model.pth", "PyTorch"),
        ("model.safetensors", "holds weights only"),
        ("model.pkl", "may run code"),
    ],
)
def test_a_file_of_another_kind_says_what_it_is(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(cnnviz.ModelError, match=said):
        cnnviz.Probe(tmp_path / name)


def test_another_backend_is_named_as_the_cause() -> None:
    line = "import cnnviz_widgets as c\ntry: c.Probe('model.keras')\nexcept c.ModelError as e: print(e)"
    said = subprocess.run(
        [sys.executable, "-c", line],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Keras runs on 'torch' (KERAS_BACKEND is set to 'torch')" in said
    assert 'os.environ["KERAS_BACKEND"] = "tensorflow"' in said


@pytest.mark.parametrize("thing", [42, None, np.zeros(3), keras.layers.Dense(3)])
def test_a_thing_that_is_no_model_is_refused_by_its_kind(thing: object) -> None:
    with pytest.raises(cnnviz.ModelError, match=r"must be a keras\.Model or the path of a saved one; got"):
        cnnviz.Probe(thing)


def test_a_layer_alone_is_refused_with_the_line_that_makes_a_model_of_it() -> None:
    with pytest.raises(
        cnnviz.ModelError, match=r"keras\.Sequential\(\[keras\.Input\(\(height, width, 3\)\), layer\]\)"
    ):
        cnnviz.Probe(keras.layers.Dense(3))


def test_a_subclassed_model_that_was_never_called_says_to_call_it() -> None:
    with pytest.raises(cnnviz.ModelError, match="Call it once on a batch"):
        cnnviz.Probe(models.Subclassed())


def test_a_model_that_takes_no_picture_says_what_it_takes() -> None:
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])
    with pytest.raises(cnnviz.ModelError, match=r"takes no picture.*\(N, 5\)"):
        cnnviz.Probe(model)
