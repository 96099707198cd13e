"""Hints at the name that was probably meant, only where one is near."""

import pytest

from cnnviz_widgets.errors import did_you_mean

LAYERS = ("stem_conv", "block2a_bn", "block7a_bn", "top_conv")


@pytest.mark.parametrize(
    ("wrong", "near"), [("block7a_b", "block7a_bn"), ("topconv", "top_conv"), ("Stem_conv", "stem_conv")]
)
def test_a_name_that_is_a_letter_or_two_off_is_suggested(wrong: str, near: str) -> None:
    assert did_you_mean(wrong, LAYERS) == f" Did you mean {near!r}?"


@pytest.mark.parametrize("wrong", ["block99", "pool", "", 7])
def test_a_name_that_is_far_from_all_gets_no_suggestion(wrong: object) -> None:
    assert did_you_mean(wrong, LAYERS) == ""
