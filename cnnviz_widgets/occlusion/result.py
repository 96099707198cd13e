"""The result of a sweep: from the answers at all positions one map or another, or a map against another sweep's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import SettingError, TargetError
from ..explanation import Explanation, Heatmap, LabelMap
from ..images.image import Image
from ..objectives import ClassScore, Objective, ReconstructionError, words
from ..probe import Probe
from ..probe.answers import OUTPUT
from .answers import Table
from .grid import Grid, coverage_mean, nearest_value
from .questions import (
    Question,
    chances,
    changes,
    check_map,
    code_distance,
    nearly_flat,
    served_maps,
    strongest_map,
    value_of,
)
from .settings import SweepSettings

ENDS = ("lowest", "highest")  # of each map's own values, in its own unit


def code_or_error(code: Heatmap, error: Heatmap) -> Heatmap:
    """Return the map of the code's distance less that of the error's rise, each as a share of its largest."""
    return replace(
        code,
        recipe=code.recipe.replace(map="code or error"),
        target=f"{code.target} or {error.target}",
        values=_share(code.values) - _share(error.values),
        unit="share",
        signed=True,
        scores={
            name: value for name, value in code.scores.items() if name in error.scores and name not in ENDS
        },
        notes=tuple(dict.fromkeys((*code.notes, *error.notes))),
        says="Red places move the code more than they spoil what is rebuilt; blue ones the other way round.",
    )


def _share(values: np.ndarray) -> np.ndarray:
    """Return values as shares of the largest magnitude; zeros stay."""
    largest = float(np.abs(values).max())
    return values / largest if largest else values


OF_CLASSES = ("probability", "label")
OF_TARGETS = ("fall", "probability")


@dataclass(frozen=True, eq=False)
class Swept:
    """What is known of a picture with a patch at many positions. Whatever is read from it runs no model.

    Attributes
    ----------
    probe : Probe
        The network that was asked.
    image : Image
        The picture, at the size the network takes.
    settings : SweepSettings
        The patch and the stride.
    grid : Grid
        The positions.
    asked : tuple
        What was asked at each position.
    known : numpy.ndarray
        Which positions are known, bool (N + 1,), in the order of the grid; the last one is the bare picture.
    """

    probe: Probe = field(repr=False)
    image: Image
    settings: SweepSettings
    grid: Grid = field(repr=False)
    asked: tuple[Question, ...] = field(repr=False)
    table: Table = field(repr=False)
    known: np.ndarray = field(repr=False)

    def now(self) -> Swept:
        """Return the result with what has become known since."""
        return replace(self, known=self.table.known.copy())

    @property
    def done(self) -> float:
        """How much of the sweep is known, 0 to 1."""
        return float(self.known[:-1].mean())

    @property
    def progress(self) -> str:
        """Where the sweep stands, e.g. ``217 of 529``."""
        return f"{np.count_nonzero(self.known[:-1])} of {self.grid.count}"

    def values(self, target: Objective | int) -> np.ndarray:
        """Return the value of a target at each position, float32 (N + 1,), NaN where unknown; last, the bare one.

        Raises
        ------
        TargetError
            If it cannot be worked out from what was asked.
        """
        return self._hidden(value_of(self.probe, self.asked, self.table.answers, self.probe.target(target)))

    def chances(self) -> np.ndarray:
        """Return the probability of each class at each position, float32 (N + 1, n), NaN where unknown.

        Raises
        ------
        SettingError
            If the model has no classes, or more were needed than memory is set aside for.
        """
        check_map(self.probe, "label")
        if OUTPUT not in self.asked:
            raise SettingError(
                f"{self.grid.count} positions times {self.probe.classes} classes take too much memory. "
                "Use the map 'fall', or a larger stride."
            )
        return self._hidden(chances(self.probe, self.table.answers[self.asked.index(OUTPUT)], self.known))

    def tells(self, name: str) -> bool:
        """Return whether a map can be read from this sweep."""
        return name in served_maps(self.probe) and (name not in OF_CLASSES or OUTPUT in self.asked)

    def map(self, name: str, target: Objective | int) -> Explanation:
        """Return one of the maps by its name.

        They are those of `MAPS`; see the methods of the same names.

        Raises
        ------
        SettingError, TargetError
            If the model has nothing that the map could show, or the target is not one that it shows.
        """
        check_map(self.probe, name)
        made: Callable[..., Explanation] = getattr(self, name.replace(" ", "_"))
        return made(target) if name in OF_TARGETS else made()

    def fall(self, target: Objective | int) -> Heatmap:
        """Return how far a target falls: the mean, over the positions that cover a pixel, of bare minus covered."""
        values, meant = self.values(target), self.probe.target(target)
        bare = float(values[-1])
        falls, notes = changes(-values, "the score", self.done == 1, abs(bare))
        drawn, scores = self._mean(falls), {"score": bare, "largest fall": float(np.nanmax(falls))}
        notes += nearly_flat(drawn, "the score", self.done == 1, abs(bare))
        return self._heat("fall", meant, drawn, scores, notes=notes, unit="fall", signed=True)

    def probability(self, target: Objective | int) -> Heatmap:
        """Return how probable a class stays: the mean over the positions that cover a pixel."""
        meant = self.probe.target(target)
        if not isinstance(meant, ClassScore):
            raise TargetError(
                f"the map 'probability' is that of a class, such as ClassScore(3); got {meant!r}."
            )
        values = self.chances()[:, meant.number]
        says = "Covering the places that stay dark makes {target} less probable."
        drawn = self._mean(values[:-1] - values[-1]) + values[-1]  # uncovered places show the bare picture's
        scores = self._range("probability", values)
        return self._heat("probability", meant, drawn, scores, unit="probability", says=says)

    def label(self) -> LabelMap:
        """Return the most probable class with the patch at the position whose middle is nearest to a pixel."""
        chances = self.chances()
        best = np.where(np.isnan(chances[:, 0]), np.nan, chances.argmax(axis=1))
        values = nearest_value(self.grid, self._on_grid(best[:-1])).astype(np.int32)
        bare, seen = int(best[-1]), best[:-1][self.known[:-1]].astype(int)
        others = [int(k) for k in np.argsort(-np.bincount(seen), kind="stable") if k != bare and k in seen]
        return LabelMap(
            **self._about("label", ClassScore(bare)), values=values, unit="label",
            legend={k: self.probe.label(k) for k in (bare, *others)},
            scores={"probability": float(chances[-1, bare]), "labels": float(len(others) + 1), **self._checked()},
            says="Covered at a coloured place, it no longer says {target}.",
        )  # fmt: skip

    def activity(self) -> Heatmap:
        """Return how far the activity falls of the map that answers the bare picture loudest.

        It is one of the last layer with maps; its activity is the mean over places.
        """
        check_map(self.probe, "activity")
        strongest = strongest_map(self.probe, self.image)
        assert strongest is not None
        says = "Covering red places silences {target}, the strongest map."
        return self._change("activity", strongest, self.values(strongest), "fall", says)

    def code_distance(self) -> Heatmap:
        """Return how far the code moves from that of the bare picture: the Euclidean distance of the two."""
        check_map(self.probe, "code distance")
        distance = code_distance(self.probe, self.image)
        assert distance is not None
        values, says = -self.values(distance), "Covering warm places moves the code most."
        size = float(np.linalg.norm(self.probe.code(self.image, distance.layer)))
        moved, notes = changes(values, "the code", self.done == 1, size)
        drawn, scores = self._mean(moved), self._range("code distance", values)
        notes += nearly_flat(drawn, "the code", self.done == 1, size)
        return self._heat("code distance", distance, drawn, scores, notes, unit="distance", says=says)

    def reconstruction_error(self) -> Heatmap:
        """Return how far the mean squared error of the rebuilt picture rises above that of the bare one."""
        check_map(self.probe, "reconstruction error")
        error = ReconstructionError()
        says = "{places} are missed: covered, the picture is rebuilt worse."
        return self._change("reconstruction error", error, self.values(error), "rise", says)

    def code_or_error(self) -> Heatmap:
        """Return where the code suffers more than what is rebuilt from it, and where less."""
        check_map(self.probe, "code or error")
        return code_or_error(self.code_distance(), self.reconstruction_error())

    def _change(self, name: str, target: Objective, values: np.ndarray, unit: str, says: str) -> Heatmap:
        """Return a map of how far values fall, or rise, from that of the bare picture."""
        changed, notes = changes(-values if unit == "fall" else values, f"the {name}", self.done == 1)
        drawn, scores = self._mean(changed), self._range(name, values)
        notes += nearly_flat(drawn, f"the {name}", self.done == 1, float(np.nanmax(np.abs(values))))
        return self._heat(name, target, drawn, scores, notes, unit=unit, signed=True, says=says)

    def _range(self, name: str, values: np.ndarray) -> dict[str, float]:
        unit = name.rpartition(" ")[2]
        ends = float(np.nanmin(values[:-1])), float(np.nanmax(values[:-1]))
        return {unit: float(values[-1]), "lowest": ends[0], "highest": ends[1]}

    def _heat(
        self, name: str, target: Objective, values: np.ndarray, scores: dict[str, float],
        notes: tuple[str, ...] = (), **more: Any,
    ) -> Heatmap:  # fmt: skip
        about = self._about(name, target)
        about["notes"] += notes
        return Heatmap(
            **about,
            values=values,
            grain=self.settings.stride or 1,
            places=self.grid.shape,
            scores={**scores, **self._checked()},
            **more,
        )

    def _about(self, name: str, target: Objective) -> dict[str, Any]:
        own = {"map": name, "target": target} if name in OF_TARGETS else {"map": name}
        recipe = self.settings.replace(
            **{key: one for key, one in own.items() if key in self.settings.specs()}
        )
        return {
            "image": self.image, "recipe": recipe, "target": words(target, self.probe.labels),
            "model": self.probe.name, "done": self.done, "progress": self.progress, "notes": self._notes(),
        }  # fmt: skip

    def _checked(self) -> dict[str, float]:
        table = self.table
        if table.difference is None or self.done < 1:
            return {}
        return {"gain over whole pictures": table.gain, "largest difference from them": table.difference}

    def _notes(self) -> tuple[str, ...]:
        own = (self.table.note,) if self.table.note else ()
        return (*own, *self._uncovered())

    def _uncovered(self) -> tuple[str, ...]:
        missed = int(np.count_nonzero(self.grid.coverage(self.settings.mask) == 0))
        if not missed:
            return ()
        patch, stride = self.settings.patch or 1, self.settings.stride or 1
        why = (
            f"Stride {stride} is larger than patch {patch}"
            if stride > patch
            else "A round patch leaves corners"
        )
        return (f"{why}: {missed} pixels are never covered and show no change.",)

    def _mean(self, values: np.ndarray) -> np.ndarray:
        return coverage_mean(self.grid, self._on_grid(values), self.settings.mask)

    def _on_grid(self, values: np.ndarray) -> np.ndarray:
        made = np.full(self.grid.shape, np.nan, np.float32)
        made[tuple(np.transpose(self.grid.order))] = values
        return made

    def _hidden(self, values: np.ndarray) -> np.ndarray:
        """Return values without what has become known since."""
        return np.where(self.known.reshape(-1, *[1] * (values.ndim - 1)), values, np.float32(np.nan))
