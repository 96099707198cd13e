"""Pictures of every source run through the network once, a batch at a time, for their codes, which may be kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageError, ModelError, SettingError
from ..images import files
from ..images.image import Image
from ..images.intake import is_one, loaded
from ..probe import Probe, as_probe
from ..probe.cache import fingerprint
from ..probe.code_decomposition import about_layer
from .pairs import SimilarityMaps

MOST = 10_000  # pictures taken of a generator or a data set, which may have no end


@dataclass(frozen=True)
class Skipped:
    """A picture that could not be opened: which one, and why in a sentence."""

    name: str
    why: str


@dataclass(frozen=True, eq=False)
class Sources:
    """Where pictures come from; none is held unless it was given as pixels.

    Attributes
    ----------
    given : sequence
        Images, arrays, paths, addresses or file bytes.
    names : tuple of str
        What each is called; a file in a folder by its path below it, without the ending.
    """

    given: Sequence[Any] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.given)

    def image(self, index: int) -> Image:
        """Open a picture."""
        return self.opened(index)[1]()

    def opened(self, index: int) -> tuple[str, Callable[[], Image]]:
        """Return a name for the content of a picture, and what makes an `Image` of it.

        Raises
        ------
        ImageError
            If there is no such file; decoding a damaged one raises it too.
        """
        source, name = self.given[index], self.names[index]
        if isinstance(source, str | os.PathLike):
            content = files.fetched(os.fspath(source))
            return _digest(content), lambda: Image.load(content, name)
        if isinstance(source, bytes | bytearray | memoryview):
            return _digest(bytes(source)), lambda: Image.load(source, name)
        image = Image.load(source, name)
        return image.digest, lambda: image


def sources_of(images: Any) -> Sources:
    """Return pictures as something that opens them one at a time.

    Parameters
    ----------
    images : sequence, or path of a folder
        Anything that `Image.load` opens, an array (N, H, W, C), or a folder, whose picture files are taken in the order
        of their names, those in folders below it too.

    Raises
    ------
    ImageError
        If there is no picture, or no such folder or file.
    """
    if isinstance(images, Sources):
        return images
    if isinstance(images, str | os.PathLike) and Path(images).expanduser().is_dir():
        return _folder(Path(images).expanduser())
    _check_there(images)
    given = [images] if is_one(images) else _listed(images)
    if not len(given):
        raise ImageError("images is empty: give at least one picture, a path, an array or a folder.")
    return Sources(given, tuple(_name(source, k) for k, source in enumerate(given)))


def check_any(sources: Sources) -> None:
    """Raise `ImageError` if none of the pictures can be opened; it looks no further than the first that can."""
    first = ""
    for index in range(len(sources)):
        try:
            sources.image(index)
        except ImageError as error:
            first = first or str(error)
        else:
            return
    raise ImageError(f"none of the {len(sources)} pictures could be opened. The first: {first}")


def _check_there(images: Any) -> None:
    """Raise `ImageError` if one path was given and nothing is there; an address is looked up later."""
    if isinstance(images, os.PathLike) or (isinstance(images, str) and ":/" not in images):
        path = Path(images).expanduser()
        if not path.exists():
            raise ImageError(f"there is no folder or file {str(path)!r}.")


def _listed(images: Any) -> Any:
    return images if isinstance(images, list | tuple | np.ndarray) else loaded(images, most=MOST)


def _folder(folder: Path) -> Sources:
    found = files.in_folder(folder, below=True)
    return Sources(found, tuple(path.relative_to(folder).with_suffix("").as_posix() for path in found))


def _name(source: Any, index: int) -> str:
    if isinstance(source, str | os.PathLike):
        return files.stem(os.fspath(source))
    return (source.name if isinstance(source, Image) else "") or f"picture {index + 1}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


FORMAT = "cnnviz_widgets codes 1"
FIELDS = ("format", "key", "digests", "codes")


def checked_path(keep: str | os.PathLike[str]) -> Path:
    """Return where codes are kept, or raise `SettingError` if the name promises something else."""
    path = Path(keep).expanduser()
    if path.suffix != ".npz":
        raise SettingError(f"keep must be the name of a file that ends in .npz; got {os.fspath(keep)!r}.")
    if not path.absolute().parent.is_dir():
        raise SettingError(
            f"keep: there is no folder {path.absolute().parent.name!r} to write {path.name} to."
        )
    return path


def kept(path: Path, key: str) -> tuple[dict[str, np.ndarray], str]:
    """Return the codes of a file by the digest of their picture, and a note if they could not be used.

    Nothing in the file is executed: pickles are refused.

    Parameters
    ----------
    path : Path
        The file; none is no error.
    key : str
        What the codes must be of: model, layer, and how pictures are brought into it.

    Raises
    ------
    SettingError
        If the file is something else, which would be lost.
    """
    if not path.exists():
        return {}, ""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in FIELDS}
            sound = str(found["format"]) == FORMAT and _is_sound(found["digests"], found["codes"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise SettingError(
            f"keep: {path.name} is there already and holds no codes. Choose another name, or delete it."
        ) from error
    if not sound:
        raise SettingError(
            f"keep: {path.name} holds no codes that can be read. Choose another name, or delete it."
        )
    if str(found["key"]) != key:
        return {}, f"{path.name} held the codes of another model or layer; they are computed anew."
    return dict(zip(map(str, found["digests"]), found["codes"], strict=True)), ""


def keep(path: Path, key: str, digests: Sequence[str], codes: np.ndarray) -> None:
    """Write codes to a file, all at once: a file that was there stays whole until it is replaced."""
    named = np.array(digests, "U24")
    handle, name = tempfile.mkstemp(suffix=".npz", prefix=path.stem, dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, format=np.array(FORMAT), key=np.array(key), digests=named, codes=codes)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_sound(digests: np.ndarray, codes: np.ndarray) -> bool:
    """Return True if these are as many digests as codes, and the codes are numbers."""
    shaped = (
        digests.ndim == 1 and digests.dtype.kind == "U" and codes.ndim == 2 and len(codes) == len(digests)
    )
    return shaped and codes.dtype == np.float32 and bool(np.isfinite(codes).all())


BATCH = 32
SAME = 1e-3  # codes kept on disk may differ from fresh ones by this share of the largest number, which rounding makes


def encoded(
    model: Any, images: Any, layer: str | None, pooled: bool | None, file: str | os.PathLike[str] | None
) -> Generator[dict[str, Any], None, None]:
    """Yield the fields of `Codes` after every batch; see `Codes.steps`."""
    probe, sources = as_probe(model), sources_of(images)
    settings = SimilarityMaps(layer, pooled=pooled).resolved(probe)
    path = None if file is None else checked_path(file)
    growing = Growing(probe, sources, str(settings.layer), bool(settings.pooled), path)
    try:
        for begin in range(0, len(sources), BATCH):
            growing.take(range(begin, min(begin + BATCH, len(sources))))
            if begin + BATCH >= len(sources):
                growing.keep()
            yield growing.now()
    finally:
        growing.keep()


class Growing:
    """Codes that become more: rows are filled in and never change again.

    Parameters
    ----------
    probe : Probe
        The network.
    sources : Sources
        The pictures.
    layer : str
        The layer that holds the code.
    pooled : bool
        Whether the code is the mean of its maps.
    path : Path or None
        Where codes are kept, if they are.
    """

    def __init__(
        self, probe: Probe, sources: Sources, layer: str, pooled: bool, path: Path | None = None
    ) -> None:
        self.probe, self.sources, self.layer, self.pooled = probe, sources, layer, pooled
        self.values = np.zeros((0, 0), np.float32)
        self.places = np.zeros(len(sources), np.intp)
        self.digests = np.zeros(len(sources), "U24")
        self.count = 0
        self.skipped: list[Skipped] = []
        self.size: tuple[int, int] | None = None
        self.notes = about_layer(probe, layer, pooled)
        self.dealt_with, self.weights = 0, probe.looked()
        self.path, self._checked, self._new = path, False, False
        self._key = "" if path is None else self._made_key()
        self._kept, note = ({}, "") if path is None else kept(path, self._key)
        self.notes += (note,) if note else ()

    def take(self, indices: range) -> None:
        """Add the codes of some pictures: those that are kept are looked up, the others run together."""
        found: list[tuple[int, str, np.ndarray | None]] = []
        images: list[Image] = []
        for index in indices:
            self.dealt_with += 1
            try:
                digest, make = self.sources.opened(index)
                known = self._looked_up(digest, make) if digest in self._kept else None
                if known is None:
                    images.append(self._fitted(make()))
                found.append((index, digest, known))
            except ImageError as error:
                self.skipped.append(Skipped(self.sources.names[index], str(error)))
        fresh = iter(self._codes(images) if images else ())
        self._new = self._new or bool(images)
        self._put([(index, digest, next(fresh) if k is None else k) for index, digest, k in found])

    def keep(self) -> None:
        """Write what is known to the file, if there is one and something is new."""
        if self.path is None or not self._new:
            return
        self._new = False
        mine = set(self.digests[: self.count].tolist())
        others = [digest for digest in self._kept if digest not in mine]
        rows = [self._kept[digest] for digest in others]
        codes = np.concatenate([self.values[: self.count], *([np.stack(rows)] if rows else [])])
        keep(self.path, self._key, [*self.digests[: self.count], *others], codes)

    def now(self) -> dict[str, Any]:
        """Return what is known as the fields of `Codes`."""
        values, places, digests = (a[: self.count] for a in (self.values, self.places, self.digests))
        for array in (values, places, digests):
            array.setflags(write=False)
        return {
            "values": values, "places": places, "digests": digests, "skipped": tuple(self.skipped),
            "probe": self.probe, "layer": self.layer, "pooled": self.pooled, "given": len(self.sources),
            "done": self.dealt_with / len(self.sources), "notes": self._all_notes(), "_sources": self.sources,
            "_size": self.size, "_weights": self.weights,
        }  # fmt: skip

    def _all_notes(self) -> tuple[str, ...]:
        """Return what to mind of the network, once, and then of its codes."""
        return tuple(dict.fromkeys((*self.probe.notes, *self.notes)))

    def _codes(self, images: list[Image]) -> np.ndarray:
        check_same(self.probe, self.weights)
        self.probe.settle(images[0])
        made = self.probe.activations(images, self.layer)
        for code, image in zip(made, images, strict=True):
            self.probe.check_finite(code, image, layer=self.layer)
        return made.mean(axis=(1, 2)) if self.pooled and made.ndim == 4 else made.reshape(len(made), -1)

    def _fitted(self, image: Image) -> Image:
        fitted = self.probe.fit(image)
        if None not in self.probe.input_shape[:2]:
            return fitted
        self.size = self.size or fitted.size
        return fitted.resized(self.size, "crop")

    def _looked_up(self, digest: str, make: Any) -> np.ndarray | None:
        """Return a kept code; the first one is computed anew, and if the two differ all that is kept is dropped."""
        code = self._kept[digest]
        if self._checked:
            return code
        self._checked, fresh = True, self._codes([self._fitted(make())])[0]
        if fresh.shape == code.shape and np.abs(fresh - code).max() <= SAME * (np.abs(fresh).max() or 1):
            return code
        self._kept = {}
        self.notes += (
            "The file held codes that the model does not give to these pictures; they are computed anew.",
        )
        return None

    def _made_key(self) -> str:
        probe = self.probe
        own = getattr(probe.preprocess, "__qualname__", "") if probe.preprocess else ""
        return repr(
            (fingerprint(probe.model), self.layer, self.pooled, probe.input_shape, probe.value_range, own)
        )

    def _put(self, found: list[tuple[int, str, np.ndarray]]) -> None:
        if not found:
            return
        if not self.values.size:
            self.values = np.zeros((len(self.sources), len(found[0][2])), np.float32)
        rows = slice(self.count, self.count + len(found))
        self.places[rows], self.digests[rows], self.values[rows] = zip(*found, strict=True)
        self.count += len(found)


def check_same(probe: Probe, weights: int) -> None:
    """Raise a `ModelError` if the weights are not those that codes were made with: the two cannot be compared."""
    if probe.looked() != weights:
        raise ModelError(
            f"The weights of {probe.name} have changed since these codes were made, so that no code of now can be "
            "compared with them. Make them anew, by Codes.of or by opening the widget again."
        )
