"""The lines that make a picture again without widgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ..explanation import ActivationMaps, Explanation
from ..image import Image
from ..render import Style

_TAKEN = ("cnnviz", "probe", "model", "image", "heat", "maps")


def code(
    explanation: Explanation,
    style: Style | None = None,
    *,
    file: str = "",
    probe: Mapping[str, Any] | None = None,
    **how: Any,
) -> str:
    """Return runnable Python that makes the picture again, or saves it to a file with its caption.

    The names ``model`` and ``image`` are yours to define. Whatever else cannot be written down, such as a
    function of your own or a reference picture, becomes a name too, and a comment says what to put there.
    Settings that have their default value are left out.

    Parameters
    ----------
    explanation : Explanation
        What a method found.
    style : Style, optional
        Colours and blending.
    file : str
        Name of the PNG file to save to, if any.
    probe : mapping, optional
        Settings of the `Probe`.
    **how
        What else goes to `Explanation.picture`; what is None or 0 is left out.
    """
    written = Written()
    recipe = written.value(explanation.recipe, "recipe")
    drawn = written.value(style or Style(), "style")
    name = "maps" if isinstance(explanation, ActivationMaps) else "heat"
    settings = written.settings(probe or {})
    given = ([quoted(file)] if file else []) + ([] if drawn == "cnnviz.Style()" else [drawn])
    ending = ", ".join([*given, *written.settings(how)])
    model = f" {quoted(explanation.model)}" if explanation.model else ""
    height, width = explanation.image.size
    lines = [
        "import cnnviz_widgets as cnnviz",
        "",
        f"# model: the Keras model{model}",
        f"# image: the picture {quoted(explanation.image.name or 'unnamed')}, here at {height} x {width}",
        *(f"# {label}: put {what} here" for label, what in written.open.items()),
        f"probe = cnnviz.Probe({', '.join(['model', *settings])})",
        f"{name} = {recipe}(probe, image)",
        f"{name}.{'save' if file else 'picture'}({ending})",
    ]
    return "\n".join(lines)


class Written:
    """Values written as Python, and the names of those that cannot be.

    Attributes
    ----------
    open : dict of str to str
        Name to what has to be put there.
    """

    def __init__(self) -> None:
        self.open: dict[str, str] = {}

    def value(self, value: Any, field: str) -> str:
        """Return Python that makes a value; `field` is what it is called where it stands."""
        if isinstance(value, str):
            return quoted(value)
        if value is None or isinstance(value, bool | int | float):
            return repr(value)
        if isinstance(value, tuple | list):
            inside = ", ".join(self.value(v, field) for v in value)
            return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
        if dataclasses.is_dataclass(value) and not isinstance(value, type | Image):
            return self._made(value)
        return self._named(value, field)

    def settings(self, given: Mapping[str, Any]) -> list[str]:
        """Return ``name=value`` for each setting that is set."""
        return [
            f"{name}={self.value(value, name)}" for name, value in given.items() if value not in (None, 0)
        ]

    def _made(self, value: Any) -> str:
        fields = [f for f in dataclasses.fields(value) if f.init]
        needed = [f for f in fields if _default(f) is dataclasses.MISSING]
        parts = []
        for f in fields:
            given = getattr(value, f.name)
            if _same(given, _default(f)):
                continue
            text = self.value(given, f.name)
            parts.append(text if needed == [f] and f is fields[0] else f"{f.name}={text}")
        kind = type(value)
        own = kind.__module__.partition(".")[0] == __name__.partition(".")[0]
        return f"{'cnnviz.' * own}{kind.__name__}({', '.join(parts)})"

    def _named(self, value: Any, field: str) -> str:
        name, k = (field if field not in _TAKEN else f"my_{field}"), 2
        while name in self.open:
            name, k = f"{name.rstrip('0123456789')}{k}", k + 1
        called = getattr(value, "__name__", "")
        self.open[name] = f"your function {called}" if callable(value) else repr(value)
        return name


def quoted(text: str) -> str:
    """Return a text as Python, in double quotes where that is as short."""
    plain = text.isprintable() and not set(text) & set('"\\')
    return f'"{text}"' if plain else repr(text)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _same(given: Any, default: Any) -> bool:
    return default is not dataclasses.MISSING and type(given) is type(default) and bool(given == default)
