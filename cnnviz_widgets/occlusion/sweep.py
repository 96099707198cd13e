"""The sweep: every position asked once, coarse to fine, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..images.image import Image
from ..objectives import Objective, ReconstructionError, Similarity
from ..probe import Probe
from .answers import Table, kept, learn
from .grid import COARSE, Grid
from .questions import FLAT, questions, value_of
from .result import Swept
from .settings import SweepSettings

BATCH, MOST = 32, 256  # positions at a time: of whole pictures and at first of windows, and of windows later
# positions compared with whole pictures, and how many where these are off by more than a share of what is allowed
SPOT_CHECKS, DOUBTED, DOUBT = 3, 16, 0.25
# How far from whole pictures windows may be, as shares of the map's range: at the first positions, where leaving them
# costs little, and at the end, where more than that is not what rounding makes.
CLOSE, BROKEN = 1e-5, 1e-4


def sweep(
    probe: Probe, image: Image, settings: SweepSettings, target: Objective | int | None = None
) -> Iterator[Swept]:
    """Yield what is known after every batch of positions: first a few all over the picture, then those between.

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
    table, missing = result.table, result.table.missing
    if len(missing) < result.grid.count:  # what is known already is shown at once
        yield result
    if not len(missing):
        return
    meant, checked = probe.target(target, image), False
    last = CLOSE if result.grid.count <= BATCH else BROKEN
    coarse = np.count_nonzero(missing < result.grid.coarse) or COARSE
    covered = Covered(result, missing[:coarse], meant)
    if covered.gain > 1:
        if covered.cold and len(missing) > coarse:
            covered.guess()
            yield result.now()
        covered.answer(np.arange(len(covered.rows)))
        yield result.now()
        checked = covered.check(CLOSE)
    while len(rows := table.missing):
        covered = Covered(result, rows, meant, calls=2 + len(rows) // MOST)
        for part in covered.parts():
            covered.answer(part)
            yield result.now()
            if not checked:
                checked = covered.check(CLOSE)
                if table.whole and checked:
                    break
        else:
            covered.check(last)
    if table.difference is not None:
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
    for row, picture in ((1, image.pixels), (0, covered_picture(image, ready, place))):
        if not table.known[row]:
            found = probe.answers(picture[None], asked, fitted=True)
            for answer in found:
                probe.check_finite(answer, picture[None])
            table.put(np.array([row]), found)
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
    swept : Swept
        The sweep that the answers are for.
    rows : numpy.ndarray
        Numbers of its positions.
    target : Objective
        What is explained.
    calls : int
        In how many parts they will be asked for, about.
    """

    def __init__(self, swept: Swept, rows: np.ndarray, target: Objective, calls: int = 1) -> None:
        self.rows, self._swept, self.table, self._target = rows, swept, swept.table, target
        settings, side = swept.settings, swept.settings.patch or 1
        self._cover, self._mask = settings.cover(swept.image), settings.mask
        places = self.table.places[rows]
        self._patched = swept.probe.patched(swept.image, swept.asked, places, (side, side), calls)

    @property
    def gain(self) -> float:
        """How many times faster than whole pictures it is expected to be; 1 where these are run."""
        return 1.0 if self.table.whole else self._patched.gain

    @property
    def cold(self) -> bool:
        """Whether windows are still to be compiled."""
        return self._patched.compiled == 0

    def parts(self) -> Iterator[np.ndarray]:
        """Yield which of the positions to ask for at a time: in windows half as many as were before, for a second."""
        begin, room = 0, BATCH - (not self.table.sure[-1])  # the bare picture has a place in the first part
        while begin < len(self.rows):
            yield np.arange(begin, min(begin + room, len(self.rows)))
            begin += room
            most = min(MOST, self._patched.at_once) if self.gain > 1 else BATCH
            room = min(max(BATCH, begin // 2), most)

    def answer(self, part: np.ndarray) -> None:
        """Fill in the answers at some of the places, and those for the bare picture unless they are known."""
        patches, numbers, rows = self._asked_for(part)
        if self.gain > 1:
            found = self._patched.answers(patches, numbers)
        else:
            found = self._on_whole_pictures(patches, numbers)
        self._check_finite(patches, numbers, found)
        self.table.put(rows, found)
        self.table.note = self.table.note or self._patched.note

    def guess(self) -> None:
        """Fill in all answers for now: from whole pictures, while nothing is compiled."""
        patches, numbers, rows = self._asked_for(np.arange(len(self.rows)))
        found = self._patched.glimpse(patches, numbers)
        self._check_finite(patches, numbers, found)
        self.table.put(rows, found, sure=False)

    def check(self, bound: float) -> bool:
        """Compare windows with whole pictures at a few positions; return whether there were windows to compare.

        A sweep of a few positions is compared at all of them, which costs nothing worth counting. Windows are left for
        whole pictures, at all positions, where they are off by more than `bound` of the range of
        what is explained, unless that is flat.
        """
        if self.gain <= 1:
            return False
        answered = np.flatnonzero(self.table.sure[self.rows])
        few = self._swept.grid.count <= BATCH
        off = self._compare(answered if few else _spread(answered, SPOT_CHECKS), bound)
        if not few and DOUBT * CLOSE < off <= bound:
            self._compare(_spread(answered, DOUBTED), bound)
        return True

    def _compare(self, numbers: np.ndarray, bound: float) -> float:
        """Return how far windows are off at some positions; beyond the bound they are left."""
        table = self.table
        patches = self._patched.patches(self._cover, numbers, self._mask)
        bare = self._patched.patches(self._swept.image.pixels, [0])
        exact = self._patched.whole(np.concatenate([patches, bare]), np.append(numbers, 0))
        rows = np.append(self.rows[numbers], len(table.places))
        own = [answer[rows] for answer in table.answers]
        apart = float(np.abs(exact[0] - own[0]).max())
        table.gain, table.difference = self.gain, max(apart, table.difference or 0.0)
        off = max(self._off(target, own, exact) for target in self._explained())
        if off > bound:
            table.leave_windows(
                f"Computed only where the patch can reach, the map would be off by {off:.1e} of its range, more than "
                f"{bound:.0e}, so whole pictures were run."
            )
            table.put(rows, exact)
        return off

    def _explained(self) -> list[Objective]:
        """Return what maps are drawn of: the target and, for a network that rebuilds its picture, code and error."""
        more = self._swept.asked if self._swept.probe.task == "image" else ()
        kinds = (Similarity, ReconstructionError)
        return [self._target, *(one for one in more if isinstance(one, kinds) and one != self._target)]

    def _off(self, target: Objective, own: list[np.ndarray], exact: list[np.ndarray]) -> float:
        """Return how far falls are from those of whole pictures, as a share of their range; 0 if they are flat."""
        probe, asked, table = self._swept.probe, self._swept.asked, self.table
        found, true = (value_of(probe, asked, answers, target) for answers in (own, exact))
        known = value_of(probe, asked, table.answers, target)
        bare, reach = abs(float(true[-1])), float(np.ptp(known[:-1][table.known[:-1]]))
        apart = np.abs((found[:-1] - found[-1]) - (true[:-1] - true[-1]))
        return float(apart.max()) / reach if reach > FLAT * bare else 0.0

    def _asked_for(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return patches, numbers and the rows of the answers; the bare picture comes last unless it is known.

        It goes through the same kernels as the covered ones, or rounding would look like a fall.
        """
        patches, rows = self._patched.patches(self._cover, part, self._mask), self.rows[part]
        if self.table.sure[-1]:
            return patches, part, rows
        bare = self._patched.patches(self._swept.image.pixels, [0])
        return np.concatenate([patches, bare]), np.append(part, 0), np.append(rows, len(self.table.places))

    def _check_finite(self, patches: np.ndarray, numbers: np.ndarray, found: list[np.ndarray]) -> None:
        """Raise a `ModelError` if an answer is not all numbers: what is NaN counts as unknown, for ever."""
        for answer in found:
            broken = np.flatnonzero(~np.isfinite(answer.reshape(len(answer), -1)).all(axis=1))
            for k in broken[:1]:
                picture = self._patched.pictures(patches[k : k + 1], numbers[k : k + 1])
                self._swept.probe.check_finite(answer[k], picture)

    def _on_whole_pictures(self, patches: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
        pictures = self._patched.pictures(patches, numbers)
        return self._swept.probe.answers(pictures, self._swept.asked, fitted=True)


def _spread(numbers: np.ndarray, count: int) -> np.ndarray:
    """Return some of the numbers, from the first to the last."""
    return np.unique(numbers[np.linspace(0, len(numbers) - 1, count).astype(int)])
