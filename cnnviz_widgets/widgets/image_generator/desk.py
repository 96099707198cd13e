"""The controls of an image generator, laid out; what they do is the generator's."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ...errors import CnnvizError
from ...explanation import GeneratedImage
from ...export import KINDS, film_bytes, film_kinds
from ...jobs import Job
from ...method import Method, generators
from .. import wording
from ..frame import Frame
from ..parts import box, button, part, stylesheet, title
from .beside import aside
from .controls import MethodForm
from .picker import Picker
from .transport import Transport

if TYPE_CHECKING:
    from .generator import ImageGenerator


class GeneratorDesk(Frame):
    """The film under the picture; what is raised, how, and what photographs do, beside it.

    Parameters
    ----------
    owner : ImageGenerator
        Whose they are.
    """

    _owner: ImageGenerator

    def __init__(self, owner: ImageGenerator) -> None:
        super().__init__(owner, _nothing)
        refuse = owner.session.refuse
        self.picker = Picker(
            owner.uid, owner.probe, self.set_trait("target"), self.set_trait("layer"), refuse
        )
        self.transport = Transport(
            owner.uid, self.set_trait("frame"), owner.play, owner.ask, owner.go_on, self._save_film, film_kinds()
        )  # fmt: skip
        self.method: Any = part(widgets.ToggleButtons, options=list(generators()), value=owner.method)
        self.method.add_class("cv-pills")
        self.method.tooltips = [f"{kind.help}. {kind.source}" for kind in generators().values()]
        self._quiet = False
        self.method.observe(self._method_picked, "value")
        self.form = MethodForm(owner.change_setting)
        self.dream = button(
            "Dream it into the picture", "cv-do", "DeepDream of the same target on the picture chosen above",
            owner.dream,
        )  # fmt: skip
        self.real, self.read = part(widgets.HTML), part(widgets.HTML)
        self.real.add_class("cv-real")
        # names the picture for who cannot see it, whatever the sentence is about
        self._about = part(widgets.HTML)
        self._about.add_class("cv-css")
        self.lever.children = [self.transport.widget, self.real]
        css = stylesheet("image_generator/image_generator.css")
        self.children = (*self.laid_out(owner._view.widget, self._side(), css=css), self._about)

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
        value = wording.how_to_read(kind, wording.paper_link(kind.source), tuple(notes))
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
        frames = self._owner.frames
        if frames:
            self.footer.say(f"The film of {len(frames)} pictures is being written.")
            aside.submit((self, "film"), lambda job: self._write_film(job, frames, kind))

    def _write_film(self, job: Job, frames: Sequence[GeneratedImage], kind: str) -> None:
        try:
            content = film_bytes(frames, kind)
        except CnnvizError as error:
            self._owner._live(self._owner.session.refuse, error)
            return
        name = f"{self._owner.file_name().removesuffix('.png')}.{kind}"
        if not job.cancelled:
            self._owner._live(self.deliver, content, name, KINDS[kind])


def _nothing(_: int) -> None:
    """Stand in for the pages of a collage: there are none to turn."""
