"""The controls of an image generator, laid out; what they do is the generator's."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ...errors import CnnvizError
from ...explanation import GeneratedImage
from ...export import KINDS, film_bytes, film_kinds
from ...jobs import Job
from ...method import Method, generators
from ...objectives import ClassScore, LayerEnergy, Objective, Several, Unit
from ...probe import Probe
from ...probe.layer_info import middle
from ..canvas.scene import nothing
from ..controls.form import Form
from ..controls.target_picker import TargetPicker
from ..core import text as core_text
from ..core.elements import box, button, free, heading, part, row, shown, stylesheet, title
from ..core.shell import PictureShell
from .film import FilmControls
from .references import aside
from .state import GeneratorHost

TIMES = "\N{MULTIPLICATION SIGN}"
TARGET_KINDS = ("Class", "Channel", "Layer")
RAISE, MATCH = "Raise", "Match"
SEARCH = "class, layer:channel, or energy of layer"
MOST_IN_GRID = 16


class TargetControls:
    """The controls of the target.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    choose : callable
        Called with the target that the reader picks, or None for the natural one.
    match : callable
        Called with the name of the layer that the reader picks where a layer is matched.
    refuse : callable
        Called with the error when a search makes no sense.
    """

    def __init__(
        self,
        uid: str,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        match: Callable[[str], None],
        refuse: Callable[[Exception], None],
    ) -> None:
        self._choose, self._match, self._quiet, self._matching = choose, match, False, False
        self._target: Objective | None = None
        says = "The network says of it" if probe.gives_classes else ""
        self.verdict = TargetPicker(uid, probe, self._picked, refuse, says)
        if says:
            self.verdict.search.placeholder = SEARCH
        self._maps = {info.name: info for info in probe.spatial_layers}
        kinds = TARGET_KINDS if self._maps else TARGET_KINDS[:1]
        self.kind: Any = part(widgets.ToggleButtons, options=kinds)
        self.kind.add_class("cv-seg")
        names = [
            (f"{name}   {info.cells} {TIMES} {info.shape[2]}", name) for name, info in self._maps.items()
        ]
        usual = middle(probe.spatial_layers).name if self._maps else ""
        self.layer: Any = part(widgets.Dropdown, options=names or [("no layer has maps", "")], value=usual)
        self.channel: Any = part(widgets.IntSlider, min=0, max=1, continuous_update=False)
        self.several = part(widgets.Checkbox, value=False, description="Add to a grid", indent=False)
        self.several.tooltip = "What is picked next gets a picture of its own beside the others"
        self.kind.observe(lambda _: self._shaped(True), "value")
        self.layer.observe(lambda _: self._shaped(True), "value")
        self.channel.observe(lambda _: self._unit_picked(), "value")
        self._layer_row, self._channel_row = row("Layer", self.layer), row("Channel", self.channel)
        self._title = title(RAISE)
        raised = box(
            widgets.VBox, "cv-sec", self._title, self.kind, self._layer_row, self._channel_row, self.several
        )  # fmt: skip
        self.widgets = (self.verdict.widget, raised)
        self._shaped(False)

    def put(self, target: Objective | None, layer: str, matching: bool) -> None:
        """Move the controls to what they stand for.

        Parameters
        ----------
        target : Objective or None
            What is raised.
        layer : str
            The layer that is matched; empty where none is.
        matching : bool
            Whether a layer is matched, so that there is no target to choose.
        """
        if target != self._target:
            self.verdict.search.value = ""  # what was searched in vain is not what is raised
        self._target, self._matching, self._quiet = target, matching, True
        try:
            one = target.objectives[-1] if isinstance(target, Several) else target
            name = layer if matching else getattr(one, "layer", "")
            if name in self._maps:
                self.layer.value = name
            if isinstance(one, ClassScore) and not matching:
                self.kind.value = "Class"
            elif isinstance(one, LayerEnergy):
                self.kind.value = "Layer"
            elif isinstance(one, Unit) and name in self._maps:
                self.kind.value = "Channel"
                self._fit_channels()
                self.channel.value = one.channel or 0
            self._shaped(False)
        finally:
            self._quiet = False
        self.verdict.mark(None if matching else target)

    def doubt(self, on: bool) -> None:
        """Show, or no longer, that the bars are not those of the picture that is coming."""
        (self.verdict.widget.add_class if on else self.verdict.widget.remove_class)("cv-doubt")

    def _shaped(self, asks: bool) -> None:
        """Show the rows that belong to the kind; ask for what they stand at, if the reader has moved one."""
        kind = "Layer" if self._matching else self.kind.value
        self._title.value = heading(MATCH if self._matching else RAISE)
        self.verdict.allow(not self._matching)
        shown(self.kind, not self._matching and bool(self._maps))
        shown(self.several, not self._matching)
        shown(self._layer_row, kind != "Class")
        shown(self._channel_row, kind == "Channel")
        self._fit_channels()
        if asks and not self._quiet:
            self._unit_picked()

    def _fit_channels(self) -> None:
        if self.layer.value in self._maps:
            before, self._quiet = self._quiet, True
            self.channel.max = max((self._maps[self.layer.value].shape[2] or 1) - 1, 0)
            self._quiet = before

    def _unit_picked(self) -> None:
        name = self.layer.value
        if self._quiet or not name:
            return
        if self._matching:
            self._match(name)
        elif self.kind.value == "Channel":
            self._picked(Unit(name, self.channel.value))
        elif self.kind.value == "Layer":
            self._picked(LayerEnergy(name))

    def _picked(self, target: Objective | None) -> None:
        """Raise a target alone, or beside those there are."""
        before = self._target
        if not self.several.value or target is None or before is None:
            self._choose(target)
            return
        known = before.objectives if isinstance(before, Several) else (before,)
        if target not in known and len(known) < MOST_IN_GRID:
            self._choose(Several((*known, target)))


def as_picked(target: Objective | None) -> Objective | None:
    """Return a target as the controls name it: a class is a class, however its score is counted."""
    if isinstance(target, ClassScore):
        return replace(target, of="logit")
    if isinstance(target, Several):
        return Several(tuple(filter(None, map(as_picked, target.objectives))))
    return target


IN_SIGHT = ("preset", "begin", "count", "octaves", "enlarge", "steps")
FOLDED, UNFOLDED = "More settings ›", "Fewer settings ‹"


class MethodForm:
    """A form that is built anew for each method.

    Parameters
    ----------
    changed : callable
        Called with the name of a setting and its new value.
    """

    def __init__(self, changed: Callable[[str, Any], None]) -> None:
        self._changed = changed
        self._form: Form | None = None
        self._kind: type[Method] | None = None
        self._sight = box(widgets.VBox, "cv-form")
        self._more = box(widgets.VBox, "cv-form")
        self._fold = button(FOLDED, "cv-more", "Show or hide the other settings", self._toggle)
        shown(self._more, False)
        self.widget = box(widgets.VBox, "cv-sec", self._sight, self._fold, self._more)

    @property
    def controls(self) -> dict[str, Any]:
        """The controls by the name of the setting."""
        return self._form.controls if self._form else {}

    def put(self, ready: Method) -> None:
        """Show a method's settings; all that were left open are filled in."""
        if type(ready) is not self._kind:
            self._build(ready)
        assert self._form is not None
        self._form.put(ready)

    def _build(self, ready: Method) -> None:
        before, self._kind = (*self._sight.children, *self._more.children), type(ready)
        self._form = form = Form(ready, self._changed)
        rows = {
            name: line
            for line in (*form.lever.children, *form.more.children)
            for name, made in form.controls.items()
            if made in line.children
        }
        self._sight.children = [rows[name] for name in IN_SIGHT if name in rows]
        self._more.children = [line for name, line in rows.items() if name not in IN_SIGHT]
        form.lever.children = form.more.children = ()
        for gone in (form.lever, form.more, *before):
            free(gone)

    def _toggle(self) -> None:
        opened = self._more.layout.display == "none"
        shown(self._more, opened)
        self._fold.description = UNFOLDED if opened else FOLDED


