"""What a sweep asks the network at each position, so that every map can be read from the answers."""

from __future__ import annotations

import math

from ..errors import SettingError, TargetError, did_you_mean, listed
from ..image import Image
from ..objective import LayerEnergy, Objective, ReconstructionError, Similarity, Unit
from ..probe import Probe
from ..probe.answers import LOGITS, OUTPUT
from .reading import Question, of_classes

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
