"""From a path, an address or raw bytes to the pixels of a picture, upright and without transparency."""

from __future__ import annotations

import io
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

from ..errors import ImageError, searched

_MOST_BYTES = 64 * 2**20
_MOST_PIXELS = 100_000_000


def fetched(text: str) -> bytes:
    """Return the bytes of a file or an address, or raise `ImageError`."""
    if not text.strip():
        raise ImageError("the path of the picture is empty.")
    parsed = urllib.parse.urlsplit(text)
    if parsed.scheme in ("http", "https"):
        try:
            with urllib.request.urlopen(text, timeout=20) as answer:
                got = answer.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            why = error if isinstance(error, urllib.error.HTTPError) else getattr(error, "reason", error)
            raise ImageError(f"could not fetch {text}: {why}.") from None
        if len(got) > _MOST_BYTES:
            raise ImageError(f"{text} is larger than {_MOST_BYTES // 2**20} MiB.")
        return bytes(got)
    path = Path(urllib.request.url2pathname(parsed.path) if parsed.scheme == "file" else text).expanduser()
    try:
        if not path.exists():
            raise ImageError(f"there is no file {str(path)!r}.{searched(path)}")
        if path.is_dir():
            raise ImageError(f"{str(path)!r} is a folder; give a picture file.")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ImageError):
            raise
        why = getattr(error, "strerror", None) or error
        raise ImageError(f"{str(path)[:80]!r} cannot be opened: {why}.") from None


def decoded(content: bytes, name: str) -> np.ndarray:
    """Return the pixels of an encoded picture, or raise `ImageError` with its name."""
    most = f"at most {_MOST_PIXELS // 10**6} million pixels are opened"
    try:
        opened = PIL.Image.open(io.BytesIO(content))
    except PIL.Image.DecompressionBombError:
        raise ImageError(f"{name} is too large; {most}.") from None
    except Exception:
        why = "is not a picture of a kind that Pillow knows" if content else "is an empty file"
        raise ImageError(f"{name} {why}.") from None
    with opened:
        if opened.width * opened.height > _MOST_PIXELS:
            raise ImageError(f"{name} has {opened.width} x {opened.height} pixels; {most}.")
        return taken(opened, name)


def taken(opened: PIL.Image.Image, name: str) -> np.ndarray:
    """Return the pixels of a PIL picture, which may still have to be read from its file, or raise `ImageError`."""
    try:
        return flattened(opened)
    except ImageError:
        raise
    except Exception:  # Pillow's decoders raise errors of many kinds, in words about their own insides
        raise ImageError(f"{name} cannot be read: its data is damaged or cut short.") from None


def flattened(opened: PIL.Image.Image) -> np.ndarray:
    """Return a PIL picture, (H, W) for grey and (H, W, 3) for colours: upright, transparency on white.

    It is uint8, or the numbers as they are in a file of more than 8 bits.
    """
    upright = PIL.ImageOps.exif_transpose(opened)
    if upright.mode in ("L", "1"):
        return np.asarray(upright.convert("L"))
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        return _deep(np.asarray(upright))
    if "A" in upright.getbands() or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        ground = PIL.Image.new("RGBA", clear.size, "white")
        return np.asarray(PIL.Image.alpha_composite(ground, clear).convert("RGB"))
    return np.asarray(upright.convert("RGB"))


def _deep(deep: np.ndarray) -> np.ndarray:
    """Return the numbers of a picture of more than eight bits as they are."""
    if not np.isfinite(deep).all():
        raise ImageError("the picture holds NaN or infinite values.")
    return deep


def stem(text: str) -> str:
    """Return the name of a file without folder and ending."""
    return Path(urllib.parse.urlsplit(text).path or text).stem


def in_folder(folder: Path, below: bool = False) -> list[Path]:
    """Return the picture files of a folder, and of those below it if asked for, in the order of their names.

    Raises
    ------
    ImageError
        If there are none.
    """
    endings = PIL.Image.registered_extensions()
    paths = folder.rglob("*") if below else folder.iterdir()
    found = sorted(path for path in paths if path.suffix.lower() in endings and path.is_file())
    if not found:
        raise ImageError(f"the folder {folder.name!r} holds no picture files.")
    return found
