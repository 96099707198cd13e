"""A table of the checks for many methods and pictures, for teaching and for papers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from .. import methods as all_methods  # noqa: F401 - importing the folder registers what labels may name
from ..errors import ImageError, ModelError, SettingError
from ..images.image import Image
from ..images.intake import is_one, loaded
from ..method import Method, named
from ..probe import Probe, as_probe
from ..probe.randomised import RandomisedCopy
from .checks import check
from .curves import Curve
from .maps import check_family
from .report import Trust, TrustOptions
from .rows import Rows

IN_TABLE = ("flat", "completeness", "deletion", "insertion", "randomised")


def evaluate(
    methods: Any,
    model: Any,
    images: Any,
    *,
    progress: Callable[[str], object] | None = None,
    **options: Any,
) -> Any:
    """Return a table of how far the maps of methods can be trusted: one row for each method and picture.

    Columns, where what does not apply is None, as is a correlation with a map that is flat:

    - ``method``, ``image``, ``target``;
    - ``completeness``: relative gap of what the map adds up to, if its method has such a law;
    - ``randomised top``, ``randomised all``: rank correlation with the map of a copy of which the topmost layer, or
      all layers, are shuffled; of magnitudes for a signed map. Low is good;
    - ``deletion`` (low is good), ``insertion`` (high is good): areas under these curves; ``random deletion``,
      ``random insertion``: mean areas of random orders, to compare with;
    - ``flat``: whether the map is the same everywhere;
    - ``seconds``: time that the map itself took, compiling included the first time;
    - ``recipe``: the line of code that makes the map again.

    Parameters
    ----------
    methods : str, type, Method, or several of these
        Labels or class names, classes, or methods with their settings. What is left open, such as the target, is
        chosen for each picture.
    model : Probe, keras.Model or path
        The network.
    images : Image or anything that `Image.load` opens, or a list of these
        The pictures; an array (N, H, W, C) counts as N of them.
    progress : callable, optional
        Called with a line after each row, e.g. ``print``: a row takes some ten seconds, and minutes for a method that
        itself takes seconds, since the shuffled weights ask it anew at every step.
    **options
        Settings of `TrustOptions`, e.g. ``steps=16``.

    Returns
    -------
    pandas.DataFrame or list of dict
        If pandas is not installed, a list that shows itself as a table too.

    Raises
    ------
    SettingError
        If a method is not known, or shows what is inside a network and claims nothing of a target.
    ImageError
        If there is no picture.
    """
    chosen, pictures = _methods(methods), _images(images)
    rows = _rows(chosen, as_probe(model), pictures, TrustOptions().replace(**options))
    return _as_table(list(_told(rows, len(chosen) * len(pictures), progress or _silently)))


def _told(
    rows: Iterator[dict[str, Any]], count: int, progress: Callable[[str], object]
) -> Iterator[dict[str, Any]]:
    """Pass rows on, and tell of each how many there are."""
    begun = time.perf_counter()
    for number, row in enumerate(rows, 1):
        passed = time.perf_counter() - begun
        progress(f"{number} of {count}: {row['method']}, {row['image']}; {passed:.0f} s so far")
        yield row


def _silently(_: str) -> None:
    """Stand in for a progress that nobody follows."""


def _methods(given: Any) -> list[Method]:
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    made = [_method(one) for one in several]
    if not made:
        raise SettingError("methods is empty; give at least one, e.g. 'Grad-CAM'.")
    for method in made:
        check_family(type(method))
    return made


def _method(given: Any) -> Method:
    if isinstance(given, str):
        return named(given)()
    if isinstance(given, type) and issubclass(given, Method):
        return given()
    if isinstance(given, Method):
        return given
    raise SettingError(f"methods must be labels, classes or instances of methods; got {given!r}.")


def _images(given: Any) -> list[Image]:
    several = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.ndim == 4)
    if not several and not is_one(given):
        return loaded(given)
    made = [Image.load(one) for one in (given if several else [given])]
    if not made:
        raise ImageError("the list of images is empty; give at least one.")
    return made


def _rows(
    methods: list[Method], probe: Probe, images: list[Image], options: TrustOptions
) -> Iterator[dict[str, Any]]:
    copy = _copy_of(probe, options.seed)
    settings = {name: getattr(options, name) for name in options.specs()}
    for method in methods:
        for number, image in enumerate(images):
            begun = time.perf_counter()
            explanation = method(probe, image)
            seconds = time.perf_counter() - begun
            *_, trust = check(probe, explanation, IN_TABLE, copy=copy, **settings)
            yield _row(trust, image.name or f"image {number}", seconds)


def _copy_of(probe: Probe, seed: int) -> RandomisedCopy | None:
    """Return one copy for all rows, or None if the check is to say why there is none."""
    try:
        return RandomisedCopy(probe, seed)
    except ModelError:
        return None


def _row(trust: Trust, image: str, seconds: float) -> dict[str, Any]:
    completeness, shuffled = trust.completeness, trust.randomised
    return {
        "method": trust.explanation.recipe.label,
        "image": image,
        "target": trust.explanation.target,
        "completeness": completeness and completeness.relative,
        "randomised top": shuffled and shuffled.top,
        "randomised all": shuffled and shuffled.all,
        **_areas("deletion", trust.deletion),
        **_areas("insertion", trust.insertion),
        "flat": bool(trust.flat and trust.flat.flat),
        "seconds": seconds,
        "recipe": repr(trust.explanation.recipe),
    }


def _areas(kind: str, curve: Curve | None) -> dict[str, float | None]:
    known = (None, None) if curve is None else (curve.area, curve.random_area)
    return {kind: known[0], f"random {kind}": known[1]}


def _as_table(rows: list[dict[str, Any]]) -> Any:
    try:
        import pandas
    except ImportError:
        return Rows(rows)
    return pandas.DataFrame(rows)
