"""What is to be compared, all checked: which axis is rows, which is columns, and which question each cell asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import methods as _every_method  # noqa: F401  registers them
from ..errors import CnnvizError, ModelError, SettingError
from ..explanation import ColourMap, Heatmap
from ..images.image import Image
from ..images.intake import loaded
from ..method import Method, named
from ..objectives import Objective, words
from ..probe import Probe
from .result import Axis, Compared, Kind, Place

HANDFUL = ("Grad-CAM", "Saliency", "SmoothGrad", "Occlusion")
ORDER: tuple[Kind, ...] = ("method", "layer", "target", "picture")


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be computed: a method with its settings for every cell.

    Attributes
    ----------
    probe : Probe
        The network.
    frame : Compared
        Rows, columns and pictures, without any result.
    recipes : mapping of (int, int) to Method
        What each cell asks.
    """

    probe: Probe
    frame: Compared
    recipes: Mapping[Place, Method]

    def image(self, place: Place) -> Image:
        """Return the picture that is explained at a place."""
        return self.frame.images[self.frame.picture_at(place)]

    def passes(self, place: Place) -> int:
        """Return how many pictures a cell costs; 0 too where the settings do not fit, which the cell will say."""
        try:
            return self.recipes[place].cost(self.probe, self.image(place))
        except CnnvizError:
            return 0

    def order(self) -> list[Place]:
        """Return the places, the cheap ones first and picture by picture, so that one pass serves many cells."""
        at = self.frame.picture_at
        return sorted(self.frame.places, key=lambda place: (self.passes(place), at(place), place))

    def sort(self, place: Place) -> tuple[int, ...]:
        """Return what tells a cell from those that take as long: which method it is, and in which layer."""
        kinds = self.frame.rows.kind, self.frame.columns.kind
        return tuple(at for kind, at in zip(kinds, place, strict=True) if kind in ("method", "layer"))

    def answers(self, place: Place) -> Iterator[Heatmap | ColourMap]:
        """Yield a cell's explanation each time it sharpens.

        Raises
        ------
        CnnvizError
            If the method does not fit this model or picture, or gives many maps at once.
        """
        recipe = self.recipes[place]
        for explanation in recipe.explain(self.probe, self.image(place)):
            if not isinstance(explanation, Heatmap | ColourMap):
                raise SettingError(
                    f"{recipe.label} gives many maps at once, and a cell has room for one. See them in an Explorer."
                )
            yield explanation

    def verdict(self, index: int) -> str:
        """Return what the network says of a picture, e.g. ``tiger cat 39 %``.

        Empty for a model without classes, and for an answer that is NaN, which the cells say.
        """
        try:
            top = self.probe.top(self.frame.images[index], 1)
        except ModelError:
            return ""
        if not top:
            return ""
        _, label, chance = top[0]
        return f"{label}{',' * label[-1:].isdigit()} {100 * chance:.0f} %"  # class 3, 98 %


def planned(probe: Probe, images: Any, methods: Any = None, layers: Any = None, targets: Any = None) -> Plan:
    """Check what is to be compared and lay it out in rows and columns.

    Two of the four may have more than one entry. Pictures become the columns; of two others methods, then layers
    become the rows. One other alone becomes the columns, beside one picture.

    Raises
    ------
    SettingError, LayerError, TargetError, ImageError
        If what is given cannot be compared.
    """
    pictures = tuple(probe.fit(image) for image in loaded(images, 0, probe.input_shape[2], probe.labels))
    named_layers = [] if layers is None else [probe.layer(one).name for one in _several("layers", layers)]
    meant = (
        [] if targets is None else [_target(probe, one, pictures[0]) for one in _several("targets", targets)]
    )
    chosen = _methods(methods, probe, alone=len(named_layers) > 1 or len(meant) > 1)
    _check_layers(chosen, named_layers)
    axes: dict[Kind, Axis] = {
        "method": Axis("method", tuple(_method_heads(chosen))),
        "layer": Axis("layer", tuple(named_layers)),
        "target": Axis("target", tuple(_target_head(probe, one) for one in meant)),
        "picture": Axis("picture", tuple(image.name for image in pictures)),
    }
    rows, columns = _rows_and_columns(axes)
    asked = {"methods": tuple(chosen), "layers": tuple(named_layers), "targets": tuple(meant)}
    frame = Compared(rows, columns, pictures, model=probe.name, asked=asked)
    recipes = {place: _recipe(frame, place) for place in frame.places}
    return Plan(probe, frame, recipes)


