"""All controls of an Explorer, laid out; what they are for is wired here, what they do is the Explorer's."""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..errors import CnnvizError, ImageError
from ..export import png_bytes
from ..method import methods
from .chooser import MethodChooser
from .controls import Form
from .depth import DepthStrip
from .footer import Footer
from .helper import Helper
from .history import History, Moment
from .parts import box, button, data_url, free, shown, style_child, stylesheet, title
from .strip import ImageStrip
from .stylebar import StyleBar
from .verdict import Verdict

if TYPE_CHECKING:
    from .explorer import Explorer

PAST = 8


class Desk:
    """The controls around the picture.

    Parameters
    ----------
    explorer : Explorer
        Whose they are.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self.helper = Helper()
        self.helper.add_class("cv-helper")
        self.history = History()
        self._room = style_child()
        self._past_style = style_child()
        self._past = box(widgets.HBox, "cv-history")
        self.depth = DepthStrip(explorer.uid, explorer.probe.stages(), self._set("layer"))
        self.strip = ImageStrip(explorer.uid, explorer.images, self._set("image"), self._uploaded)
        self.verdict = Verdict(explorer.uid, explorer.probe, self._set("target"), explorer.session.refuse)
        self.chooser = MethodChooser(methods(), explorer.method, self._set("method"))
        self.footer = Footer(explorer.cancel, explorer.ask, self._turn)
        self.form: Form | None = None
        self.cost = widgets.HTML()
        self._more = box(widgets.VBox, "cv-sec")
        earlier = box(widgets.VBox, "cv-sec", title("Earlier pictures"), self._past_style, self._past)
        self.style = StyleBar(
            explorer.uid, explorer.style, self._restyled, self._same_scale, (self._more, earlier)
        )
        self.read = widgets.HTML()
        self._code = widgets.HTML()
        shown(self._code, False)
        self.lever = box(widgets.VBox, "cv-lever")
        self.children = self._laid_out()

    def _laid_out(self) -> tuple[widgets.Widget, ...]:
        self.undo = button("", "cv-icon", "Undo", lambda: self._step(-1), icon="undo")
        self.redo = button("", "cv-icon", "Redo", lambda: self._step(1), icon="repeat")
        self.undo.disabled = self.redo.disabled = True
        actions = box(
            widgets.HBox, "cv-acts", self.undo, self.redo,
            button("", "cv-icon", "Code for this picture", self._toggle_code, icon="code"),
            button("", "cv-icon", "Save as PNG", self._save, icon="download"),
            button("", "cv-icon", "Full screen", self.helper.toggle_full_screen, icon="expand"),
        )  # fmt: skip
        head = box(widgets.HBox, "cv-head", self.strip.widget, actions)
        frame = box(widgets.Box, "cv-canvas", self._explorer._view.widget)
        view = box(widgets.VBox, "cv-view", frame, self.footer.bar, self.footer.widget, self.lever)
        reading = box(widgets.VBox, "cv-sec", title("How to read it"), self.read)
        side = box(
            widgets.VBox, "cv-side", self.verdict.widget, self.chooser.widget, self.style.widget, reading
        )
        css = style_child(stylesheet() + self.depth.css)
        return css, self._room, self.helper, head, box(widgets.HBox, "cv-body", view, side), self._code

    # what the Explorer tells

    def resize(self, width: int) -> None:
        """Give the canvas its width in CSS pixels."""
        self._room.value = f"<style>.{self._explorer.uid} {{ --w: {width}px; }}</style>"

    def put_form(self, form: Form, by_layer: bool) -> None:
        """Show the form of a method; the film goes first for methods that belong to a layer."""
        before, self.form = self.form, form
        first = [self.depth.widget] if by_layer and self.depth.layers else []
        self.lever.children = [*first, form.lever, self.cost]
        self._more.children = [form.more]
        if before is not None:
            free(before.lever)
            free(before.more)

    def note(self, moment: Moment) -> None:
        """Remember a picture for undo and for the row of earlier ones."""
        if self.history.note(moment):
            past = self.history.moments[-PAST:]
            buttons, rules = [], []
            for k, earlier in enumerate(past):
                made = button("", "cv-past", earlier.method.label, partial(self._explorer.return_to, earlier))
                made.add_class(f"cv-p{k}")
                buttons.append(made)
                address = data_url(earlier.thumbnail)
                rules.append(
                    f".{self._explorer.uid} .cv-p{k} {{ background-image: url({address}) !important; }}"
                )
            self._past_style.value = f"<style>{''.join(rules)}</style>"
            before, self._past.children = self._past.children, buttons
            for old in before:
                free(old)
        self._mark_history()

    def refresh_code(self) -> None:
        """Write the lines that make this picture again, if they are shown."""
        if self._code.layout.display != "none":
            lines = html.escape(self._explorer.code())
            copy = '<button class="cv-copy" type="button">Copy</button>'
            self._code.value = f'<div class="cv-code"><pre>{lines}</pre>{copy}</div>'

    def close(self) -> None:
        """Free what does not stand in the tree at the moment."""
        free(self.depth.widget)

    def prime(self) -> None:
        """Have each control publish once from the thread of the page, so that a busy cell does not hold it up."""
        pending, seen = list(self._explorer.children), set()
        while pending:
            widget = pending.pop()
            if id(widget) in seen or widget.comm is None:
                continue
            seen.add(id(widget))
            # ipykernel's note of where the comm was last used; without one publish anyway
            if "tooltip" in widget.keys and getattr(widget.comm, "_reply_subshell_id", None) is None:
                widget.send_state("tooltip")
            pending.extend(getattr(widget, "children", ()))

    # what the controls do

    def _set(self, name: str) -> Any:
        def change(value: Any) -> None:
            with self._explorer._lock:  # a linked widget follows at once, with nobody in between
                try:
                    setattr(self._explorer, name, value)
                except CnnvizError as error:
                    self._explorer.session.refuse(error)

        return change

    def _restyled(self, style: Any, moving: bool) -> None:
        self._explorer._screen.restyle(style, moving)

    def _same_scale(self, wanted: bool) -> None:
        self._explorer._screen.same_scale(wanted)

    def _uploaded(self, images: list[Any], refused: list[str]) -> None:
        if images:
            self._explorer.add_images(images, look=not refused)
        if refused:
            self._explorer.session.refuse(ImageError(" ".join(refused)))

    def _turn(self, by: int) -> None:
        self._explorer._screen.turn(by)

    def _step(self, by: int) -> None:
        self._explorer.return_to(self.history.step(by))
        self._mark_history()

    def _mark_history(self) -> None:
        self.undo.disabled, self.redo.disabled = not self.history.can_undo, not self.history.can_redo

    def _toggle_code(self) -> None:
        shown(self._code, self._code.layout.display == "none")
        self.refresh_code()
        self.helper.show_code()

    def _save(self) -> None:
        explanation = self._explorer.explanation
        if explanation is None:
            return
        content, name = png_bytes(explanation, self._explorer.style), file_name(explanation)
        if self.helper.loaded:
            self.helper.download(name, content)
            self.footer.say(f"Saved as {html.escape(name)} by the browser.")
            return
        path = _untaken(Path(name))
        try:
            path.write_bytes(content)
        except OSError as error:
            self._explorer.session.refuse(ImageError(f"The picture could not be saved as {path}: {error}."))
            return
        self.footer.say(f"Saved as {html.escape(str(path))} beside the notebook.")


def file_name(explanation: Any) -> str:
    """Return a file name that says what the picture is, e.g. ``chelsea-grad-cam-top_activation.png``."""
    words = (explanation.image.name or "picture", explanation.recipe.label, getattr(explanation, "layer", ""))
    safe = ("".join(c if c.isalnum() or c == "_" else "-" for c in word.lower()) for word in words if word)
    return "-".join(safe) + ".png"


def _untaken(path: Path) -> Path:
    untaken, count = path, 1
    while untaken.exists():
        count += 1
        untaken = path.with_stem(f"{path.stem}-{count}")
    return untaken
