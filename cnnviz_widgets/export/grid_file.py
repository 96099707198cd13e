"""Many explanations as one PNG that says how it was made, and the lines that make it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..compared import Compared, Place
from ..errors import SettingError
from ..method import Method
from ..render import Style
from .caption import drawn_as, shown, versions
from .code import Written, quoted, script
from .encoding import as_png
from .grid import grid
from .png import Displayed
from .scales import checked_scale, rule
from .sheet import sheet

LEAST_SIDE, MOST_SIDE = 48, 1024


def grid_png(compared: Compared, style: Style | None = None, scale: str = "own", side: int = 168) -> bytes:
    """Return one figure with heads, scales and caption as a PNG file; see `Compared.save`."""
    if isinstance(side, bool) or not hasattr(side, "__index__") or not LEAST_SIDE <= int(side) <= MOST_SIDE:
        raise SettingError(
            f"side must be a whole number of px from {LEAST_SIDE} to {MOST_SIDE}; got {side!r}."
        )
    style, lines = style or Style(), grid_details(compared, style or Style(), checked_scale(scale))
    page = sheet(grid(compared, style, scale, int(side)), None, compared.title, lines)
    told = {
        "Title": compared.title,
        "Description": "\n".join(lines),
        "Software": versions(),
        "Style": repr(style),
        "Code": grid_code(compared, style, scale),
    }
    return as_png(page, told)


def displayed_grid(
    compared: Compared, style: Style | None = None, scale: str = "own", side: int = 168
) -> Displayed:
    """Return a figure as an object that a notebook displays."""
    lines = grid_details(compared, style or Style(), checked_scale(scale))
    return Displayed(grid_png(compared, style, scale, side), ". ".join((compared.title, *lines)))


def grid_details(compared: Compared, style: Style, scale: str) -> tuple[str, ...]:
    """Return the lines under the title: what is missing, settings, scale, style, model, pictures, versions."""
    done = [place for place in compared.places if place in compared.cells or place in compared.refused]
    parts = [place for place in done if place in compared.cells and compared.cells[place].done < 1]
    missing = len(compared.places) - len(done) + len(parts)
    names = ", ".join(image.name or "unnamed" for image in compared.images)
    kinds = {getattr(cell, "signed", False): cell for cell in compared.cells.values()}
    drawn = " and ".join(dict.fromkeys(drawn_as(cell, style) for cell in kinds.values()))
    lines = (
        f"Unfinished: {missing} of {len(compared.places)} are not whole." if missing else "",
        *(_method_line(compared, method) for method in compared.asked.get("methods", ())),
        f"Explained: {_targets(compared)}",
        rule(compared, scale),
        f"Drawn as {drawn}" if drawn else "",
        f"Model: {compared.model}" if compared.model else "",
        f"Pictures: {names}, {_size(compared, '×')}",
        *_notes(compared),
        versions(),
    )
    return tuple(line for line in lines if line)


def grid_code(
    compared: Compared,
    style: Style | None = None,
    scale: str = "own",
    *,
    probe: Mapping[str, Any] | None = None,
) -> str:
    """Return runnable Python that shows the figure again, as `code` does for one explanation.

    Parameters
    ----------
    compared : Compared
        What is compared; nothing of it needs to be computed.
    style, scale
        As for `Compared.show`.
    probe : mapping, optional
        Settings of the `Probe`.
    """
    written = Written()
    lists = {name: written.value(list(values), name) for name, values in compared.asked.items() if values}
    how = [*written.style(style), *([f'scale="{scale}"'] if scale != "own" else [])]
    names = ", ".join(quoted(image.name or "unnamed") for image in compared.images)
    several = f"images: a list of the pictures {names}, here {_size(compared, 'x')}"
    lines = (
        "found = cnnviz.compare(",
        "    probe,",
        "    images,",
        *(f"    {name}={values}," for name, values in lists.items()),
        ")",
        f"found.show({', '.join(how)})",
    )
    return script(written, compared.model, several, probe, lines)


def _notes(compared: Compared) -> list[str]:
    """Return each note of the cells once, and before it the row, the column or the cells that it is about."""
    noted: dict[str, list[Place]] = {}
    for place, cell in compared.cells.items():
        for note in cell.notes:
            if not note.startswith("Flat"):
                noted.setdefault(note, []).append(place)
    about = {note: _where(compared, sorted(places)) for note, places in noted.items()}
    return [f"{where}: {note}" if where else note for note, where in about.items()]


def _where(compared: Compared, places: list[Place]) -> str:
    """Return the heads of whole rows or columns if places fill some, else of each; empty if they are all."""
    made = compared.cells
    if len(places) == len(made) > 1:
        return ""
    for axis, heads in enumerate((compared.rows.heads, compared.columns.heads)):
        lines = sorted({place[axis] for place in places})
        several = len(heads) > 1
        if several and len(places) == sum(place[axis] in lines for place in made):
            return ", ".join(heads[line] for line in lines)
    return "; ".join(compared.at(place) for place in places)


def _size(compared: Compared, times: str) -> str:
    """Return the size of the pictures, or that there are several."""
    (height, width), *others = dict.fromkeys(image.size for image in compared.images)
    return "of several sizes" if others else f"{height} {times} {width}"


def _method_line(compared: Compared, method: Method) -> str:
    """Return a method with its settings as they came out, and its layer if that is not what differs."""
    made = [cell.recipe for cell in compared.cells.values() if cell.recipe.label == method.label]
    recipe = next((one for one in made if _begun_as(one, method)), method)
    layered = "layer" not in (compared.rows.kind, compared.columns.kind)
    told = {
        name: getattr(recipe, name)
        for name in recipe.specs()
        if name != "target" and (name != "layer" or layered)
    }
    settings = " · ".join(f"{name} {shown(value)}" for name, value in told.items())
    return f"{method.label}: {settings}" if settings else method.label


def _begun_as(recipe: Method, method: Method) -> bool:
    """Tell whether a recipe with everything filled in is a method's, of which some was left open."""
    given = {name: getattr(method, name) for name in method.specs() if name not in ("layer", "target")}
    return all(value is None or value == getattr(recipe, name) for name, value in given.items())


def _targets(compared: Compared) -> str:
    """Return what is explained: the targets compared, or the same one everywhere, or the top class of each."""
    if "target" in (compared.rows.kind, compared.columns.kind):
        return "each target by itself"
    found = dict.fromkeys(cell.target for cell in compared.cells.values() if cell.target)
    return ", ".join(found) if len(found) <= 3 else "the natural target of each picture"
