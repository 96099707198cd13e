"""What the similarity explorer says of a gallery of one picture."""

import pytest

from cnnviz_widgets import SimilarityExplorer
from cnnviz_widgets.widgets.similarity import text as words
from tests.widgets.similarity.common import Make, changed, gallery


@pytest.fixture
def alone(make: Make) -> SimilarityExplorer:
    return make(images=gallery()[:1])


@pytest.mark.parametrize(("count", "text"), [(1, "of 1 picture in code."), (2, "of 2 pictures in code.")])
def test_one_picture_is_no_plural(count: int, text: str) -> None:
    assert words.gathering(count, "code").endswith(text)


def test_it_is_compared_with_itself_and_that_is_said(alone: SimilarityExplorer) -> None:
    assert "The gallery has no other picture: A is compared with itself." in alone.view._notes.value
    assert "there is no other picture" in alone.view._near_title.value
    assert "one picture, in the middle" in alone.view._chart_title.value


def test_a_flat_map_names_the_buttons_of_the_page_and_no_python(alone: SimilarityExplorer) -> None:
    changed(alone, by="gradient")
    assert "Use Parts or Cover." in alone.view._notes.value
    assert "by=" not in alone.view._notes.value
