"""The lines that make a picture again without widgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..explanation import NOISE, ActivationMaps, Explanation, GeneratedImage, Kernels
from ..images.image import Image
from ..objectives import Output
from ..regions import Mask
from ..style import Style

MOST_NAMES = 5
SLICE = "probe.volume.picture()"  # the picture of a probe that holds a volume
NAMES: dict[type, str] = {ActivationMaps: "maps", Kernels: "maps", GeneratedImage: "made"}
_TAKEN = ("cnnviz", "probe", "model", "image", "images", "heat", "maps", "found", "made")


def code(
    explanation: Explanation,
    style: Style | None = None,
    *,
    file: str = "",
    probe: Mapping[str, Any] | None = None,
    picture: str = "image",
    written: Written | None = None,
    **how: Any,
) -> str:
    """Return runnable Python that shows the picture again, or saves it to a file with its caption.

    The names ``model`` and ``image`` are yours to define. Whatever else cannot be written down, such as a
    function of your own or a reference picture, becomes a name too, and a comment says what to put there.
    Settings that have their default value are left out, and so is a target that nothing was explained of.

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
    picture : str
        What the picture is called, such as ``images[2]``, or `SLICE`.
    written : Written, optional
        What has names already.
    **how
        What else goes to `Explanation.show` or `Explanation.save`; what is None or 0 is left out.
    """
    written = Written() if written is None else written
    recipe = written.made(explanation.recipe, () if explanation.target else ("target",))
    name = NAMES.get(type(explanation), "heat")
    given = ([quoted(file)] if file else []) + [*written.style(style), *written.settings(how)]
    height, width = explanation.image.size
    alone = isinstance(explanation, GeneratedImage) and explanation.image.name == NOISE
    image = described({picture: explanation.image.name}, (height, width))
    if picture == SLICE:
        image = f"the picture is {explanation.image.name} of the volume, {height} x {width}"
    image, arguments = ("no picture is needed", "probe") if alone else (image, f"probe, {picture}")
    lines = (f"{name} = {recipe}({arguments})", f"{name}.{'save' if file else 'show'}({', '.join(given)})")
    return script(written, explanation.model, image, probe, lines)


def script(
    written: Written, model: str, pictures: str, probe: Mapping[str, Any] | None, lines: Sequence[str]
) -> str:
    """Return lines as a script: before them stand what the reader has to define, the import and the probe.

    Parameters
    ----------
    written : Written
        What the lines were written with.
    model : str
        Name of the model.
    pictures : str
        What the reader has to define of pictures, e.g. ``image: the picture "chelsea"``.
    probe : mapping or None
        Settings of the `Probe`; names of more than a handful of classes are the reader's to define.
    lines : sequence of str
        What is done with the probe.
    """
    settings = ", ".join(["model", *written.settings(probe or {}, zeros=True)])
    own = f"your keras.Model {quoted(model)}" if model else "your keras.Model"
    return "\n".join(
        (
            f"# model: {own}; {pictures}",
            *(f"# {label}: put {what} here" for label, what in written.open.items()),
            "import cnnviz_widgets as cnnviz",
            "",
            f"probe = cnnviz.Probe({settings})",
            *lines,
        )
    )


def described(pictures: Mapping[str, str], size: tuple[int, int]) -> str:
    """Return what the reader has to define for pictures: what they are called in the lines, with their own names."""
    rows = [f"{row} is {quoted(name or 'unnamed')}" for row, name in pictures.items() if "[" in row]
    alone = [
        f"{label}: the picture {quoted(name or 'unnamed')}"
        for label, name in pictures.items()
        if "[" not in label
    ]
    listed = [f"images: your list of pictures, of which {', '.join(rows)}"] if rows else []
    return f"{'; '.join([*listed, *alone])}, here {size[0]} x {size[1]}"


@dataclasses.dataclass(frozen=True)
class Yours:
    """What the reader has to define: the name that it has in the lines, and what to put there."""

    name: str
    what: str


class Written:
    """Values written as Python, and the names of those that cannot be.

    Parameters
    ----------
    rows : mapping of Image to str
        Pictures that can be written, such as that of ``images[7]``.

    Attributes
    ----------
    open : dict of str to str
        Name to what has to be put there.
    """

    def __init__(self, rows: Mapping[Image, str] | None = None) -> None:
        self.open: dict[str, str] = {}
        self._rows = rows or {}

    def value(self, value: Any, field: str) -> str:
        """Return Python that makes a value; `field` is what it is called where it stands."""
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, Yours):
            self.open[value.name] = value.what
            return value.name
        if value is None or isinstance(value, bool | int | float):
            return repr(value)
        if isinstance(value, Image) and value in self._rows:
            return f"cnnviz.Image.load({self._rows[value]})"
        if field == "labels" and len(value) > MOST_NAMES:
            return self._named(value, field)
        if isinstance(value, tuple | list):
            inside = ", ".join(self.value(v, field) for v in value)
            return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
        if isinstance(value, Mask):
            return quoted(value.name) if value.name == "predicted" else self._named(value, "mask")
        if isinstance(value, Output):
            return f"cnnviz.{value!r}"
        if dataclasses.is_dataclass(value) and not isinstance(value, type | Image):
            return self.made(value)
        return self._named(value, field)

    def settings(self, given: Mapping[str, Any], zeros: bool = False) -> list[str]:
        """Return ``name=value`` for each setting that is set; one that is 0 only if `zeros` count."""
        left_out = (None,) if zeros else (None, 0)
        return [f"{name}={self.value(value, name)}" for name, value in given.items() if value not in left_out]

    def style(self, style: Style | None) -> list[str]:
        """Return a style as the one argument that it is, or none if it is the usual one."""
        return [] if style in (None, Style()) else [self.value(style, "style")]

    def made(self, value: Any, without: Sequence[str] = ()) -> str:
        """Return Python that makes a dataclass; some of its fields may be left out."""
        fields = [f for f in dataclasses.fields(value) if f.init and f.name not in without]
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
        if field == "labels":
            self.open[name] = f"the names of the {len(value)} classes, in a list,"
        else:
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
