"""One picture with a patch at many places, and what the network makes of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ...errors import CnnvizError, SettingError
from ...images.image import Image
from ..answers import Asked, Question, answers, asked
from ..cache import Memory
from ..engine import BATCH
from ..runnable_model import RunnableModel
from .execution import Still
from .network import Network, Networks
from .position_groups import Sweep
from .windows import Size

CALL_SECONDS, MOST_AT_ONCE = 1.0, 256
FEW = 4  # pictures round in batches of so many as in large ones; one alone runs on kernels of another kind
WORTH = 1.25  # a smaller gain does not pay for compiling what runs on windows


class Patched:
    """The answers of a network for one picture with a patch of one size at many places.

    Where a patch cannot reach, the answers of the picture as it is are used, layer by layer, so that an answer takes
    a fraction of the time of a whole picture and is the same up to rounding. A layer that mixes all places, and all
    that follow it, run on whole maps; so does a network for which windows would not be faster. Where planning,
    compiling or running windows fails, whole pictures are run instead, then and whenever the same is asked; `note`
    says so.

    Parameters
    ----------
    probe : RunnableModel
        The network.
    memory : Memory
        What is remembered of it.
    networks : Networks
        What of it was made ready for windows.
    image : Image
        A fitted picture.
    questions : sequence of str or Objective
        ``output``, ``logits``, a layer's name (its activations), or targets (their values).
    places : array_like
        First row and column of the patch at each position, int (N, 2); all of the patch lies in the picture.
    size : tuple of int
        Height and width of the patch.
    calls : int
        In how many parts the positions will be asked for, about; windows of fewer sizes are used for many parts.

    Raises
    ------
    SettingError
        If a patch does not lie in the picture.
    """

    def __init__(
        self,
        probe: RunnableModel,
        memory: Memory,
        networks: Networks,
        image: Image,
        questions: Sequence[Question],
        places: Any,
        size: Size,
        calls: int = 1,
    ) -> None:
        engine = networks.engine
        self.probe, self.engine, self.image, self.size = probe, engine, image, size
        self.places = _checked(np.asarray(places, np.int64).reshape(-1, 2), size, image.size)
        self.asked: Asked = asked(probe, engine, questions, image)
        self._prepared = probe.prepared(image)[0]
        self._networks, self.memory = networks, memory
        self._network: Network | None = None
        self._sweep: Sweep | None = None
        with self._or_whole_pictures():
            self._network = networks.get(self.asked)
            if self._network is not None:
                planner = self._network.planner(self._still(self._network))
                sweep = Sweep(planner, self.places, image.size, size, calls)
                self._sweep = sweep if sweep.plan.parts and sweep.gain >= WORTH else None

    @contextmanager
    def _or_whole_pictures(self) -> Iterator[None]:
        """Give windows up for these questions if what is done inside fails; errors of the package's own go on."""
        try:
            yield
        except CnnvizError:
            raise
        except Exception as error:  # whatever TensorFlow, Keras or a layer of the user's raises
            self._networks.give_up(self.asked, error)
            self._network = self._sweep = None

    @property
    def note(self) -> str:
        """Why whole pictures are run though windows were meant to be; empty if windows are not known to fail."""
        return self._networks.why_not(self.asked)

    @property
    def gain(self) -> float:
        """How many times faster than whole pictures this is expected to be."""
        return 1.0 if self._sweep is None else self._sweep.gain

    @property
    def at_once(self) -> int:
        """How many positions to ask for in one call, so that it takes about a second; 32 at least."""
        if self._sweep is None:
            return BATCH
        return int(np.clip(CALL_SECONDS / self._sweep.seconds_each, BATCH, MOST_AT_ONCE))

    @property
    def whole_layers(self) -> tuple[str, ...]:
        """The layers that run on whole maps, as far as it is known which do."""
        rest = () if self._sweep is None else self._sweep.plan.rest
        return tuple(unit.step.name for part in rest for unit in part.units)

    @property
    def compiled(self) -> int:
        """How many functions for these questions are held, compiled."""
        return 0 if self._network is None else self._network.compiled

    def patches(self, cover: np.ndarray, numbers: Any = None, mask: np.ndarray | None = None) -> np.ndarray:
        """Return the patches at some positions cut from a picture, float32 (n, h, w, C).

        Parameters
        ----------
        cover : numpy.ndarray
            What covers the picture, (H, W, C) in its value range.
        numbers : array_like, optional
            Which positions; all if left out.
        mask : numpy.ndarray, optional
            How far each pixel is covered, from 0 to 1, (h, w); all of it if left out.
        """
        places = self.places if numbers is None else self.places[np.asarray(numbers)]
        cut = _cut(np.asarray(cover, np.float32), places, self.size)
        if mask is None:
            return cut
        own, share = _cut(self.image.pixels, places, self.size), np.asarray(mask, np.float32)[..., None]
        return own + share * (cut - own)

    def answers(self, patches: np.ndarray, numbers: Any = None) -> list[np.ndarray]:
        """Return the answers for some positions, float32 (n, ...): outputs and layers first, then targets.

        Parameters
        ----------
        patches : numpy.ndarray
            What the patch shows at each of them, (n, h, w, C) in the picture's value range.
        numbers : array_like, optional
            Which positions; all if left out.
        """
        chosen = np.arange(len(self.places)) if numbers is None else np.asarray(numbers, np.int64).reshape(-1)
        patches = np.asarray(patches, np.float32)
        found = None
        with self._or_whole_pictures():
            found = self._in_windows(patches, chosen)
        if found is not None:
            return found
        pictures = self.probe.prepared(self.pictures(patches, chosen), fitted=True)
        return answers(self.engine, self.asked, pictures)

    def _in_windows(self, patches: np.ndarray, chosen: np.ndarray) -> list[np.ndarray] | None:
        """Return the answers for some positions; None if these patches do not run in windows."""
        if self._sweep is None or self._network is None:
            return None
        ready = self._ready(patches, chosen)
        if ready is None:
            return None
        with self.engine.lock:
            still = self._still(self._network)
            plan, made = self._sweep.plan, list[np.ndarray]()
            self._network.hold(still, plan.bases, plan.still)
            for batch in self._sweep.batches(chosen, self._network.most_windows(plan, still)):
                found = self._network.run(plan, still, batch, ready[batch.at], self.asked.feed)
                if not made:
                    made = [np.empty((len(chosen), *answer.shape[1:]), np.float32) for answer in found]
                for whole, part in zip(made, found, strict=True):
                    whole[batch.at] = part
            return made

    def glimpse(self, patches: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
        """Return the answers for a few positions from whole pictures, before anything is compiled.

        They round otherwise than `answers`, which needs its functions compiled first.
        """
        pictures = self.probe.prepared(self.pictures(patches, numbers), fitted=True)
        with self._or_whole_pictures():
            if self._network is not None:
                with self.engine.lock:
                    return self._network.glimpse(self._still(self._network), pictures, self.asked.feed)
        return answers(self.engine, self.asked, pictures)

    def whole(self, patches: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
        """Return the answers for a few positions from whole pictures, rounded as those of many are."""
        pictures = self.probe.prepared(self.pictures(patches, numbers), fitted=True)
        return answers(self.engine, self.asked, pictures, FEW)

    def _still(self, network: Network) -> Still:
        """Return what the network makes of the picture as it is, from memory if the weights are still the same."""
        memory = self.memory
        with memory.current():
            like = next((still for (_, key), still in memory.stills.items() if key == self.asked.key), None)
            return memory.still(self.image, self.asked.key, lambda: network.still(self._prepared, like))

    def _ready(self, patches: np.ndarray, numbers: np.ndarray) -> np.ndarray | None:
        """Return the patches as the network gets them; None if they change what lies outside of them."""
        if self.probe.preprocess is None:
            return patches
        made = np.empty_like(patches)
        for k, (patch, (top, left)) in enumerate(zip(patches, self.places[numbers], strict=True)):
            window = np.s_[top : top + self.size[0], left : left + self.size[1]]
            pixels = self.image.pixels.copy()
            pixels[window] = patch
            prepared = self.probe.prepared(pixels, fitted=True)[0]
            made[k] = prepared[window]
            prepared[window] = self._prepared[window]
            if not np.array_equal(prepared, self._prepared):
                return None
        return made

    def pictures(self, patches: np.ndarray, numbers: np.ndarray) -> np.ndarray:
        """Return the picture with the patch put in at some positions, float32 (n, H, W, C)."""
        pixels = np.repeat(self.image.pixels[None], len(numbers), axis=0)
        for picture, patch, (top, left) in zip(pixels, patches, self.places[numbers], strict=True):
            picture[top : top + self.size[0], left : left + self.size[1]] = patch
        return pixels


def _checked(places: np.ndarray, size: Size, picture: Size) -> np.ndarray:
    for first, patch, length, name in zip(places.T, size, picture, ("row", "column"), strict=True):
        if len(first) and (first.min() < 0 or first.max() + patch > length):
            raise SettingError(
                f"the patch must lie in the picture: first {name}s must be from 0 to {length - patch}; "
                f"got {first.min()} to {first.max()}."
            )
    return places


def _cut(pixels: np.ndarray, places: np.ndarray, size: Size) -> np.ndarray:
    rows = places[:, 0, None] + np.arange(size[0])
    columns = places[:, 1, None] + np.arange(size[1])
    return pixels[rows[:, :, None], columns[:, None, :]]
