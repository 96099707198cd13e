"""What a method is: declared settings, a place in the list, and results by the generator."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import method as method_module
from cnnviz_widgets.settings import number
from tests import models


@pytest.fixture
def brightness(monkeypatch: pytest.MonkeyPatch) -> type[cnnviz.Method]:
    """A method as a user would write it in a cell; it leaves the list when the test ends."""
    assert cnnviz.methods()
    monkeypatch.setattr(method_module, "_registered", dict(method_module._registered))

    @cnnviz.register
    @dataclass(frozen=True)
    class Brightness(cnnviz.Method):
        """How bright the picture is."""

        label = "Brightness"
        family = "Pixels"
        help = "How bright the picture is"
        source = "this test, 2026"

        times: float = number(1.0, low=0, help="what to multiply with")

        def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Heatmap]:
            values = image.pixels.mean(axis=2) * np.float32(self.times)
            yield cnnviz.Heatmap(**self.about(probe, image), values=values)

    return Brightness


def test_a_method_written_in_a_cell_is_listed_and_runs(brightness: type[cnnviz.Method]) -> None:
    assert cnnviz.methods()["Brightness"] is brightness
    assert method_module.named("Brightness") is brightness
    image = models.picture()
    found = brightness(times=2)(models.functional(), image)
    np.testing.assert_allclose(found.values, 2 * image.pixels.mean(axis=2), rtol=1e-6)


def test_the_same_label_again_takes_the_place_of_the_first(brightness: type[cnnviz.Method]) -> None:
    again = dataclass(frozen=True)(type("Brighter", (brightness,), {}))
    cnnviz.register(again)
    assert cnnviz.methods()["Brightness"] is again


def test_a_method_that_does_not_say_where_it_is_from_is_refused() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"Silent\.label must say something"):
        cnnviz.register(type("Silent", (cnnviz.Method,), {}))


def test_a_family_that_does_not_exist_is_refused(brightness: type[cnnviz.Method]) -> None:
    with pytest.raises(cnnviz.SettingError, match=r"family must be one of Class maps.*got 'Sounds'"):
        cnnviz.register(type("Loud", (brightness,), {"family": "Sounds"}))


def test_a_label_with_a_typing_error_is_answered_with_the_right_one() -> None:
    with pytest.raises(cnnviz.SettingError, match="Did you mean 'Saliency'"):
        method_module.named("Salency")


def test_methods_are_listed_by_family() -> None:
    order = [method_module.FAMILIES.index(m.family) for m in cnnviz.methods().values()]
    assert order == sorted(order)


def test_an_unknown_setting_is_answered_with_the_right_one() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"has no setting 'strid'.*Did you mean 'stride'"):
        cnnviz.Occlusion().replace(strid=3)


def test_explain_fits_a_picture_that_does_not_fit_whoever_calls_it() -> None:
    probe = cnnviz.Probe(models.functional(), value_range=(0, 1))
    large = cnnviz.Image(np.random.default_rng(1).integers(0, 255, (30, 20, 3), np.uint8))
    *_, asked = cnnviz.Saliency(target=0).explain(probe, large)
    np.testing.assert_array_equal(asked.values, cnnviz.Saliency(target=0)(probe, large).values)
    assert asked.image == probe.fit(large)
    assert asked.recipe.target == cnnviz.ClassScore(0)


def test_a_class_can_be_named() -> None:
    probe = cnnviz.Probe(models.functional(), labels=["cat", "Dog", "horse"])
    assert probe.target("dog") == cnnviz.ClassScore(1)
    with pytest.raises(cnnviz.TargetError, match=r"no class 'hrse' among 3. Did you mean 'horse'"):
        probe.target("hrse")


def test_a_word_of_class_names_lists_those_that_have_it_the_likeliest_first() -> None:
    probe = cnnviz.Probe(models.functional(), labels=["Egyptian cat", "catamaran", "tiger cat"])
    likely = [label for _, label, _ in probe.top(models.picture()) if label != "catamaran"]
    for image, named in ((None, ["Egyptian cat", "tiger cat"]), (models.picture(), likely)):
        first, second = named
        says = f"no class 'Cat' among 3. With that word: '{first}', '{second}'.$"
        with pytest.raises(cnnviz.TargetError, match=says):
            probe.target("Cat", image)


def test_a_methods_target_can_be_the_name_of_a_class() -> None:
    probe = cnnviz.Probe(models.functional(), labels=["Egyptian cat", "tiger cat", "owl"])
    named = cnnviz.GradCAM(target="Tiger cat")(probe, models.picture())
    assert named.recipe == cnnviz.GradCAM(target=1)(probe, models.picture()).recipe


def test_a_name_that_several_classes_have_is_refused_with_those() -> None:
    probe = cnnviz.Probe(models.functional(), labels=["Egyptian cat", "tiger cat", "owl"])
    for method in (cnnviz.GradCAM(target="cat"), cnnviz.Saliency(target="cat")):
        with pytest.raises(
            cnnviz.TargetError, match=r"no class 'cat' among 3. With that word: '\w+ cat', '\w+ cat'"
        ):
            method(probe, models.picture())


@pytest.mark.parametrize("name", ["gradcam", "Grad CAM", "grad-cam", "GRAD_CAM"])
def test_a_method_is_known_however_its_name_is_spelt(name: str) -> None:
    assert method_module.named(name) is cnnviz.GradCAM


def test_methods_with_like_names_stay_apart() -> None:
    for name in ("gradcam++", "grad-cam plus plus"):
        assert method_module.named(name) is cnnviz.GradCAMPlusPlus


def test_a_class_map_of_a_layers_own_target_is_read_from_that_layer() -> None:
    probe = cnnviz.Probe(models.functional())
    first, last = probe.spatial_layers[0].name, probe.spatial_layers[-1].name
    own = cnnviz.GradCAM(target=cnnviz.LayerEnergy(first))(probe, models.picture())
    assert own.layer == first
    late = cnnviz.GradCAM(layer=last, target=cnnviz.LayerEnergy(first))(probe, models.picture())
    assert late.notes == (f"Flat: {last} comes after {first}. Choose {first} or an earlier layer.",)
