"""Pictures looked at before: undo, redo, and what is noted."""

from typing import Any

import numpy as np

from cnnviz_widgets import GradCAM, Style
from cnnviz_widgets.widgets.explorer.history import KEPT, History, Moment


def moment(image: int = 0, layer: str = "conv_1", **style: Any) -> Moment:
    return Moment(image, GradCAM(layer=layer), Style(**style), np.zeros((2, 2, 3), np.uint8))


def test_at_first_there_is_nothing_to_undo_or_redo() -> None:
    history = History()
    assert (history.can_undo, history.can_redo, history.step(-1), history.step(1)) == (
        False,
        False,
        None,
        None,
    )


def test_undo_and_redo_go_along_the_moments() -> None:
    history, noted = History(), [moment(k) for k in range(3)]
    assert all(history.note(m) for m in noted)
    assert [history.step(-1), history.step(-1), history.step(-1)] == [noted[1], noted[0], None]
    assert [history.step(1), history.step(1), history.step(1)] == [noted[1], noted[2], None]


def test_what_is_already_there_is_not_noted_twice_even_with_another_thumbnail() -> None:
    history = History()
    history.note(moment())
    again = Moment(0, GradCAM(layer="conv_1"), Style(), np.ones((2, 2, 3), np.uint8))
    assert history.note(again) is False
    assert len(history.moments) == 1


def test_another_setting_layer_or_style_is_another_moment() -> None:
    history = History()
    noted = [history.note(m) for m in (moment(), moment(layer="conv_2"), moment(1), moment(1, opacity=0.3))]
    assert noted == [True] * 4


def test_a_new_moment_drops_those_that_were_undone() -> None:
    history = History()
    for k in range(3):
        history.note(moment(k))
    history.step(-1)
    history.note(moment(9))
    assert [m.image for m in history.moments] == [0, 1, 9]
    assert (history.can_undo, history.can_redo) == (True, False)


def test_undo_on_the_way_to_another_picture_leads_back_to_the_one_at_hand() -> None:
    history = History()
    history.note(moment())
    history.leave()
    assert history.can_undo
    assert [history.step(-1), history.step(-1)] == [moment(), None]


def test_a_picture_that_has_come_is_stepped_back_from_as_ever() -> None:
    history = History()
    for k in range(2):
        history.leave()
        history.note(moment(k))
    assert history.step(-1) == moment(0)


def test_only_so_many_moments_are_kept() -> None:
    history = History()
    for k in range(KEPT + 5):
        history.note(moment(k))
    assert (len(history.moments), history.moments[0].image, history.can_redo) == (KEPT, 5, False)
