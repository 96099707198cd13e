"""The sweep: every position asked once, coarse to fine, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..coverage import Grid
from ..image import Image
from ..objective import Objective
from ..probe import Probe
from .patch import SweepSettings
from .questions import Question, questions
from .swept import Swept
from .table import Table, kept, learn

BATCH = 32
FIRST = 16  # in windows few are done sooner; whole pictures are run 32 at a time anyway
SPOT_CHECKS = 3


def sweep(
    probe: Probe, image: Image, settings: SweepSettings, target: Objective | int | None = None
) -> Iterator[Swept]:
    """Yield what is known after every batch of positions, those four strides apart first, then two, then one.

    Positions that an earlier sweep of the same picture and patch has been at are not asked again, whatever its stride.

    Parameters
    ----------
    probe : Probe
        The network.
    image : Image
        A picture that fits it.
    settings : SweepSettings
        The patch and the stride; an `Occlusion` is one.
    target : Objective or int, optional
        What must be readable from the result besides all classes.

    Raises
    ------
    SettingError, TargetError
        If the patch is larger than the picture, or the target does not fit the model.
    """
    result = begun(probe, image, settings, target)
    ready, asked, grid, table = result.settings, result.asked, result.grid, result._table
    missing = table.missing
    if len(missing) < grid.count:  # what is known already is shown at once
        yield result
    if not len(missing):
        return
    covered = Covered(probe, image, ready, asked, table.places[missing])
    table.gain = covered.gain
    begin, room = (
        0,
        (FIRST if covered.gain > 1 else BATCH) - (not table.known[-1]),
    )  # the bare picture has a place in the first batch
    while begin < len(missing):
        part = np.arange(begin, min(begin + room, len(missing)))
        rows = missing[part] if table.known[-1] else np.append(missing[part], len(table.places))
        table.put(rows, covered.answers(part, bare=len(rows) > len(part)))
        begin, room = begin + len(part), BATCH
        if begin == len(missing) and covered.gain > 1:
            table.difference = covered.difference(table, missing)
        yield result.now()


def begun(
    probe: Probe, image: Image, settings: SweepSettings, target: Objective | int | None = None
) -> Swept:
    """Return what is known of a sweep by now, perhaps nothing, without asking for any position."""
    ready, meant = settings.fitted(image), probe.target(target, image)
    grid = ready.grid(image)
    asked = questions(probe, image, meant, grid.count)
    table = kept(probe, (image, ready.look, asked), ready.stride or 1, grid)
    return Swept(probe, image, ready, grid, asked, table, table.known.copy())


def glance(
    probe: Probe,
    image: Image,
    settings: SweepSettings,
    place: tuple[int, int],
    target: Objective | int | None = None,
) -> Swept:
    """Return what the network makes of the patch at one place: from what is known, or by a run of one picture.

    Parameters
    ----------
    probe, image, settings, target
        As for `sweep`.
    place : tuple of int
        First row and column of the patch.
    """
    ready, meant = settings.fitted(image), probe.target(target, image)
    side = ready.patch or 1
    grid = Grid(image.size, side, (place[0],), (place[1],), ((0, 0),))
    asked = questions(probe, image, meant, grid.count)
    table = Table(grid)
    learn(probe, (image, ready.look, asked), table)
    if not table.known[-1]:
        table.put(np.array([1]), probe.answers(image.pixels[None], asked))
    if not table.known[0]:
        picture = covered_picture(image, ready, place)
        table.put(np.array([0]), probe.answers(picture[None], asked))
    return Swept(probe, image, ready, grid, asked, table, table.known.copy())


def covered_picture(image: Image, settings: SweepSettings, place: tuple[int, int]) -> np.ndarray:
    """Return the pixels of a picture with the patch at one place, float32 (H, W, C)."""
    side, mask = settings.patch or 1, settings.mask
    window = np.s_[place[0] : place[0] + side, place[1] : place[1] + side]
    made, cover = image.pixels.copy(), settings.cover(image)[window]
    made[window] = cover if mask is None else np.where(mask[..., None] > 0, cover, made[window])
    return made


class Covered:
    """A picture with the patch at some places, put to the network in windows or, where that is not faster, whole.

    Parameters
    ----------
    probe : Probe
        The network.
    image : Image
        The picture.
    settings : SweepSettings
        The patch.
    asked : tuple
        What is asked at each place.
    places : numpy.ndarray
        First row and column of the patch at each of them, int (N, 2).
    """

    def __init__(
        self,
        probe: Probe,
        image: Image,
        settings: SweepSettings,
        asked: tuple[Question, ...],
        places: np.ndarray,
    ) -> None:
        side = settings.patch or 1
        self._probe, self._image, self._asked, self._places = probe, image, asked, places
        self._cover, self._mask, self._side = settings.cover(image), settings.mask, side
        self._patched = probe.patched(image, asked, places, (side, side))

    @property
    def gain(self) -> float:
        """How many times faster than whole pictures it is expected to be."""
        return self._patched.gain

    def answers(self, numbers: np.ndarray, bare: bool = False) -> list[np.ndarray]:
        """Return the answers at some of the places and, if asked for, at the end those for the bare picture.

        It goes through the same kernels as the covered ones, or rounding would look like a fall.
        """
        patches = self._patched.patches(self._cover, numbers, self._mask)
        if bare:
            numbers = np.append(numbers, 0)
            patches = np.concatenate([patches, self._patched.patches(self._image.pixels, [0])])
        if self.gain > 1:
            return self._patched.answers(patches, numbers)
        return self._probe.answers(self._whole(patches, numbers), self._asked)

    def difference(self, table: Table, rows: np.ndarray) -> float:
        """Return by how much the first answer differs from that for whole pictures, at a few of the places."""
        numbers = np.unique(np.linspace(0, len(rows) - 1, SPOT_CHECKS).astype(int))
        patches = self._patched.patches(self._cover, numbers, self._mask)
        largest = 0.0
        for number, picture in zip(
            numbers, self._whole(patches, numbers), strict=True
        ):  # one by one: a batch is padded
            exact = self._probe.answers(picture[None], self._asked)[0][0]
            largest = max(largest, float(np.abs(exact - table.answers[0][rows[number]]).max()))
        return largest

    def _whole(self, patches: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        pictures = np.repeat(self._image.pixels[None], len(numbers), axis=0)
        for picture, patch, (top, left) in zip(pictures, patches, self._places[numbers], strict=True):
            picture[top : top + self._side, left : left + self._side] = patch
        return pictures
