"""Pictures that a method made on its way, as a film with a caption: GIF, WebP, or MP4 where there is an encoder."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image

from ..errors import ImageError, MissingPackageError, SettingError, listed
from ..explanation import GeneratedImage
from ..render import picture
from ..style import Style
from .caption import details, headline
from .code import code
from .files import as_gif, as_webp, checked_place
from .page import sheet

KINDS = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4"}
SIDE = 448
FRAME_SECONDS, LAST_SECONDS = 0.12, 2.0
MOST_SECONDS = 3600.0
MOST_GIF_BYTES, LEAST_GIF_FRAMES = 3.5e6, 12


def film_kinds() -> tuple[str, ...]:
    """Return the kinds of film that can be written here: GIF, WebP, and MP4 where imageio has its encoder."""
    encoder = all(importlib.util.find_spec(name) for name in ("imageio", "imageio_ffmpeg"))
    return tuple(kind for kind in KINDS if kind != "mp4" or encoder)


def save_film(frames: Sequence[GeneratedImage], path: str | os.PathLike[str], **how: float) -> None:
    """Write pictures that a method made on its way as a film with a caption.

    A GIF keeps every picture nearly whole. So that it stays below about 4 MB, of a long film only some of the pictures
    are shown, evenly spread, the first and the last among them, and it is 448 pixels wide unless a size is given. WebP
    and MP4 show them all and are many times smaller.

    Parameters
    ----------
    frames : sequence of GeneratedImage
        The pictures in their order, such as ``list(method.explain(model, image))``. The caption is that of the last.
    path : path-like
        Where to write it, ending in ``.gif``, ``.webp`` or ``.mp4``. A file that is there is replaced.
    **how
        `frame_seconds` and `size`, as for `film_bytes`.

    Raises
    ------
    SettingError
        If the name ends in something else, its folder is not there, or a setting makes no sense.
    ImageError
        If there are no pictures.
    MissingPackageError
        If it is an MP4 and imageio has no encoder.
    OSError
        If the file cannot be written.
    """
    kind = Path(path).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        ends = listed([f".{name}" for name in KINDS])
        raise SettingError(f"save_film: the name must end in one of {ends}; got {os.fspath(path)!r}.")
    checked_place(path, "save_film").write_bytes(film_bytes(frames, kind, **how))


def film_bytes(
    frames: Sequence[GeneratedImage],
    kind: str = "gif",
    *,
    frame_seconds: float = FRAME_SECONDS,
    size: float | None = None,
) -> bytes:
    """Return what `save_film` writes; of a long film a GIF leaves out some of the pictures.

    Parameters
    ----------
    frames : sequence of GeneratedImage
        The pictures in their order, at least one. Smaller ones are enlarged to the size of the last.
    kind : str
        ``gif``, ``webp`` or ``mp4``.
    frame_seconds : float
        How long each is shown, 0.02 to 3600; the last one stays for two seconds.
    size : int, optional
        Longer side in pixels, without the caption; if None that of the last picture, at least 448; of a GIF 448.
    """
    if kind not in KINDS:
        raise SettingError(f"film_bytes.kind must be one of {listed(list(KINDS))}; got {kind!r}.")
    if not frames:
        raise ImageError("film_bytes: there are no pictures to show one after the other.")
    if not 0.02 <= frame_seconds <= MOST_SECONDS:
        raise SettingError(
            f"film_bytes.frame_seconds must be from 0.02 to {MOST_SECONDS:g}; got {frame_seconds!r}."
        )
    side = int(size or (SIDE if kind == "gif" else max(SIDE, *frames[-1].images[-1].size)))
    if kind == "gif":
        frames = _fitting(frames, side)
    drawn = _drawn(frames, side)
    if kind == "mp4":
        return _mp4(drawn, frame_seconds)
    return _animated(drawn, kind, frame_seconds, _how_made(frames[-1]))


def _fitting(frames: Sequence[GeneratedImage], side: int) -> Sequence[GeneratedImage]:
    """Return as many pictures, evenly spread, as fit into a GIF, to judge by three of them."""
    if len(frames) <= LEAST_GIF_FRAMES:
        return frames
    some = _drawn([frames[0], frames[len(frames) // 2], frames[-1]], side)
    each = sum(len(as_gif([_in_256_colours(page)], [0])) for page in some) / len(some)
    most = max(LEAST_GIF_FRAMES, int(MOST_GIF_BYTES / each))
    chosen = np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int)
    return [frames[k] for k in chosen]


def _drawn(frames: Sequence[GeneratedImage], side: int) -> list[PIL.Image.Image]:
    """Draw each picture in its place on the sheet of the last one, so that the caption does not move."""
    last = picture(frames[-1], size=side)
    height, width = last.shape[:2]
    ground = sheet(last, None, headline(frames[-1]), details(frames[-1], Style()))
    corner = (ground.shape[1] - width) // 2, 0
    made = []
    for frame in frames:
        one = PIL.Image.fromarray(picture(frame, size=side))
        page = PIL.Image.fromarray(ground)
        page.paste(one.resize((width, height), PIL.Image.Resampling.BICUBIC), corner)
        made.append(page)
    return made


def _how_made(last: GeneratedImage) -> str:
    return f"{headline(last)}\n{code(last)}"


def _animated(pages: list[PIL.Image.Image], kind: str, seconds: float, words: str) -> bytes:
    times = [round(1000 * seconds)] * (len(pages) - 1) + [round(1000 * max(seconds, LAST_SECONDS))]
    if kind == "webp":
        return as_webp(pages, times, words)
    return as_gif([_in_256_colours(page) for page in pages], times, words)


def _in_256_colours(page: PIL.Image.Image) -> PIL.Image.Image:
    """Return a picture with a palette, found on a small copy: on the whole one that takes ten times as long."""
    colours = page.reduce(4).quantize(256)
    return page.quantize(palette=colours, dither=PIL.Image.Dither.FLOYDSTEINBERG)


def _mp4(pages: list[PIL.Image.Image], seconds: float) -> bytes:
    """Encode with H.264; the last picture is repeated, as every frame of a video has the same time."""
    if "mp4" not in film_kinds():
        raise MissingPackageError(
            "An MP4 film needs imageio with its encoder. Install them with 'pip install cnnviz_widgets[film]', "
            "or save a GIF or WebP."
        )
    import imageio.v3 as imageio

    arrays = [_even(np.asarray(page)) for page in pages]
    arrays += [arrays[-1]] * round(LAST_SECONDS / seconds)
    made: bytes = imageio.imwrite(
        "<bytes>", np.stack(arrays), extension=".mp4", plugin="FFMPEG", fps=1 / seconds, macro_block_size=2
    )
    return made


def _even(pixels: np.ndarray) -> np.ndarray:
    """Return a picture with even sides, which the encoder needs, by repeating its last row or column."""
    rows, columns = pixels.shape[0] % 2, pixels.shape[1] % 2
    return np.pad(pixels, ((0, rows), (0, columns), (0, 0)), mode="edge")
