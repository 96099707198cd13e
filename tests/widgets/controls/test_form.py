"""From declared settings to controls: kinds, ranges, and where the picture sets the end."""

from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np
import pytest

from cnnviz_widgets import DeepDream, Image, Method, generators, methods
from cnnviz_widgets.settings import Settings, Spec, choice, flag, layer_name, number, objective, whole
from cnnviz_widgets.widgets.controls.form import Form, control

SPEECH = ("one", "two")


@dataclass(frozen=True)
class Every(Settings):
    size: int | None = whole(None, low=1, control_high=112, unit="px", help="side of the patch")
    noise: float = number(0.2, low=0, high=1, step=0.1, help="how much noise")
    mode: str = choice("one", SPEECH, help="which way")
    mirror: bool = flag(False, help="both sides")
    seed: int = whole(0, low=0, high=99, help="seed", advanced=True, label="Random seed")
    layer: str | None = layer_name(help="where")
    target: Any = objective(help="what")


def made(*args: Any, **more: Any) -> Any:
    return control(*args, **more)


def test_a_whole_number_is_a_slider_of_whole_numbers_in_its_range() -> None:
    slider = made(Spec("whole", "help", low=2, high=9, step=3), 5)
    assert isinstance(slider, widgets.IntSlider)
    assert (slider.min, slider.max, slider.step, slider.value, slider.tooltip) == (2, 9, 3, 5, "help")


def test_a_number_is_a_slider_of_numbers() -> None:
    slider = made(Spec("number", "help", low=-2, high=3, step=0.5), 1.5)
    assert isinstance(slider, widgets.FloatSlider)
    assert (slider.min, slider.max, slider.step, slider.value) == (-2, 3, 0.5, 1.5)


@pytest.mark.parametrize(
    ("low", "high", "unit", "readout"),
    [(0, 1, "", ".0%"), (0, 1, "px", ".3g"), (0, 2, "", ".3g"), (0.5, 1, "", ".3g")],
)
def test_only_a_share_of_one_is_read_as_per_cent(low: float, high: float, unit: str, readout: str) -> None:
    assert made(Spec("number", "help", low=low, high=high, unit=unit), 1).readout_format == readout


def test_the_picture_sets_the_end_of_a_slider_before_the_declaration_does() -> None:
    spec = Spec("whole", "help", low=1, high=1000, control_high=112)
    assert [made(spec, 1, high=high).max for high in (32, None)] == [32, 112]


def test_a_slider_reaches_the_value_that_it_stands_at() -> None:
    assert made(Spec("whole", "help", low=1, control_high=112), 300, high=32).max == 300


def test_a_slider_without_a_declared_end_has_one() -> None:
    assert made(Spec("whole", "help"), 5).max == 100


def test_an_open_setting_stands_at_its_lowest_value() -> None:
    assert made(Spec("whole", "help", low=3, automatic=True), None).value == 3


def test_a_flag_is_a_box_to_tick() -> None:
    box = made(Spec("flag", "help"), True)
    assert isinstance(box, widgets.Checkbox)
    assert (box.value, box.tooltip) == (True, "help")


def test_few_short_words_are_buttons_side_by_side() -> None:
    buttons = made(Spec("choice", "help", choices=SPEECH), "two")
    assert isinstance(buttons, widgets.ToggleButtons)
    assert (buttons.value, [name for name, _ in buttons.options]) == ("two", ["One", "Two"])


@pytest.mark.parametrize("words", [tuple("abcdefg"), ("a word of its own length", "and another such word")])
def test_many_or_long_words_are_a_list_to_open(words: tuple[str, ...]) -> None:
    assert isinstance(made(Spec("choice", "help", choices=words), words[0]), widgets.Dropdown)


def test_short_names_keep_their_letters() -> None:
    names = [name for name, _ in made(Spec("choice", "help", choices=("l2", "max", "RGB")), "l2").options]
    assert names == ["L2", "Max", "RGB"]


def test_a_value_that_the_words_do_not_hold_is_added_to_them() -> None:
    assert made(Spec("choice", "help", choices=SPEECH, pattern="a colour"), "#ff8800").value == "#ff8800"


@pytest.mark.parametrize("kind", ["layer", "target", "text"])
def test_what_has_a_place_of_its_own_gets_no_control(kind: Any) -> None:
    assert made(Spec(kind, "help"), None) is None


def test_a_form_holds_a_control_for_each_setting_that_has_no_place_of_its_own() -> None:
    assert list(Form(Every(size=4), print).controls) == ["size", "noise", "mode", "mirror", "seed"]


def labels(box: Any) -> list[str]:
    return [row.children[0].value for row in box.children]


def test_the_first_three_settings_are_the_lever_and_the_rest_goes_under_more() -> None:
    form = Form(Every(size=4), print)
    assert labels(form.lever) == ["Size", "Noise", "Mode"]
    assert labels(form.more) == ["Mirror", "Random seed"]


def test_moving_a_control_tells_the_setting_and_its_new_value() -> None:
    moved: list[Any] = []
    form = Form(Every(size=4), lambda name, value: moved.append((name, value)))
    form.controls["size"].value = 8
    form.controls["mode"].value = "two"
    form.controls["mirror"].value = True
    assert moved == [("size", 8), ("mode", "two"), ("mirror", True)]


def test_putting_other_values_asks_for_nothing_and_widens_a_slider_that_is_too_short() -> None:
    moved: list[Any] = []
    form = Form(Every(size=4), lambda name, value: moved.append((name, value)), {"size": 8})
    form.put(Every(size=30, noise=0.5, mode="two", mirror=True))
    found = {name: made.value for name, made in form.controls.items()}
    assert found == {"size": 30, "noise": 0.5, "mode": "two", "mirror": True, "seed": 0}
    assert moved == []


def test_what_is_left_open_does_not_move_its_control() -> None:
    form = Form(Every(size=4), print)
    form.put(Every())
    assert form.controls["size"].value == 4


@pytest.mark.parametrize("method", [*methods().values(), *generators().values()])
def test_a_slider_has_a_step_at_its_value_since_the_page_would_round_it(method: type[Method]) -> None:
    settings = method().fitted(Image.load(np.zeros((64, 64, 3), np.float32)))
    sliders = [
        made
        for made in Form(settings, lambda *_: None).controls.values()
        if isinstance(made, widgets.FloatSlider)
    ]
    for made in sliders:
        steps = (made.value - made.min) / made.step
        assert steps == pytest.approx(round(steps), abs=1e-4)


def test_a_slider_that_is_moved_by_code_gets_a_step_there() -> None:
    form = Form(DeepDream(octaves=1), lambda *_: None)
    form.put(DeepDream(octaves=1, rate=0.01234))
    steps = (0.01234 - form.controls["rate"].min) / form.controls["rate"].step
    assert steps == pytest.approx(round(steps), abs=1e-4)