class GeneratorView(PictureShell):
    """The film under the picture; what is raised, how, and what photographs do, beside it.

    Parameters
    ----------
    host : GeneratorHost
        The widget.
    """

    _host: GeneratorHost

    def __init__(self, host: GeneratorHost) -> None:
        super().__init__(host, nothing)
        refuse = host.refuse
        self.picker = TargetControls(
            host.uid, host.probe, self.set_trait("target"), self.set_trait("layer"), refuse
        )
        self.transport = FilmControls(
            host.uid, self.set_trait("frame"), host.play, host.ask, host.go_on, self._save_film, film_kinds()
        )  # fmt: skip
        self.method: Any = part(widgets.ToggleButtons, options=list(generators()), value=host.method)
        self.method.add_class("cv-pills")
        self.method.tooltips = [f"{kind.help}. {kind.source}" for kind in generators().values()]
        self._quiet = False
        self.method.observe(self._method_picked, "value")
        self.form = MethodForm(host.change_setting)
        self.dream = button(
            "Dream it into the picture", "cv-do", "DeepDream of the same target on the picture chosen above",
            host.dream,
        )  # fmt: skip
        self.real, self.read = part(widgets.HTML), part(widgets.HTML)
        self.real.add_class("cv-real")
        # names the picture for who cannot see it, whatever the sentence is about
        self._about = part(widgets.HTML)
        self._about.add_class("cv-css")
        self.lever.children = [self.transport.widget, self.real]
        css = stylesheet("image_generator/image_generator.css")
        self.children = (*self.laid_out(host.canvas.widget, self._side(), css=css), self._about)

    def put(self, ready: Method) -> None:
        """Move the controls to a method with its settings."""
        self._quiet = True
        try:
            known = list(generators())
            if list(self.method.options) != known:  # registered since
                self.method.options = known
            self.method.value = ready.label
        finally:
            self._quiet = False
        self.form.put(ready)

    def tell_real(self, words: str, pictures: str = "") -> None:
        """Say how the picture compares with photographs; `pictures` is markup for where there are no tiles."""
        value = f'{pictures}<div class="cv-read">{html.escape(words)}</div>' if words or pictures else ""
        if self.real.value != value:
            self.real.value = value

    def tell_about(self, words: str) -> None:
        """Name the picture, in HTML."""
        self._about.value = f'<div class="cv-about">{words}</div>'

    def tell_reading(self, kind: type[Method], notes: Sequence[str] = ()) -> None:
        """Say how to read the picture, and what to mind."""
        value = core_text.how_to_read(kind, core_text.paper_link(kind.source), tuple(notes))
        if self.read.value != value:
            self.read.value = value

    def wait(self, timeout: float | None) -> bool:
        """Wait for a film that is being written; False if `timeout` seconds pass first."""
        return aside.wait((self, "film"), timeout)

    def close(self) -> None:
        """Write no film any more."""
        aside.cancel((self, "film"))
        self.wait(10)

    def _side(self) -> tuple[widgets.Widget, ...]:
        how = box(widgets.VBox, "cv-sec", title("Make it by"), self.method, self.form.widget, self.dream)
        reading = box(widgets.VBox, "cv-sec", title("How to read it"), self.read)
        return (*self.picker.widgets, how, reading)

    def _method_picked(self, change: dict[str, str]) -> None:
        if not self._quiet and change["new"]:
            self.set_trait("method")(change["new"])

    def _save_film(self, kind: str) -> None:
        """Have the browser save the film, once it is encoded on a worker that is not the climb's."""
        frames = self._host.frames
        if frames:
            self.footer.tell(f"The film of {len(frames)} pictures is being written.")
            aside.submit((self, "film"), lambda job: self._write_film(job, frames, kind))

    def _write_film(self, job: Job, frames: Sequence[GeneratedImage], kind: str) -> None:
        try:
            content = film_bytes(frames, kind)
        except CnnvizError as error:
            self._host.live(self._host.refuse, error)
            return
        name = f"{self._host.file_name().removesuffix('.png')}.{kind}"
        if not job.cancelled:
            self._host.live(self.deliver, content, name, KINDS[kind])
