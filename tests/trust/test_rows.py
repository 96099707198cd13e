"""Rows of figures as a table in a notebook and in a console."""

import re

import numpy as np
import pytest

from cnnviz_widgets.trust.rows import Rows

ROWS = [
    {"method": "CAM", "deletion": 0.123456789012, "seconds": 1234.5678, "flat": False},
    {"method": "Guided backprop", "deletion": None, "seconds": 12.0, "flat": True},
]


def cells(rows: Rows) -> list[str]:
    return re.findall(r"<td>(.*?)</td>", rows._repr_html_())


def test_they_are_a_list_of_dicts_and_equal_to_one() -> None:
    assert isinstance(Rows(ROWS), list)
    assert Rows(ROWS) == ROWS


def test_a_console_shows_aligned_columns_with_figures_to_the_right() -> None:
    assert str(Rows(ROWS)).splitlines() == [
        "method           deletion  seconds  flat",
        "CAM                 0.123     1230  no",
        "Guided backprop         –       12  yes",
    ]


def test_what_a_cell_returns_is_the_same_as_what_is_printed() -> None:
    assert repr(Rows(ROWS)) == str(Rows(ROWS))


def test_a_notebook_shows_a_table_with_a_head() -> None:
    shown = Rows(ROWS)._repr_html_()
    assert shown.startswith("<table><thead><tr><th>method</th><th>deletion</th>")
    assert shown.count("<tr>") == 3
    assert cells(Rows(ROWS)) == ["CAM", "0.123", "1230", "no", "Guided backprop", "–", "12", "yes"]


@pytest.mark.parametrize("value", [None, float("nan"), np.float32("nan")])
def test_what_does_not_apply_is_a_dash(value: float | None) -> None:
    assert cells(Rows([{"deletion": value}])) == ["–"]


@pytest.mark.parametrize(
    ("value", "text"), [(np.float32(0.98765), "0.988"), (1.23456e-7, "1.23e-07"), (-0.5, "-0.5"), (3, "3")]
)
def test_figures_have_three_digits_that_count(value: float, text: str) -> None:
    assert cells(Rows([{"deletion": value}])) == [text]


def test_text_is_no_markup_in_the_head_and_in_the_cells() -> None:
    shown = Rows([{"<i>": "a < b & c\nd"}])._repr_html_()
    assert "<th>&lt;i&gt;</th>" in shown
    assert "<td>a &lt; b &amp; c d</td>" in shown


def test_a_row_without_a_column_has_a_dash_there() -> None:
    assert cells(Rows([{"a": "x", "b": "y"}, {"b": "z"}])) == ["x", "y", "–", "z"]


def test_no_rows_are_an_empty_list() -> None:
    assert repr(Rows()) == "[]"
