"""Scenes of the demo: clothes pasted on photographs, with the class of every pixel known."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import PIL.Image

from ..images.image import Image
from .clothes import CLOTHES_NAMES, held_out_clothes
from .pictures import PHOTO_SOURCES, photograph

SCENE_CLASSES = ("background", "top", "trousers", "shoe", "bag")
SCENE_SIDE = 96
KINDS = {
    "T-shirt": "top", "pullover": "top", "coat": "top", "shirt": "top", "trousers": "trousers",
    "sandal": "shoe", "sneaker": "shoe", "ankle boot": "shoe", "bag": "bag",
}  # fmt: skip
LEARNT_FROM = ("chelsea", "coffee", "Grace Hopper", "hubble", "china", "flower")
HELD_OUT_ON = ("rocket", "astronaut")
LEARNT_A_KIND = 32  # of forty bundled things of a kind; the other eight are held out
MOST_THINGS = 3
SMALLEST, LARGEST = 36, 68  # side of a thing in pixels
TURN = 15.0  # degrees to either side
PLAIN = 0.3  # of the scenes to learn from have a smooth ground instead of a photograph
SHOWN = 24
SEED = 11


class Scenes(NamedTuple):
    """Pictures, and what is at each pixel of them.

    Attributes
    ----------
    images : list of Image
        Colour pictures of 96x96, values 0 to 255.
    masks : numpy.ndarray
        uint8 (N, 96, 96): the index in `SCENE_CLASSES` of what each pixel shows.
    """

    images: list[Image]
    masks: np.ndarray


def scenes(count: int = SHOWN) -> Scenes:
    """Return scenes that the segmenter was not trained on: 96x96x3, values 0 to 255, one to three things in each.

    Things and photographs are those held out of its training: the last eight of each kind in `gallery`, on crops of
    the rocket and the astronaut. The same scenes each time.

    Raises
    ------
    MissingPackageError
        If scikit-image, which the extra ``demo`` brings, is not installed.
    """
    pixels, masks = Composer(HELD_OUT_ON, learnt=False).scenes(np.random.default_rng(SEED), count)
    images = [Image(scene, (0, 255), f"scene {index + 1}") for index, scene in enumerate(pixels)]
    return Scenes(images, masks)


class Composer:
    """Pastes things on crops of photographs.

    Parameters
    ----------
    photographs : sequence of str
        Names of the photographs, as in `photos`.
    learnt : bool
        Whether the things are those to learn from, on grounds whose colours are changed, or those held out.
    """

    def __init__(self, photographs: Sequence[str], *, learnt: bool) -> None:
        self._learnt = learnt
        chosen = [source for source in PHOTO_SOURCES if source.name in photographs]
        self._grounds = [PIL.Image.fromarray(photograph(source).rgb()) for source in chosen]
        pixels, labels = held_out_clothes()
        self._things: dict[int, list[np.ndarray]] = {}
        for label, kind in enumerate(CLOTHES_NAMES):
            if kind in KINDS:
                of_kind = pixels[labels == label][..., 0]
                part = of_kind[:LEARNT_A_KIND] if learnt else of_kind[LEARNT_A_KIND:]
                self._things.setdefault(SCENE_CLASSES.index(KINDS[kind]), []).extend(part)

    def scenes(self, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return scenes, uint8 (N, 96, 96, 3), and the class of every pixel, uint8 (N, 96, 96)."""
        made = [self._scene(rng) for _ in range(count)]
        return np.stack([scene for scene, _ in made]), np.stack([mask for _, mask in made])

    def _scene(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        scene = self._ground(rng)
        mask = np.zeros((SCENE_SIDE, SCENE_SIDE), np.uint8)
        for _ in range(int(rng.integers(1, MOST_THINGS + 1))):
            kind = int(rng.integers(1, len(SCENE_CLASSES)))
            things = self._things[kind]
            _paste(scene, mask, kind, things[int(rng.integers(len(things)))], rng)
        return np.round(scene).astype(np.uint8), mask

    def _ground(self, rng: np.random.Generator) -> np.ndarray:
        """Return a crop of a photograph at the size of a scene, float32 (96, 96, 3)."""
        if self._learnt and rng.random() < PLAIN:
            return _smooth(rng)
        photo = self._grounds[int(rng.integers(len(self._grounds)))]
        side = int(rng.integers(SCENE_SIDE, min(photo.size) + 1))
        left = int(rng.integers(photo.width - side + 1))
        top = int(rng.integers(photo.height - side + 1))
        cut = photo.resize(
            (SCENE_SIDE, SCENE_SIDE), PIL.Image.Resampling.BOX, (left, top, left + side, top + side)
        )
        found = np.array(cut, np.float32)
        if self._learnt:
            found = found[:, :, rng.permutation(3)] * rng.uniform(0.5, 1.2, 3).astype(np.float32)
            found = found[::-1] if rng.random() < 0.3 else found
        found = found[:, ::-1] if rng.random() < 0.5 else found
        return np.ascontiguousarray(np.minimum(found, 255))


def _smooth(rng: np.random.Generator) -> np.ndarray:
    """Return a ground of four colours that run into each other, with a little noise, float32 (96, 96, 3)."""
    corners = PIL.Image.fromarray(rng.integers(0, 256, (2, 2, 3)).astype(np.uint8))
    found = np.array(corners.resize((SCENE_SIDE, SCENE_SIDE), PIL.Image.Resampling.BICUBIC), np.float32)
    noise = rng.normal(0, rng.uniform(0, 12), found.shape).astype(np.float32)
    return np.clip(found + noise, 0, 255)


def _paste(
    scene: np.ndarray, mask: np.ndarray, kind: int, thing: np.ndarray, rng: np.random.Generator
) -> None:
    """Put a grey thing, float (28, 28) with values 0 to 1 on black, into a scene in a colour of its own."""
    side = int(rng.integers(SMALLEST, LARGEST + 1))
    turn = float(rng.uniform(-TURN, TURN))
    flip = rng.random() < 0.5
    light, cover = (_placed(plane, side, turn, flip) for plane in (thing, thing > 0.06))
    top, left = (int(rng.integers(-side // 4, SCENE_SIDE - 3 * side // 4)) for _ in range(2))
    rows, columns = (slice(max(0, at), min(SCENE_SIDE, at + side)) for at in (top, left))
    own = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    colour = rng.uniform(40, 255, 3).astype(np.float32)
    painted = (0.25 + 0.75 * light[own])[..., None] * colour
    share = cover[own][..., None]
    scene[rows, columns] = share * painted + (1 - share) * scene[rows, columns]
    mask[rows, columns][cover[own] > 0.5] = kind


def _placed(plane: np.ndarray, side: int, turn: float, flip: bool) -> np.ndarray:
    """Return a plane with values 0 to 1 enlarged, turned by degrees and perhaps flipped, float32 (side, side)."""
    drawn = PIL.Image.fromarray(np.uint8(255 * (plane[:, ::-1] if flip else plane)))
    drawn = drawn.resize((side, side), PIL.Image.Resampling.BICUBIC)
    return np.asarray(drawn.rotate(turn, PIL.Image.Resampling.BILINEAR), np.float32) / 255
