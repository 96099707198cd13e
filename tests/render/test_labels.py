"""Label maps: a colour a label, and a legend."""

import numpy as np
import pytest

from cnnviz_widgets.explanation import LabelMap
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.render import label_colours, panels, picture, thumbnail
from cnnviz_widgets.render.labels import LONGEST, OTHERS, OWN, REST, bands, flat
from cnnviz_widgets.style import Style


def labelled(count: int = 3, side: int = 12, name: str = "label") -> LabelMap:
    values = np.random.default_rng(0).integers(0, count, (side, side)).astype(np.int32) * 7
    pixels = np.random.default_rng(1).integers(0, 256, (side, side, 3), dtype=np.uint8)
    legend = {7 * k: f"{name} {k}" for k in range(count)}
    return LabelMap(image=Image(pixels), recipe=None, values=values, legend=legend)


def test_the_bare_pictures_label_is_grey_and_the_others_have_colours_of_their_own() -> None:
    named = label_colours(labelled(4))
    assert named[0] == ("label 0", OWN)
    assert len({colour for _, colour in named}) == 4


def test_labels_beyond_the_colours_share_one() -> None:
    named = label_colours(labelled(len(OTHERS) + 3))
    assert [colour for _, colour in named[-2:]] == [REST, REST]


def test_every_pixel_has_the_colour_of_its_label() -> None:
    found = labelled()
    colours = dict(zip(found.legend, (colour for _, colour in label_colours(found)), strict=True))
    drawn = flat(found)
    assert all(tuple(drawn[at]) == colours[int(found.values[at])] for at in np.ndindex(found.values.shape))


def test_the_mode_map_shows_the_colours_alone() -> None:
    drawn = picture(labelled(), Style(mode="map"), size=120)
    assert {tuple(c) for c in drawn.reshape(-1, 3)} <= {colour for _, colour in label_colours(labelled())}


def test_the_photograph_shows_where_the_label_stays() -> None:
    found = labelled()
    drawn, solid = (picture(found, style, size=12) for style in (Style(opacity=1.0), Style(mode="map")))
    same = (drawn == solid).all(axis=2)
    np.testing.assert_array_equal(same, found.values != 0)


def test_a_large_picture_carries_a_legend_and_a_small_one_does_not() -> None:
    large = picture(labelled(1), Style(mode="map"), size=300)
    assert (large != np.array(OWN, np.uint8)).any()
    assert (thumbnail(labelled(1), Style(mode="map")) == np.array(OWN, np.uint8)).all()


def test_side_by_side_is_twice_as_wide() -> None:
    assert picture(labelled(), Style(mode="side by side"), size=100).shape[1] > 200


def test_the_bar_is_a_band_for_each_label_named_at_its_ends() -> None:
    drawn = panels(labelled(3), hero=240, tile=100)
    assert (drawn.low, drawn.high, drawn.tag) == ("label 0", "label 2", "3 labels")
    assert len(np.unique(drawn.bar, axis=0)) == 3


def test_one_label_everywhere_is_said() -> None:
    assert bands(labelled(1)).flat == "Flat: it says label 0 wherever it is covered."


@pytest.mark.parametrize("count", [2, 30])
def test_long_names_are_cut_and_many_labels_still_fit(count: int) -> None:
    found = labelled(count, name="a name that goes on and on")
    assert picture(found, size=220).shape == (220, 220, 3)
    assert len(bands(found).low_text) == LONGEST