def _recipe(frame: Compared, place: Place) -> Method:
    at = dict(zip((frame.rows.kind, frame.columns.kind), place, strict=True))
    recipe: Method = frame.asked["methods"][at.get("method", 0)]
    changes = {}
    for kind in ("layer", "target"):
        given = frame.asked[f"{kind}s"]
        if given and kind in recipe.specs():
            changes[kind] = given[at.get(kind, 0)]
    return recipe.replace(**changes)


def _rows_and_columns(axes: Mapping[Kind, Axis]) -> tuple[Axis, Axis]:
    wide = [kind for kind in ORDER if len(axes[kind].heads) > 1]
    if len(wide) > 2:
        counts = ", ".join(axes[kind].count for kind in wide)
        raise SettingError(
            f"Two of methods, layers, targets and images may have more than one entry: one is the rows, the other "
            f"the columns; got {counts}. Keep one {wide[0]} or one {wide[-1]}."
        )
    if len(wide) == 2:
        return axes[wide[0]], axes[wide[1]]
    if wide and wide[0] != "picture":
        return axes["picture"], axes[wide[0]]
    return axes["method"], axes["picture"]


def _several(name: str, given: Any) -> list[Any]:
    """Return a list for one or several entries."""
    made = list(given) if isinstance(given, Iterable) and not isinstance(given, str | type) else [given]
    if not made:
        raise SettingError(f"{name} is empty: give at least one, or leave it out.")
    return made


def _methods(given: Any, probe: Probe, alone: bool) -> list[Method]:
    if given is None:
        fit = [label for label in HANDFUL if label != "Grad-CAM" or probe.has_maps]
        given = fit[:1] if alone else fit
    return [_method(one) for one in _several("methods", given)]


def _method(given: Any) -> Method:
    if isinstance(given, Method):
        return given
    if isinstance(given, str):
        return named(given)()
    if isinstance(given, type) and issubclass(given, Method):
        return given()
    raise SettingError(
        "methods takes labels such as 'Saliency', classes such as cnnviz.Saliency, or methods with their settings "
        f"such as cnnviz.Occlusion(patch=32); got {given!r}."
    )


def _method_heads(methods: Sequence[Method]) -> list[str]:
    """Return the labels; methods of one label are told apart by the settings in which they differ."""
    heads = []
    for method in methods:
        alike = [other for other in methods if other.label == method.label and type(other) is type(method)]
        differ = [n for n in method.specs() if any(getattr(o, n) != getattr(method, n) for o in alike)]
        told = ", ".join(f"{name} {_told(getattr(method, name))}" for name in differ)
        heads.append(f"{method.label}, {told}" if told else method.label)
    return heads


def _told(value: Any) -> str:
    if isinstance(value, Objective):
        return words(value)
    return "automatic" if value is None else str(value)


def _check_layers(methods: Sequence[Method], layers: Sequence[str]) -> None:
    blind = [method.label for method in methods if "layer" not in method.specs()]
    if len(layers) > 1 and blind:
        raise SettingError(
            f"layers: {blind[0]} has no setting layer, so that its map would be the same for each of them. "
            "Compare methods that have one, such as 'Grad-CAM', or leave layers out."
        )


def _target(probe: Probe, given: Any, image: Image) -> Objective | None:
    return None if given is None else probe.target(given, image)


def _target_head(probe: Probe, target: Objective | None) -> str:
    if target is None:
        return "top class" if probe.gives_classes else "natural target"
    return words(target, probe.labels)
