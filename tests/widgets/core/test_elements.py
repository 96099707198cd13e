"""The pieces that widgets are put together from: rows, safe text, thumbnails, and their end."""

import base64
import io
import re
from typing import Any

import ipywidgets as widgets
import numpy as np
import PIL.Image
import pytest
from ipywidgets.widgets import widget as registry

from cnnviz_widgets.widgets.core.elements import (
    Looks,
    box,
    button,
    css_text,
    data_url,
    free,
    mark,
    row,
    shown,
    square,
    stylesheet,
    title,
)
from cnnviz_widgets.widgets.core.sizes import size_for

HOSTILE = '"><img src=x onerror=alert(1)>'


def known() -> set[str]:
    return set(registry._instances)


def test_free_closes_children_layouts_and_styles_at_every_depth() -> None:
    before = known()
    inner = widgets.HBox([widgets.IntSlider(), widgets.ToggleButtons(options=["a"]), widgets.Dropdown()])
    whole = widgets.VBox([row("size", widgets.FloatSlider()), inner, title("x"), button("b", "c", "d")])
    assert known() > before
    free(whole)
    assert known() == before


def test_free_takes_a_widget_that_stands_in_two_places_once() -> None:
    before = known()
    twice = widgets.Button()
    free(widgets.VBox([twice, widgets.HBox([twice])]))
    assert known() == before


def test_parts_made_while_looks_are_lent_share_them() -> None:
    with Looks().lent():
        one, other = button("a", "b", "c"), button("d", "e", "f")
    assert (one.layout, one.style) == (other.layout, other.style)
    assert button("g", "h", "i").layout is not one.layout


def test_a_part_that_is_hidden_takes_no_other_with_it() -> None:
    with Looks().lent():
        one, other = button("a", "b", "c"), button("d", "e", "f")
    shown(one, False)
    assert (one.layout.display, other.layout.display) == ("none", None)


def test_a_row_of_parts_that_share_their_looks_widens_only_its_control() -> None:
    with Looks().lent():
        inner, other = box(widgets.HBox, "a"), box(widgets.HBox, "b")
        row("size", inner)
    assert (inner.layout.width, other.layout.width) == ("auto", None)


def test_free_leaves_shared_looks_to_those_that_still_use_them() -> None:
    looks = Looks()
    with looks.lent():
        one, other = button("a", "b", "c"), button("d", "e", "f")
    free(one)
    assert other.layout.comm is not None
    assert other.style.comm is not None


def test_nothing_is_left_once_shared_looks_are_closed_too() -> None:
    before, looks = known(), Looks()
    with looks.lent():
        whole = box(widgets.VBox, "a", button("b", "c", "d"), row("size", box(widgets.HBox, "e")))
    free(whole)
    looks.close()
    assert known() == before


def test_looks_lent_within_others_are_lent_back() -> None:
    outer = Looks()
    with outer.lent():
        first = button("a", "b", "c")
        with Looks().lent():
            inner = button("d", "e", "f")
        last = button("g", "h", "i")
    assert last.layout is first.layout
    assert inner.layout is not first.layout


def test_free_drops_what_was_observing() -> None:
    seen: list[Any] = []
    slider = widgets.IntSlider()
    slider.observe(seen.append, "value")
    free(slider)
    slider.value = 3
    assert seen == []


@pytest.mark.parametrize("text", [HOSTILE, "a\\b", "a\nb", "</style>", "36.4 %", "“tiger” {x}; }", "käse"])
def test_a_css_string_cannot_be_broken_out_of(text: str) -> None:
    written = css_text(text)
    assert re.fullmatch(r'"(\\[0-9a-f]+ |[\w .,%()-])*"', written)
    back = re.sub(r"\\([0-9a-f]+) ", lambda found: chr(int(found[1], 16)), written[1:-1])
    assert back == text


def test_a_heading_is_text_and_not_markup() -> None:
    assert "<img" not in title(HOSTILE, HOSTILE).value


def test_a_button_calls_without_an_argument() -> None:
    seen: list[int] = []
    made = button("text", "cv-x", "tip", lambda: seen.append(1))
    made.click()
    assert (seen, made.tooltip, "cv-x" in made._dom_classes) == ([1], "tip", True)


def test_of_several_buttons_one_is_marked_or_none() -> None:
    buttons = [widgets.Button() for _ in range(3)]
    for chosen in (0, 2, None):
        mark(buttons, chosen)
        assert [k for k in range(3) if "cv-on" in buttons[k]._dom_classes] == (
            [] if chosen is None else [chosen]
        )


def test_at_no_moment_are_two_buttons_marked() -> None:
    buttons = [widgets.Button() for _ in range(3)]
    mark(buttons, 2)
    marked: list[int] = []
    for one in buttons:
        one.observe(lambda _: marked.append(sum("cv-on" in b._dom_classes for b in buttons)), "_dom_classes")
    mark(buttons, 0)
    assert marked == [0, 1]


def test_what_is_hidden_takes_no_room() -> None:
    made = widgets.Button()
    shown(made, False)
    assert made.layout.display == "none"
    shown(made, True)
    assert made.layout.display is None


def test_a_thumbnail_is_the_middle_square() -> None:
    wide = np.zeros((10, 20, 3), np.uint8)
    wide[:, 5:15] = 200
    cut = square(wide, 8)
    assert cut.shape == (8, 8, 3)
    assert (cut == 200).all()


def test_a_thumbnail_of_a_strip_is_all_of_it_on_black() -> None:
    strip = np.full((10, 40, 3), 200, np.uint8)
    for whole in (square(strip, 8), square(strip.transpose(1, 0, 2), 8).transpose(1, 0, 2)):
        assert whole.shape == (8, 8, 3)
        assert (whole[3:5] > 180).all()
        assert (whole[[0, 1, 6, 7]] < 30).all()


def test_a_picture_becomes_an_address_that_opens() -> None:
    kind, code = data_url(np.full((4, 6, 3), 90, np.uint8)).split(",")
    opened = PIL.Image.open(io.BytesIO(base64.b64decode(code)))
    assert (kind, opened.size, opened.format) == ("data:image/jpeg;base64", (6, 4), "JPEG")


def test_the_looks_come_with_the_package_and_close_every_brace() -> None:
    looks = stylesheet()
    assert ".cv " in looks
    assert looks.count("{") == looks.count("}")


@pytest.mark.parametrize(
    ("width", "size"),
    [
        (1200, "L"),
        (952, "L"),
        (951, "M"),
        (868, "M"),
        (867, "L"),
        (660, "L"),
        (659, 560),
        (300, 292),
        (20, 160),
    ],
)
def test_the_width_of_the_column_sets_the_size(width: int, size: str | int) -> None:
    assert size_for(width) == size
