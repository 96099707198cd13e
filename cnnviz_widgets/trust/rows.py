"""Rows of figures that show themselves as a table, in a notebook and in a console."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from typing import Any

import numpy as np

NOTHING = "–"


class Rows(list[dict[str, Any]]):
    """A list of dicts, one a row, that is shown as a table: figures to three digits, a dash for what does not apply."""

    def __repr__(self) -> str:
        """Return the table as lines of text, figures to the right."""
        if not self:
            return "[]"
        columns = []
        for name, cells in self._columns(_text).items():
            width = max(map(len, (name, *cells)))
            aligned = str.rjust if any(_is_figure(row.get(name)) for row in self) else str.ljust
            columns.append([aligned(cell, width) for cell in (name, *cells)])
        return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        columns = self._columns(lambda value: html.escape(_text(value)))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
        lines = ("".join(f"<td>{cell}</td>" for cell in line) for line in zip(*columns.values(), strict=True))
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _columns(self, written: Callable[[Any], str]) -> dict[str, list[str]]:
        """Return the written cells of each column by its name, in the order in which names first occur."""
        names = dict.fromkeys(name for row in self for name in row)
        return {name: [written(row.get(name)) for row in self] for name in names}


def _is_figure(value: Any) -> bool:
    return isinstance(value, float | np.floating)


def _text(value: Any) -> str:
    """Return a cell in one line: what is None or not a number is a dash."""
    if value is None or (_is_figure(value) and math.isnan(value)):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{float(f'{value:.3g}'):g}" if _is_figure(value) else " ".join(str(value).split())
