"""What a sweep asks the network at each position, and how every map is read from the answers."""

from __future__ import annotations

import math

import numpy as np

from ..errors import SettingError, TargetError, did_you_mean, listed
from ..images.image import Image
from ..objectives import (
    ClassScore,
    Contrast,
    LayerEnergy,
    Objective,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)
from ..probe import Probe
from ..probe.answers import LOGITS, OUTPUT
from ..probe.targets import probabilities

Question = str | Objective
Answers = list[np.ndarray]
Changes = tuple[np.ndarray, tuple[str, ...]]
FLAT = 1e-4  # maps of a smaller range, as a share of the score, are said to be flat
ROUNDING = 1e-5  # changes below this share of the numbers they come from are what rounding makes


def of_classes(target: Objective | None) -> bool:
    """Return True if a target can be worked out from the output and the logits of one row."""
    if isinstance(target, Contrast):
        return all(side is None or of_classes(as_objective(side)) for side in (target.plus, target.minus))
    return isinstance(target, ClassScore) and target.of != "log-probability"


def value_of(probe: Probe, asked: tuple[Question, ...], answers: Answers, target: Objective) -> np.ndarray:
    """Return the value of a target for each row of the answers, (N,).

    Raises
    ------
    TargetError
        If it was not asked for and cannot be worked out.
    """
    if target in asked:
        return answers[asked.index(target)]
    if isinstance(target, Contrast):
        sides = [as_objective(side) for side in (target.plus, target.minus)]
        plus, minus = (
            np.float32(0) if side is None else value_of(probe, asked, answers, side) for side in sides
        )
        return np.asarray(plus - minus)
    if not of_classes(target) or not isinstance(target, ClassScore) or OUTPUT not in asked:
        raise TargetError(f"the sweep was not asked for {target!r}. Sweep with it as target.")
    output = _rows(answers[asked.index(OUTPUT)])
    logits = _rows(answers[asked.index(LOGITS)]) if LOGITS in asked else output
    if target.of == "probability":
        return probabilities(output, probe.squash, probe.task)[:, target.number]
    if probe.classes == 2 and probe.outputs == 1:  # yes or no by one number
        return logits[:, 0] if target.number else -logits[:, 0]
    return logits[:, target.number]


def _rows(output: np.ndarray) -> np.ndarray:
    """Return a row of class scores for each position, whatever axes of length 1 it has."""
    return output.reshape(len(output), -1)


