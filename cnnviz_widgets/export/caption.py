"""What a saved picture says about itself: method, layer, target, settings, model, image, versions."""

from __future__ import annotations

import dataclasses
import importlib.metadata
from functools import cache
from typing import Any

from ..explanation import NOISE, ActivationMaps, Explanation, GeneratedImage
from ..images.image import Image
from ..objectives import ClassScore, Objective
from ..render import as_text
from ..style import Style

OWN_LINES = ("layer", "target")


def headline(explanation: Explanation) -> str:
    """Return what is shown, e.g. ``Grad-CAM for "tiger cat" in layer top_conv``."""
    method = getattr(explanation.recipe, "label", "") or type(explanation.recipe).__name__
    target = f" for {explanation.target}" if explanation.target else ""
    layer = layer_of(explanation)
    return f"{method}{target}" + (f" in layer {layer}" if layer else "")


def details(explanation: Explanation, style: Style) -> tuple[str, ...]:
    """Return the lines under the headline."""
    settings = " · ".join(f"{name} {shown(value)}" for name, value in settings_of(explanation).items())
    partial = "" if explanation.done >= 1 else f"Unfinished: {explanation.done:.0%} of the work."
    own = {"score": score_name(explanation)}
    scores = " · ".join(f"{own.get(n, n)} {as_text(value)}" for n, value in explanation.scores.items())
    picture = _sized(explanation.image)
    lines = (
        partial,
        f"Settings: {settings}" if settings else "",
        "" if isinstance(explanation, GeneratedImage) else f"Drawn as {drawn_as(explanation, style)}",
        f"Scores: {scores}" if scores else "",
        " ".join(mark.says for mark in explanation.marks),
        f"Model: {explanation.model}" if explanation.model else "",
        "" if explanation.image.name == NOISE else f"Image: {picture}",
        *(f"Beside it as {name}: {_sized(other)}" for name, other in explanation.beside.items()),
        *explanation.notes,
        versions(),
    )
    return tuple(line for line in lines if line)


def _sized(image: Image) -> str:
    """Return the name of a picture and its size."""
    return f"{image.name or 'unnamed'}, {image.size[0]} \N{MULTIPLICATION SIGN} {image.size[1]}"


def about_scale(explanation: Explanation, style: Style, words: str, tag: str) -> str:
    """Return what to mind about the colour bar; in a collage it is that of one map."""
    if not isinstance(explanation, ActivationMaps):
        return words
    if style.limit:
        return "All maps have the scale of the bar."
    return f"The bar is that of {tag.partition(',')[0]}, the first; every map has a scale of its own."


def layer_of(explanation: Explanation) -> str:
    """Return the layer that an explanation belongs to; empty if it belongs to none."""
    return str(getattr(explanation, "layer", "") or getattr(explanation.recipe, "layer", "") or "")


def score_name(explanation: Explanation) -> str:
    """Return what the score is called: ``logit``, ``probability`` or ``log-probability`` of a class, else ``score``."""
    target = getattr(explanation.recipe, "target", None)
    return target.of if isinstance(target, ClassScore) else "score"


def settings_of(explanation: Explanation) -> dict[str, Any]:
    """Return the recipe's settings that have no line of their own."""
    if not dataclasses.is_dataclass(explanation.recipe):
        return {}
    left_out = (*OWN_LINES, *getattr(explanation.recipe, "unused", ()))
    names = [f.name for f in dataclasses.fields(explanation.recipe) if f.name not in left_out]
    return {name: getattr(explanation.recipe, name) for name in names}


def drawn_as(explanation: Explanation, style: Style) -> str:
    """Return the style in words; only what can be seen in the picture is said."""
    signed = getattr(explanation, "signed", False)
    colours = f"{style.signed_colormap if signed else style.colormap} colours"
    if isinstance(explanation, ActivationMaps):
        parts = ["maps side by side", colours]
    else:
        parts = [style.mode, colours, *([f"opacity {style.opacity:.0%}"] if style.mode != "map" else [])]
        parts += [f"on {style.channel}"] if style.mode == "add" else []
    parts += [f"softened by {style.soften:g} % of the side"] if style.soften else []
    parts += [f"full colour at {as_text(style.limit)}"] if style.limit else []
    return " · ".join(parts)


@cache
def versions() -> str:
    """Return the versions that made the picture, as far as they are known."""
    known = ((name, _version(name)) for name in ("cnnviz_widgets", "keras"))
    return " · ".join(f"{name} {version}" for name, version in known if version)


def shown(value: Any) -> str:
    """Return a setting's value as a reader would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return as_text(value)
    if isinstance(value, Objective):
        return type(value).__name__
    return "automatic" if value is None else str(value)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(version unknown)" if name == "cnnviz_widgets" else ""
