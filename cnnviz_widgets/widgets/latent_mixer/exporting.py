"""What a latent mixer leaves behind: its picture, its walk as a GIF, and the lines that decode it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...colours import STAGE
from ...export.caption import versions
from ...export.code import Written, described, quoted, script
from ...export.files import as_gif, as_png
from ...export.page import sheet
from ...images.image import Image
from ...render import as_text
from ...render.text import font
from .drawing import enlarged
from .endpoints import Rebuilt
from .mixture import Ends, Mixed, Mixture
from .text import done, named, percent, plain_title

if TYPE_CHECKING:
    pass

PANEL, FRAME, GAP = 300, 96, 12
GIF_SIDE, STRIP, ALSO = 224, 30, 20
FRAME_MS, PAUSE_MS = 70, 700
BRIGHT, DIM, WARM = (236, 237, 240), (120, 126, 136), (255, 171, 107)


def page(mixed: Mixed, ends: Sequence[Rebuilt], frames: Sequence[Image], code: str) -> bytes:
    """Return both ends, the decoded picture and the film of the walk with a caption as a PNG file."""
    lines = details(mixed, ends)
    title = plain_title(mixed.recipe)
    made = sheet(_panels(mixed, ends, frames), None, title, lines)
    told = {"Title": title, "Description": "\n".join(lines), "Software": versions(), "Code": code}
    return as_png(made, told)


def details(mixed: Mixed, ends: Sequence[Rebuilt]) -> tuple[str, ...]:
    """Return the lines under the title."""
    recipe = mixed.recipe
    shape = " \N{MULTIPLICATION SIGN} ".join(str(n) for n in mixed.code.shape)
    errors = " · ".join(f"{letter} {as_text(end.error)}" for letter, end in zip("AB", ends, strict=False))
    changes = " · ".join(f"{named(edit)} {done(edit)}" for edit in recipe.edits)
    lines = (
        f"Decoded from the code of layer {recipe.layer}, {shape}",
        f"Changes of the code: {changes}" if changes else "",
        f"Mean squared error of A and B, decoded from their own codes: {errors}" if errors else "",
        f"{percent(mixed.beyond)} of the numbers are drawn at the ends of the range"
        if mixed.beyond >= 0.005
        else "",
        f"Model: {mixed.model}" if mixed.model else "",
        versions(),
    )
    return tuple(line for line in lines if line)


def _panels(mixed: Mixed, ends: Sequence[Rebuilt], frames: Sequence[Image]) -> np.ndarray:
    """Lay out three large pictures with a row of frames under them, uint8 (H, W, 3)."""
    named_pictures = [("the mixture", mixed.picture)]
    if len(ends) == 2:
        named_pictures = [("A", ends[0].image), *named_pictures, ("B", ends[1].image)]
    width = 3 * PANEL + 2 * GAP
    whole = PIL.Image.new("RGB", (width, PANEL + GAP + FRAME), STAGE)
    pen = PIL.ImageDraw.Draw(whole)
    left = (width - len(named_pictures) * (PANEL + GAP) + GAP) // 2
    for k, (name, image) in enumerate(named_pictures):
        _put(whole, image, (left + k * (PANEL + GAP), 0), PANEL)
        _tag(pen, name, left + k * (PANEL + GAP), 0)
    step = (width - FRAME) / max(1, len(frames) - 1)
    for k, image in enumerate(frames):
        _put(whole, image, (round(k * step), PANEL + GAP), FRAME)
    return np.asarray(whole)


def _put(whole: PIL.Image.Image, image: Image, corner: tuple[int, int], side: int) -> None:
    drawn = PIL.Image.fromarray(enlarged(image, side))
    whole.paste(drawn, (corner[0] + (side - drawn.width) // 2, corner[1] + (side - drawn.height) // 2))


def _tag(pen: PIL.ImageDraw.ImageDraw, text: str, x: int, y: int) -> None:
    face = font(12)
    pen.rectangle((x + 5, y + 5, x + 17 + face.getlength(text), y + 25), fill=STAGE)
    pen.text((x + 11, y + 8), text, BRIGHT, face)


def gif(pictures: Sequence[Image], names: tuple[str, str], also: str = "") -> bytes:
    """Return a walk there and back as a GIF file, each picture over a line that tells how far it is.

    What is `also` mixed in or changed all the way stands on a line of its own.
    """
    shares = np.linspace(0, 1, len(pictures))
    there = [_frame(image, float(share), names, also) for image, share in zip(pictures, shares, strict=True)]
    frames = [*there, *there[-2:0:-1]]
    times = [PAUSE_MS if k in (0, len(there) - 1) else FRAME_MS for k in range(len(frames))]
    return as_gif([frame.quantize(64, dither=PIL.Image.Dither.NONE) for frame in frames], times)


def _frame(image: Image, share: float, names: tuple[str, str], also: str) -> PIL.Image.Image:
    drawn = PIL.Image.fromarray(enlarged(image, GIF_SIDE))
    whole = PIL.Image.new("RGB", (drawn.width, drawn.height + STRIP + (ALSO if also else 0)), STAGE)
    whole.paste(drawn, (0, 0))
    pen, face = PIL.ImageDraw.Draw(whole), font(11)
    first, last = (_short(name, drawn.width / 3) for name in names)
    low = drawn.height + STRIP // 2
    left, right = 10 + face.getlength(first) + 8, drawn.width - 18 - face.getlength(last)
    if also:
        pen.text((10, low + STRIP // 2), _short(also, drawn.width - 20), BRIGHT, face, anchor="lt")
    pen.text((10, low), first, BRIGHT, face, anchor="lm")
    pen.text((drawn.width - 10, low), last, BRIGHT, face, anchor="rm")
    pen.line([(left, low), (right, low)], DIM, 2)
    at = left + share * (right - left)
    pen.ellipse((at - 5, low - 5, at + 5, low + 5), fill=WARM)
    return whole


def _short(name: str, room: float) -> str:
    face = font(11)
    while len(name) > 1 and face.getlength(name) > room:
        name = name[:-2].rstrip() + "…"
    return name


def code_lines(mixed: Mixed, rows: Sequence[str], ends: Ends, probe: Mapping[str, Any], resized: bool) -> str:
    """Return runnable Python that decodes the same picture without widgets.

    Parameters
    ----------
    mixed : Mixed
        The picture.
    rows : sequence of str
        What the mixed pictures are called, such as ``images[9]``.
    ends : Ends
        The output's values that are drawn darkest and brightest.
    probe : mapping
        Settings of the `Probe`.
    resized : bool
        Whether the network takes pictures of any size, so that they were all brought to that of the first.
    """
    recipe, (low, high) = mixed.recipe, mixed.picture.range
    height, width = mixed.picture.size
    names = {row: image.name for row, (image, _) in zip(rows, recipe.parts, strict=True)}
    layer = quoted(recipe.layer)
    fitted = "probe.fit(image)" + (f'.resized(({height}, {width}), "crop")' if resized else "")
    lines = (
        f"codes = probe.encode([{fitted} for image in ({', '.join(rows)})], {layer})",
        f"code = {_weighted(recipe)}",
        *(_edit_lines(recipe)),
        f"made = probe.decode(code[None], {layer})[0]",
        *_range_lines(ends, (low, high)),
        f"picture = cnnviz.Image(made.clip({low!r}, {high!r}), ({low!r}, {high!r}))",
        "",
        "import PIL.Image",
        "",
        "PIL.Image.fromarray(picture.rgb()).resize((448, 448))",
    )
    return script(Written(), mixed.model, described(names, (height, width)), probe, lines)


def _weighted(recipe: Mixture) -> str:
    terms = [f"{weight:.9g} * codes[{k}]" for k, (_, weight) in enumerate(recipe.parts)]
    return " + ".join(terms).replace("+ -", "- ")


def _edit_lines(recipe: Mixture) -> list[str]:
    lines = []
    for edit in recipe.edits:
        where = "..., " if edit.cell is None else f"{edit.cell[0]}, {edit.cell[1]}, "
        at = f"code[{where}{edit.channel}]"
        kept = "" if not edit.scale else at if edit.scale == 1 else f"{at} * {edit.scale:.9g}"
        more = f"{edit.add:.9g}" if edit.add or not kept else ""
        lines.append(f"{at} = {' + '.join(part for part in (kept, more) if part)}".replace("+ -", "- "))
    return lines


def _range_lines(ends: Ends, wanted: tuple[float, float]) -> list[str]:
    """Return the line that brings the output to the range of the pictures, if it has another."""
    (low, high), (bottom, top) = ends, wanted
    if low == (bottom,) and high == (top,):
        return []
    slopes = [(top - bottom) / (b - a) for a, b in zip(low, high, strict=True)]
    return [f"made = (made - {_number(low)}) * {_number(slopes)} + {bottom!r}"]


def _number(values: Sequence[float]) -> str:
    if len(set(values)) == 1:
        return f"{values[0]:.9g}"
    return "[" + ", ".join(f"{value:.9g}" for value in values) + "]"


GIF_STEPS = 24
PATIENCE_SECONDS = 30.0
MOST_STEPS = 200
