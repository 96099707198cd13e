"""Where convolutions leave out the picture's edge, maps are laid where their cells look."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Style
from cnnviz_widgets.render import picture
from cnnviz_widgets.resample import laid, resized
from cnnviz_widgets.widgets.stage import cell

SIDE = 64


def valid(convolutions: int = 4, padding: str = "valid") -> keras.Model:
    """Return convolutions that average, each but the last with a pooling, read by the mean of the last map."""
    image = made = keras.Input((SIDE, SIDE, 1))
    for number in range(convolutions):
        made = layers.Conv2D(1, 3, padding=padding, name=f"c{number}", kernel_initializer="ones")(made)
        if number < convolutions - 1:
            made = layers.MaxPooling2D(name=f"p{number}")(made)
    scores = layers.Dense(2, kernel_initializer="ones")(layers.GlobalAveragePooling2D()(made))
    return keras.Model(image, scores, name="valid")


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(valid(), value_range=(0, 1), task="multiclass")


def dotted(row: int, column: int) -> cnnviz.Image:
    values = np.zeros((SIDE, SIDE, 1), np.float32)
    values[row - 1 : row + 2, column - 1 : column + 2] = 1
    return cnnviz.Image(values, (0, 1), "a dot")


def test_a_map_lies_where_the_middle_of_what_its_cells_see_is(probe: cnnviz.Probe) -> None:
    top, left, height, width = probe.map_extent("c3") or ()
    for row, column in ((0, 0), (3, 1), (2, 3)):
        field = probe.receptive_field("c3", (row, column))
        middle = (field.top + field.height / 2) / SIDE, (field.left + field.width / 2) / SIDE
        assert middle == pytest.approx((top + (row + 0.5) * height / 4, left + (column + 0.5) * width / 4))


def test_a_layer_that_is_drawn_in_its_place_anyway_has_all_of_the_picture(probe: cnnviz.Probe) -> None:
    assert probe.map_extent("c0") is None
    assert probe.map_size("c3") == (4, 4)
    same = cnnviz.Probe(valid(3, "same"), value_range=(0, 1), task="multiclass")
    assert [same.map_extent(layer.name) for layer in same.spatial_layers] == [None] * 5
    with pytest.raises(cnnviz.LayerError, match="c9"):
        same.map_extent("c9")


@pytest.mark.parametrize("place", [(19, 19), (19, 43), (43, 35)])
@pytest.mark.parametrize("method", [cnnviz.GradCAM, cnnviz.LayerCAM, cnnviz.CAM])
def test_a_class_map_is_drawn_where_the_dot_is(
    probe: cnnviz.Probe, method: type[cnnviz.Method], place: tuple[int, int]
) -> None:
    found = method(target=0)(probe, dotted(*place))
    assert found.values.shape == (4, 4)
    assert any("look at the inside of the picture" in note for note in found.notes)
    look = Style(mode="map", colormap="gray", signed_colormap="gray")
    drawn, stretched = (
        picture(one, look, size=SIDE)[..., 0].astype(int) for one in (found, replace(found, extent=None))
    )
    assert drawn[place] >= drawn.max() - 2
    assert stretched[place] < stretched.max() - 20


def test_guided_grad_cam_keeps_what_is_where_the_dot_is(probe: cnnviz.Probe) -> None:
    found = cnnviz.GuidedGradCAM(target=0, reduction="max")(probe, dotted(19, 19))
    expected = laid(
        cnnviz.GradCAM(target=0)(probe, dotted(19, 19)).values, (SIDE, SIDE), probe.map_extent("c3")
    )
    guided = cnnviz.GuidedBackprop(target=0, reduction="max")(probe, dotted(19, 19)).values
    np.testing.assert_allclose(found.values, guided * expected, rtol=1e-4, atol=1e-6)


def test_feature_maps_and_the_mouse_are_at_the_same_places(probe: cnnviz.Probe) -> None:
    maps = cnnviz.FeatureMaps(layer="c3")(probe, dotted(19, 19))
    assert maps.extent == probe.map_extent("c3")
    for row, column in ((0, 0), (2, 1), (3, 3)):
        field = probe.receptive_field("c3", (row, column))
        y, x = (field.top + field.height / 2) / SIDE, (field.left + field.width / 2) / SIDE
        assert cell((4, 4), x, y, maps.extent) == (row, column)
    assert cell((4, 4), 0.0, 0.999, maps.extent) == (3, 0)


def test_a_map_that_is_laid_on_all_of_a_picture_is_a_resized_one() -> None:
    values = np.random.default_rng(0).random((5, 7, 2)).astype(np.float32)
    for size in ((20, 21), (3, 4)):
        np.testing.assert_allclose(laid(values, size, (0, 0, 1, 1)), resized(values, size), atol=1e-6)
    np.testing.assert_array_equal(
        laid(values, (10, 14), (0, 0, 1, 1), smooth=False), resized(values, (10, 14), False)
    )


def test_beyond_a_map_its_outermost_cells_go_on() -> None:
    made = laid(np.array([[1, 2], [3, 4]], np.float32), (8, 8), (0.25, 0.25, 0.5, 0.5))
    assert [made[0, 0], made[0, -1], made[-1, 0], made[-1, -1]] == [1, 2, 3, 4]
    assert made[3:5, 3:5].mean() == pytest.approx(2.5)
    assert made[2, 2] == 1
