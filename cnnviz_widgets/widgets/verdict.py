"""What the network says of the picture: bars that can be clicked, and a search for any other target."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets as widgets

from ..errors import CnnvizError, TargetError, did_you_mean, listed
from ..objective import ClassScore, LayerEnergy, Objective, ReconstructionError, Unit, words
from ..probe import Probe
from .parts import box, button, css_text, mark, part, shown, style_child, title

BARS = 5
MOST_SUGGESTED = 3000
UNNAMED = ("functional", "sequential", "model")


class Verdict:
    """The five most probable classes as bars, a search field, and a chip for a target that has no bar.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    choose : callable
        Called with the objective chosen, or None for the natural one.
    refuse : callable
        Called with the error when the search makes no sense.
    heading : str
        What stands above; the network's name if empty.
    """

    def __init__(
        self,
        uid: str,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        refuse: Callable[[Exception], None],
        heading: str = "",
    ) -> None:
        self._uid, self._probe, self._choose, self._refuse = uid, probe, choose, refuse
        self._top: list[tuple[int, str, float]] = []
        self._style = style_child()
        self._bars = [button("", f"cv-bar5 cv-b{k}", "", partial(self._clicked, k)) for k in range(BARS)]
        for bar in self._bars:
            shown(bar, False)
        self._chip = button("", "cv-chip", "Back to what the network says", lambda: choose(None))
        shown(self._chip, False)
        self.search = part(
            widgets.Combobox,
            placeholder=self._placeholder(),
            options=self._suggestions(),
            ensure_option=False,
            continuous_update=False,
        )
        self.search.add_class("cv-search")
        self.search.observe(self._searched, "value")
        bars = box(widgets.VBox, "cv-bars", self._style, *self._bars)
        name = "The network" if probe.name.startswith(UNNAMED) else probe.name.replace("_", " ")
        heading = heading or (f"{name} says" if self._classifies else f"{name}: explain")
        self._caution = part(widgets.HTML)
        shown(self._caution, False)
        self.widget = box(
            widgets.VBox, "cv-sec", title(heading), bars, self._caution, self._chip, self.search
        )

    @property
    def _classifies(self) -> bool:
        return self._probe.gives_classes

    def show(self, top: list[tuple[int, str, float]]) -> None:
        """Draw the bars for (index, label, probability), best first."""
        self._top, rules = top[:BARS], []
        for k, bar in enumerate(self._bars):
            shown(bar, k < len(self._top))
            if k < len(self._top):
                _, label, chance = self._top[k]
                bar.description, bar.tooltip = label, f"Explain “{label}”"
                wide, percent = max(chance * 100, 0.6), css_text(f"{chance * 100:.1f} %")
                rules.append(f".{self._uid} .cv-b{k} {{ --p: {wide:.1f}%; --t: {percent}; }}")
        self._style.value = f"<style>{''.join(rules)}</style>"

    def caution(self, text: str) -> None:
        """Say under the bars what to mind of them; nothing if empty."""
        self._caution.value = f'<div class="cv-caution" role="note">{html.escape(text)}</div>'
        shown(self._caution, bool(text))

    def compare(self, top: list[tuple[int, str, float]], now: Sequence[float]) -> None:
        """Draw the bars for (index, label, probability) with what each probability is now; a tick shows what it was."""
        self.show(top)
        rules = []
        for k, ((_, _, before), after) in enumerate(zip(self._top, now, strict=False)):
            says = css_text(f"{before * 100:.0f} \N{RIGHTWARDS ARROW} {after * 100:.0f} %")
            wide, was = max(after * 100, 0.6), min(before * 100, 99.2)
            rules.append(f".{self._uid} .cv-b{k} {{ --p: {wide:.1f}%; --was: {was:.1f}%; --t: {says}; }}")
        self._style.value = f"<style>{''.join(rules)}</style>"

    def mark(self, target: Objective | None) -> None:
        """Show which target is explained: on its bar, or as a chip."""
        plain = isinstance(target, ClassScore) and target.of == "logit" and target.at is None
        index = target.index if plain and isinstance(target, ClassScore) else None
        place = next((k for k, entry in enumerate(self._top) if entry[0] == index), None)
        mark(self._bars, place)
        shown(self._chip, target is not None and place is None)
        if target is not None and place is None:
            self._chip.description = f"{words(target, self._probe.labels)}  ×"

    def allow(self, choosing: bool) -> None:
        """Let a target be chosen, or only show what the network says."""
        shown(self.search, choosing)
        for bar in self._bars:
            bar.disabled = not choosing

    def parse(self, text: str) -> Objective:
        """Return the objective that a text in the search field means.

        A class by name or number, ``layer:channel``, ``layer`` or ``energy of layer`` (its energy),
        ``reconstruction error``.

        Raises
        ------
        TargetError
            If it means nothing; the message says what can be typed.
        """
        wanted = " ".join(text.split())
        labels = self._probe.labels or ()
        folded = {label.casefold(): k for k, label in reversed(list(enumerate(labels)))}
        if wanted.casefold() in folded:
            return ClassScore(folded[wanted.casefold()])
        if wanted.isdecimal():
            if self._classifies and int(wanted) >= self._probe.classes:
                raise TargetError(f"There are classes 0 to {self._probe.classes - 1}; got {wanted}.")
            return self._probe.target(ClassScore(int(wanted)))
        return self._parse_layer(wanted, labels)

    def _parse_layer(self, wanted: str, labels: tuple[str, ...]) -> Objective:
        if "reconstruction" in wanted.casefold():
            return self._probe.target(ReconstructionError())
        if wanted.casefold() == "energy":
            return self._probe.target(LayerEnergy(self._probe.last_spatial()))
        if wanted.casefold().startswith("energy of "):
            return self._probe.target(LayerEnergy(wanted[len("energy of ") :]))
        layer, _, channel = wanted.rpartition(":")
        if layer and channel.strip().isdecimal():
            return self._probe.target(Unit(layer.strip(), int(channel)))
        names = [info.name for info in self._probe.layers]
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

    def _clicked(self, k: int) -> None:
        if k < len(self._top):
            self._choose(ClassScore(self._top[k][0]))

    def _searched(self, change: dict[str, str]) -> None:
        if not change["new"].strip():
            return
        try:
            target = self.parse(change["new"])
        except CnnvizError as error:
            self._refuse(error)
            return
        self.search.value = ""
        self._choose(target)

    def _placeholder(self) -> str:
        return "any class: name or number" if self._classifies else "layer:channel, or energy of a layer"

    def _suggestions(self) -> tuple[str, ...]:
        energies = tuple(f"energy of {info.name}" for info in self._probe.spatial_layers)
        whole = ("reconstruction error",) if self._probe.task == "image" else ()
        return (*dict.fromkeys((*(self._probe.labels or ()), *whole, *energies)),)[:MOST_SUGGESTED]


def _whole_words_first(wanted: str, labels: list[str]) -> list[str]:
    """Put labels that hold the text as a word of its own before those that hold it inside a word."""
    return sorted(labels, key=lambda label: wanted.casefold() not in label.casefold().split())
