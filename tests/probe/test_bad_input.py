"""What a probe refuses: each with the setting, what is allowed, what came and the cure."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Custom, LayerEnergy, ReconstructionError, Similarity, Unit
from tests import easy_models, models


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.mark.parametrize(
    ("labels", "said"),
    [(["a", "b"], "the model has 3, labels has 2"), (list("abcd"), "the model has 3, labels has 4")],
)
def test_labels_of_the_wrong_length_are_refused(labels: list[str], said: str) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        cnnviz.Probe(models.functional(), labels=labels)


def test_labels_may_be_a_mapping_with_gaps() -> None:
    probe = cnnviz.Probe(models.functional(), labels={1: "cat"})
    assert [probe.label(k) for k in range(3)] == ["class 0", "cat", "class 2"]


def test_a_value_range_on_the_model_is_its_own_if_it_makes_sense() -> None:
    model = models.functional()
    model.value_range = (-1, 1)
    assert cnnviz.Probe(model).value_range == (-1, 1)
    assert cnnviz.Probe(model, value_range=(0, 1)).value_range == (0, 1)
    model.value_range = "wide"
    assert cnnviz.Probe(model).value_range is None


def test_class_names_on_the_model_are_its_labels_if_they_fit() -> None:
    model = models.functional()
    model.class_names = ["a", "b", "c"]
    assert cnnviz.Probe(model).label(2) == "c"
    model.class_names = ["a"]
    assert cnnviz.Probe(model).labels is None


def test_an_array_of_the_wrong_size_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match=r"shape \(N, 8, 8, 3\); got \(2, 9, 8, 3\)"):
        probe.predict(np.zeros((2, 9, 8, 3)))


def test_an_array_with_nan_is_refused(probe: cnnviz.Probe) -> None:
    broken = np.zeros((2, 8, 8, 3))
    broken[1, 0, 0, 0] = np.nan
    with pytest.raises(cnnviz.ImageError, match="1 of 384 pixel values are NaN or infinite"):
        probe.predict(broken)


def test_a_picture_with_nan_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match="NaN or infinite"):
        cnnviz.Saliency()(probe, np.full((8, 8, 3), np.nan))


def test_a_picture_of_five_channels_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match="the picture has 5 channels; the model takes 3"):
        cnnviz.Saliency()(probe, np.zeros((8, 8, 5)))


def test_pixels_outside_the_declared_range_are_refused() -> None:
    with pytest.raises(cnnviz.ImageError, match=r"must lie in value_range \(0, 1\); these run from 0 to 7"):
        cnnviz.Image(np.array([[0.0, 7.0]]), (0, 1))


def test_a_picture_of_another_size_is_fitted(probe: cnnviz.Probe) -> None:
    assert probe.fit(models.picture(20, 30)).size == (8, 8)


def test_a_picture_asked_for_again_is_fitted_once(probe: cnnviz.Probe) -> None:
    given = models.picture(20, 30)
    assert probe.fit(given) is probe.fit(given)


def test_a_picture_fitted_in_another_way_is_another_picture(probe: cnnviz.Probe) -> None:
    given = models.picture(20, 30)
    assert probe.fit(given, "crop") != probe.fit(given, "stretch")


def test_a_model_of_any_size_takes_the_picture_as_it_is() -> None:
    assert cnnviz.Probe(models.functional((None, None, 3))).fit(models.picture(20, 30)).size == (20, 30)


def test_an_empty_list_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match="the list of images is empty"):
        probe.predict([])


def test_an_empty_batch_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match="empty"):
        probe.predict(np.zeros((0, 8, 8, 3)))


def test_a_preprocess_that_changes_the_shape_is_refused() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x[:, ::2])
    with pytest.raises(
        cnnviz.ImageError, match=r"must keep the shape \(1, 8, 8, 3\); it returned \(1, 4, 8, 3\)"
    ):
        probe.predict(models.picture())


def test_a_preprocess_that_fails_is_quoted() -> None:
    def broken(x: np.ndarray) -> np.ndarray:
        raise KeyError("mean")

    with pytest.raises(cnnviz.ImageError, match=r"preprocess failed.*mean"):
        cnnviz.Probe(models.functional(), preprocess=broken).predict(models.picture())


def test_a_preprocess_that_writes_into_its_argument_leaves_the_picture_alone() -> None:
    def halved(x: np.ndarray) -> np.ndarray:
        x *= 0.5
        return x

    image = models.picture()
    probe, plain = cnnviz.Probe(models.functional(), preprocess=halved), cnnviz.Probe(models.functional())
    np.testing.assert_allclose(probe.predict(image), plain.predict(image.pixels[None] / 2), atol=1e-6)


def test_a_value_range_that_is_none_is_refused() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"value_range must be .*got \(1, 0\)"):
        cnnviz.Probe(models.functional(), value_range=(1, 0))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (ClassScore(3), r"ClassScore\.index must be from 0 to 2, the classes of functional; got 3"),
        (Unit("conv9"), r"no layer 'conv9'.*Did you mean 'conv_\d'"),
        (LayerEnergy("relu"), r"no layer 'relu'.*Did you mean 'relu_1'"),
        (Unit("conv_1", 4), r"Unit\.channel must be from 0 to 3, the channels of conv_1; got 4"),
        (Unit("conv_1", 0, (8, 0)), r"Unit\.position row must be from 0 to 7 in conv_1; got 8"),
        (Unit("mean", 0, (0, 0)), r"Unit\.position needs a layer with maps; mean gives \(5,\)"),
        (ReconstructionError(), "needs a model whose output has the picture's shape"),
        ("cat", "target 'cat': the classes have no names. Give Probe"),
        (Custom(lambda output: output, "all"), r"'all' must return one number an image, shape \(N,\)"),
        (Custom(lambda output: output[0, 0], "one"), r"'one' must return one number an image"),
        (Custom(lambda output: output.nothing, "bad"), "your function 'bad' failed on the model's output"),
        (Custom(lambda output: np.float32([1.0]), "still"), "not differentiable"),
    ],
)
def test_a_target_that_does_not_fit_says_what_would(probe: cnnviz.Probe, target: Any, said: str) -> None:
    with pytest.raises(cnnviz.TargetError, match=said):
        probe.gradient(models.picture(), target)


def test_a_custom_score_that_drops_images_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.TargetError, match="one number an image; it gave 1 for 32"):
        probe.scores([models.picture(), models.picture(seed=1)], Custom(lambda o: o[:1, 0], "some"))


def test_a_reference_whose_code_is_silent_has_no_cosine() -> None:
    model = easy_models.averaging(np.zeros((3, 2), np.float32), np.ones((2, 2), np.float32))
    with pytest.raises(cnnviz.TargetError, match="all zero: its cosine with anything is undefined"):
        cnnviz.Probe(model).scores([models.picture()], Similarity(models.picture(), "maps"))


def test_a_class_of_a_model_that_gives_pictures_is_refused() -> None:
    with pytest.raises(cnnviz.TargetError, match="gives a picture, not classes"):
        cnnviz.Saliency(target=0)(models.autoencoder(), models.picture(channels=1))


def test_a_layer_name_that_fits_several_is_refused() -> None:
    probe = cnnviz.Probe(models.shared_model())
    assert probe.layer("base/conv_1").name == "base/conv_1"
    with pytest.raises(cnnviz.LayerError, match="Did you mean"):
        probe.layer("base/conv_3")
