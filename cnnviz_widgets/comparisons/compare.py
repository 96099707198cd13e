"""Compares methods, layers or targets on pictures, all at once and without widgets."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..explanation import ColourMap, Heatmap
from ..probe import as_probe
from ..session import one_sentence
from .plan import Plan, planned
from .result import Compared, Place


def compare(
    model: Any, images: Any, *, methods: Any = None, layers: Any = None, targets: Any = None
) -> Compared:
    """Explain pictures by several methods, in several layers or for several targets, side by side.

    Two of the four may have more than one entry: one becomes the rows, the other the columns. `Comparison` is the
    same in a notebook, live.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, or one picture
        Anything that `Image.load` opens. At least one.
    methods : sequence, optional
        Labels, classes, or methods with their settings. Left out: a telling handful, or Grad-CAM alone where layers
        or targets are compared.
    layers : sequence of str, optional
        Names of layers.
    targets : sequence, optional
        Class indices or names, objectives, or None for the top class of each picture.

    Returns
    -------
    Compared
        What was found, by row and column; it can be shown and saved as one figure. A method that does not fit the
        model or a picture leaves its sentence in ``refused``, and the others go on.

    Raises
    ------
    SettingError, LayerError, TargetError, ImageError, ModelError
        If what is given cannot be compared.

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> found = cnnviz.compare(model, ["cat.jpg"], layers=["conv_1", "conv_5"])  # doctest: +SKIP
    >>> found.save("layers.png", scale="shared")  # doctest: +SKIP
    """
    return _answered(planned(as_probe(model), images, methods, layers, targets))


def _answered(plan: Plan) -> Compared:
    """Answer every cell; one that cannot be answered says why, and the others go on."""
    cells: dict[Place, Heatmap | ColourMap] = {}
    refused: dict[Place, str] = {}
    for place in plan.order():
        try:
            *_, cells[place] = plan.answers(place)
        except Exception as error:  # whatever a method of one's own may raise
            refused[place] = one_sentence(error)
    verdicts = {k: plan.verdict(k) for k in range(len(plan.frame.images))}
    return dataclasses.replace(plan.frame, cells=cells, refused=refused, verdicts=verdicts)