def chances(probe: Probe, output: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the probability of each class for the rows that are known, float32 (N, n), NaN for the others."""
    made = np.full((len(output), probe.classes), np.nan, np.float32)
    made[known] = probabilities(_rows(output)[known], probe.squash, probe.task)
    return made


def changes(values: np.ndarray, what: str, whole: bool, size: float | None = None) -> Changes:
    """Return how far values lie above the last, the bare picture's, and the note if that is no more than rounding.

    Then all changes are 0.

    Parameters
    ----------
    values : numpy.ndarray
        (N + 1,), NaN where unknown.
    what : str
        What they are values of, for the note.
    whole : bool
        Whether all are known.
    size : float, optional
        Size of the numbers that they were worked out from; that of the largest value if not given.
    """
    found = values[:-1] - values[-1]
    size = float(np.nanmax(np.abs(values))) if size is None else size
    if float(np.nanmax(np.abs(found))) > ROUNDING * size:
        return found, ()
    so_far = "" if whole else " so far"
    return found * 0, (f"Flat{so_far}: covering any place leaves {what} as it is. All values are 0.",)


def nearly_flat(drawn: np.ndarray, what: str, whole: bool, size: float) -> tuple[str, ...]:
    """Return the note for a map whose range is next to nothing beside the numbers that it comes from.

    Parameters
    ----------
    drawn : numpy.ndarray
        The map, in the unit of `size`.
    what : str
        What its values are changes of.
    whole : bool
        Whether all positions are known.
    size : float
        Size of the numbers that it was worked out from.
    """
    if not 0 < float(np.ptp(drawn)) < FLAT * size:
        return ()
    so_far = "" if whole else " so far"
    return (f"Nearly flat{so_far}: wherever the patch is, {what} is the same to a ten-thousandth.",)


MAPS = ("fall", "probability", "label", "activity", "code distance", "reconstruction error", "code or error")
MOST_BYTES = 128 * 2**20  # of all classes at all positions; beyond, only the target is asked for


def check_map(probe: Probe, name: str) -> None:
    """Raise `SettingError` if there is no such map, or the model has nothing that it could show."""
    if name not in MAPS:
        raise SettingError(f"map must be one of {listed(MAPS, 12)}; got {name!r}.{did_you_mean(name, MAPS)}")
    served, what = _needs(probe)[name]
    if not served:
        raise SettingError(
            f"The map {name!r} needs {what}, which {probe.name} does not have. "
            f"Choose one of {listed(served_maps(probe), 12)}."
        )


def served_maps(probe: Probe) -> tuple[str, ...]:
    """Return the names of the maps that a model has something to show in."""
    return tuple(name for name, (able, _) in _needs(probe).items() if able)


def _needs(probe: Probe) -> dict[str, tuple[bool, str]]:
    classifies = probe.gives_classes and probe.classes > 1
    rebuilds = _rebuilds(probe)
    coded = probe.bottleneck is not None
    return {
        "fall": (True, ""),
        "probability": (classifies, "classes"),
        "label": (classifies, "classes"),
        "activity": (bool(probe.spatial_layers), "layers with maps"),
        "code distance": (coded, "a code between two pictures"),
        "reconstruction error": (rebuilds, "an output of the picture's shape and range"),
        "code or error": (coded and rebuilds, "a code between two pictures"),
    }


def questions(probe: Probe, image: Image, target: Objective, positions: int) -> tuple[Question, ...]:
    """Return what to ask at each of some positions: names first, then targets."""
    names = _names(probe, positions)
    asked: list[Question] = list(names)
    if not (names and of_classes(target)):
        asked.append(target)
    if probe.task == "image":
        asked += [one for one in _of_a_rebuilt_picture(probe, image) if one not in asked]
    strongest = strongest_map(probe, image)
    return (*asked, *([strongest] if strongest is not None and strongest not in asked else []))


def code_distance(probe: Probe, image: Image) -> Similarity | None:
    """Return the target that is minus the distance of the code from the picture's own; None if there is no code."""
    code = probe.natural_target(image) if probe.task == "image" else None
    return Similarity(image, code.layer, "euclidean") if isinstance(code, LayerEnergy) else None


def strongest_map(probe: Probe, image: Image) -> Unit | None:
    """Return the channel of the last layer with maps that answers the bare picture loudest; None without maps."""
    if not probe.spatial_layers:
        return None
    layer = probe.last_spatial()
    maps = probe.code(image, layer).reshape(-1, probe.layer(layer).shape[-1] or 1)
    return Unit(layer, int(maps.mean(axis=0).argmax()))


def _names(probe: Probe, positions: int) -> tuple[str, ...]:
    if not probe.gives_classes:
        return ()
    names = (OUTPUT, LOGITS) if probe.squash else (OUTPUT,)
    numbers = len(names) * (positions + 1) * math.prod(n or 1 for n in probe.output_shape)
    return names if 4 * numbers <= MOST_BYTES else ()


def _rebuilds(probe: Probe) -> bool:
    """Return whether what comes out can be compared with what goes in."""
    try:
        return probe.rebuilds and bool(probe.target(ReconstructionError()))
    except TargetError:
        return False


def _of_a_rebuilt_picture(probe: Probe, image: Image) -> list[Objective]:
    distance = code_distance(probe, image)
    error: list[Objective] = [ReconstructionError()] if _rebuilds(probe) else []
    return error if distance is None else [distance, *error]
