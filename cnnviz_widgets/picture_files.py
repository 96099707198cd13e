"""From a path, an address or raw bytes to the pixels of a picture, upright and without transparency."""

from __future__ import annotations

import io
import urllib.parse
import urllib.request
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps

from .errors import ImageError

_MOST_BYTES = 64 * 2**20
_MOST_PIXELS = 100_000_000


def fetched(text: str) -> bytes:
    parsed = urllib.parse.urlsplit(text)
    if parsed.scheme in ("http", "https"):
        try:
            with urllib.request.urlopen(text, timeout=20) as answer:
                got = answer.read(_MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise ImageError(f"could not fetch {text}: {error}.") from error
        if len(got) > _MOST_BYTES:
            raise ImageError(f"{text} is larger than {_MOST_BYTES // 2**20} MiB.")
        return bytes(got)
    path = Path(urllib.request.url2pathname(parsed.path) if parsed.scheme == "file" else text).expanduser()
    if not path.exists():
        raise ImageError(f"there is no file {str(path)!r}.")
    if path.is_dir():
        raise ImageError(f"{str(path)!r} is a folder; give a picture file.")
    return path.read_bytes()


def decoded(content: bytes, name: str) -> np.ndarray:
    try:
        with PIL.Image.open(io.BytesIO(content)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                raise ImageError(
                    f"{name} has {opened.width} x {opened.height} pixels; at most {_MOST_PIXELS // 10**6} million are opened."
                )
            return flattened(opened)
    except ImageError:
        raise
    except Exception as error:
        raise ImageError(f"{name} is not a picture that can be read: {error}.") from error


def flattened(opened: PIL.Image.Image) -> np.ndarray:
    upright = PIL.ImageOps.exif_transpose(opened)
    if upright.mode in ("L", "1"):
        return np.asarray(upright.convert("L"))
    if upright.mode.startswith("I;16") or upright.mode in ("I", "F"):
        deep = np.asarray(upright, dtype=np.float32)
        return np.clip(deep / max(float(deep.max()), 1.0) * 255, 0, 255).astype(np.uint8)
    if "A" in upright.getbands() or "transparency" in upright.info:
        clear = upright.convert("RGBA")
        ground = PIL.Image.new("RGBA", clear.size, "white")
        return np.asarray(PIL.Image.alpha_composite(ground, clear).convert("RGB"))
    return np.asarray(upright.convert("RGB"))


def stem(text: str) -> str:
    return Path(urllib.parse.urlsplit(text).path or text).stem
