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
