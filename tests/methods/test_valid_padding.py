"""Where convolutions leave out the picture's edge, maps are laid where their cells look."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Style
from cnnviz_widgets.render import picture
from cnnviz_widgets.render.marks import contour, tinted
from cnnviz_widgets.resampling import laid, resized
from cnnviz_widgets.widgets.core.explanation_canvas import cell

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
    segmenter = cnnviz.Probe(cnnviz.demo.segmenter())
    assert segmenter.output_extent() is None
    assert [segmenter.map_extent(layer.name) for layer in segmenter.spatial_layers] == [None] * len(
        segmenter.spatial_layers
    )
    with pytest.raises(cnnviz.LayerError, match="c9"):
        same.map_extent("c9")


@pytest.mark.parametrize("place", [(19, 19), (19, 43), (43, 35)])
@pytest.mark.parametrize("method", [cnnviz.GradCAM, cnnviz.LayerCAM])
def test_a_class_map_is_drawn_where_the_dot_is(
    probe: cnnviz.Probe, method: type[cnnviz.Method], place: tuple[int, int]
) -> None:
    found = method(target=0)(probe, dotted(*place))
    assert found.values.shape == (4, 4)
    assert any("look at the inside of the picture" in note for note in found.notes)
    look = Style(mode="map", colormap="gray")
    drawn, stretched = (
        picture(one, look, size=SIDE)[..., 0].astype(int) for one in (found, replace(found, extent=None))
    )
    assert drawn[place] >= drawn.max() - 8
    assert stretched[place] < stretched.max() - 20


@pytest.mark.parametrize("method", [cnnviz.CAM, cnnviz.ScoreCAM, cnnviz.GradCAMPlusPlus])
def test_every_class_map_says_where_it_lies(probe: cnnviz.Probe, method: type[cnnviz.Method]) -> None:
    assert method(target=0)(probe, dotted(19, 19)).extent == probe.map_extent("c3")


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


def masking() -> keras.Model:
    """Return a mask of what is bright, of a picture without an edge of 12 pixels."""
    image = made = keras.Input((SIDE, SIDE, 1))
    for number in range(6):
        made = layers.Conv2D(1, 5, kernel_initializer=_middle, name=f"c{number}")(made)
    bias = keras.initializers.Constant(-0.5)
    one = layers.Conv2D(
        1, 1, activation="sigmoid", kernel_initializer="ones", bias_initializer=bias, name="mask"
    )
    return keras.Model(image, one(made), name="masking")


def _middle(shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
    kernel = np.zeros(shape, np.float32)
    kernel[2, 2] = 1
    return kernel


def test_a_mask_lies_where_its_places_look() -> None:
    bright = np.zeros((SIDE, SIDE, 1), np.float32)
    bright[16:32, 20:44] = 1
    probe = cnnviz.Probe(masking(), value_range=(0, 1), task="segmentation")
    assert probe.output_shape == (40, 40, 1)
    top, left, height, width = probe.output_extent() or ()
    assert (top * SIDE, left * SIDE, height * SIDE, width * SIDE) == pytest.approx((12, 12, 40, 40))
    found = cnnviz.Saliency(target=cnnviz.ClassScore(1, at="predicted"))(probe, cnnviz.Image(bright, (0, 1)))
    (line,) = found.marks
    white = contour(line.mask.places, (SIDE, SIDE), line.extent).white > 0.5
    rows, columns = np.nonzero(white)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == pytest.approx((16, 31, 20, 43), abs=1.5)
    tint = tinted(
        np.full((SIDE, SIDE, 3), 200, np.uint8),
        line.mask.places.astype(int),
        [(0, 0, 0), (255, 0, 0)],
        1,
        line.extent,
    )
    red = tint[..., 0].astype(int) - tint[..., 1] > 40
    assert (red == (bright[..., 0] > 0)).all()
    assert (tint[:12] == 200).all()


def test_a_place_that_is_clicked_in_such_a_picture_is_the_one_under_the_mouse() -> None:
    probe = cnnviz.Probe(masking(), value_range=(0, 1), task="segmentation")
    ((ring, *_),) = (
        cnnviz.Saliency(target=cnnviz.ClassScore(0, at=(8, 20)))(probe, dotted(30, 30)).marks[-1:],
    )
    assert (ring.x * SIDE, ring.y * SIDE) == pytest.approx((32.5, 20.5))
    assert cell((40, 40), ring.x, ring.y, probe.output_extent()) == (8, 20)


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
