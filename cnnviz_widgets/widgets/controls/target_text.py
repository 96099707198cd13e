"""What a text in the search field means: a class, a class at a place, a number of the output, a channel, an energy."""

from __future__ import annotations

import re

from ...errors import TargetError, did_you_mean, listed
from ...objectives import ClassScore, LayerEnergy, Objective, Output, ReconstructionError, Unit
from ...probe import Probe

PLACED = ("segmentation", "sequence")  # tasks whose classes have a place
MOST_SUGGESTED = 3000
TYPED = {
    "segmentation": "a class, or a class at row, column",
    "sequence": "a class at a step, e.g. 3 at 0",
    "detection": "output row, number",
    "regression": "output 3, or energy of a layer",
    "embedding": "output 3, or energy of a layer",
    "image": "output row, column, channel",
}


def placeholder(probe: Probe) -> str:
    """Return what can be typed, in a few words."""
    if probe.gives_classes:
        return "any class: name or number"
    return TYPED.get(probe.task, "layer:channel, or energy of a layer")


def suggestions(probe: Probe) -> tuple[str, ...]:
    """Return what is offered while typing."""
    energies = tuple(f"energy of {info.name}" for info in probe.spatial_layers)
    whole = ("reconstruction error",) if probe.rebuilds else ()
    return (*dict.fromkeys((*(probe.labels or ()), *whole, *energies)),)[:MOST_SUGGESTED]


def parsed(probe: Probe, text: str) -> Objective:
    """Return the objective that a text means.

    A class by name or number, such a class at a place (``sky at 12, 40``), ``layer:channel``, ``layer`` or ``energy of
    layer`` (its energy), ``reconstruction error``, or a number of the output (``output 12, 40, 0``).

    Raises
    ------
    TargetError
        If it means nothing; the message says what can be typed.
    """
    wanted = " ".join(text.split())
    if (placed := _placed(probe, wanted)) is not None:
        return placed
    labels = probe.labels or ()
    if wanted in labels:
        return ClassScore(labels.index(wanted))
    folded = {label.casefold(): k for k, label in reversed(list(enumerate(labels)))}
    if wanted.casefold() in folded:
        return ClassScore(folded[wanted.casefold()])
    if wanted.isdecimal():
        if probe.gives_classes and int(wanted) >= probe.classes:
            raise TargetError(f"There are classes 0 to {probe.classes - 1}; got {wanted}.")
        return probe.target(ClassScore(int(wanted)))
    return _of_a_layer(probe, wanted, labels)


def _placed(probe: Probe, wanted: str) -> Objective | None:
    """Return a class at a place or step, or a number of the output; None if a text is neither."""
    if (number := re.fullmatch(r"output\s+([\d\s,]+)", wanted, re.IGNORECASE)) is not None:
        return probe.target(Output(*map(int, re.findall(r"\d+", number[1]))))
    at = re.fullmatch(r"(.+?)\s+at\s+(\d+)(?:\s*,\s*(\d+))?", wanted, re.IGNORECASE)
    if at is None or probe.task not in PLACED:
        return None
    name = at[1].strip("“”\"'")
    index = int(name) if name.isdecimal() and name not in (probe.labels or ()) else name
    return probe.target(ClassScore(index, at=int(at[2]) if at[3] is None else (int(at[2]), int(at[3]))))


def _of_a_layer(probe: Probe, wanted: str, labels: tuple[str, ...]) -> Objective:
    if "reconstruction" in wanted.casefold():
        return probe.target(ReconstructionError())
    if wanted.casefold() == "energy":
        return probe.target(LayerEnergy(probe.last_spatial()))
    if wanted.casefold().startswith("energy of "):
        return probe.target(LayerEnergy(wanted[len("energy of ") :]))
    layer, _, channel = wanted.rpartition(":")
    if layer and channel.strip().isdecimal():
        return probe.target(Unit(layer.strip(), int(channel)))
    names = [info.name for info in probe.layers]
    if wanted in names:
        return LayerEnergy(wanted)
    close = [label for label in labels if wanted.casefold() in label.casefold()]
    if len(close) == 1:
        return ClassScore(labels.index(close[0]))
    if close:
        raise TargetError(
            f"{len(close)} classes hold {wanted!r}: {listed(_whole_words_first(wanted, close), 4)}."
        )
    hint = did_you_mean(wanted, [*labels, *names])
    what = "Type a class, its number, layer:channel or energy of a layer."
    raise TargetError(f"Nothing is called {wanted!r}. {what}{hint}")


def _whole_words_first(wanted: str, labels: list[str]) -> list[str]:
    """Put labels that hold the text as a word of its own before those that hold it inside a word."""
    return sorted(labels, key=lambda label: wanted.casefold() not in label.casefold().split())
