"""What stands around the picture of every widget: actions above, a sentence below, the code under all."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ..errors import CnnvizError, ImageError
from .footer import Footer
from .helper import Helper
from .parts import box, button, part, shown, style_child, stylesheet

if TYPE_CHECKING:
    from .root import RootWidget


class Rim:
    """Actions, sentence and code of a widget, and the places for what is its own.

    Parameters
    ----------
    owner : RootWidget
        Whose they are.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    """

    def __init__(self, owner: RootWidget, turn: Callable[[int], None]) -> None:
        self._owner = owner
        self.helper = Helper()
        self.helper.add_class("cv-helper")
        self._room = style_child()
        self.footer = Footer(owner.cancel, owner.ask, turn)
        self._code = part(widgets.HTML)
        shown(self._code, False)
        self.lever = box(widgets.VBox, "cv-lever")

    def framed(
        self,
        picture: widgets.Widget,
        side: Sequence[widgets.Widget],
        head: widgets.Widget,
        actions: Sequence[widgets.Widget] = (),
        css: str = "",
    ) -> tuple[widgets.Widget, ...]:
        """Return the widget's children: `head` on top with the actions, `picture` large, `side` beside it."""
        acts = box(
            widgets.HBox, "cv-acts", *actions,
            button("", "cv-icon", "Code for this picture", self._toggle_code, icon="code"),
            button("", "cv-icon", "Save as PNG", self._save, icon="download"),
            button("", "cv-icon", "Full screen", self.helper.toggle_full_screen, icon="expand"),
        )  # fmt: skip
        top = box(widgets.HBox, "cv-head", head, acts)
        view = box(widgets.VBox, "cv-view", picture, self.footer.bar, self.footer.widget, self.lever)
        body = box(widgets.HBox, "cv-body", view, box(widgets.VBox, "cv-side", *side))
        return style_child(stylesheet() + css), self._room, self.helper, top, body, self._code

    def resize(self, width: int) -> None:
        """Give the picture its width in CSS pixels."""
        self._room.value = f"<style>.{self._owner.uid} {{ --w: {width}px; }}</style>"

    def refresh_code(self) -> None:
        """Write the lines that make this picture again, if they are shown."""
        if self._code.layout.display != "none":
            lines = html.escape(self._owner.code())
            copy = '<button class="cv-copy" type="button">Copy</button>'
            self._code.value = f'<div class="cv-code"><pre>{lines}</pre>{copy}</div>'

    def close(self) -> None:
        """Free what does not stand in the tree at the moment."""

    def prime(self) -> None:
        """Have each control publish once from the thread of the page, so that a busy cell does not hold it up."""
        pending, seen = list(self._owner.children), set()
        while pending:
            widget = pending.pop()
            if id(widget) in seen or widget.comm is None:
                continue
            seen.add(id(widget))
            # ipykernel's note of where the comm was last used; without one publish anyway
            if "tooltip" in widget.keys and getattr(widget.comm, "_reply_subshell_id", None) is None:
                widget.send_state("tooltip")
            pending.extend(getattr(widget, "children", ()))

    def set_trait(self, name: str) -> Callable[[Any], None]:
        """Return a function that sets a trait of the widget as a control does: what is refused is said below."""

        def change(value: Any) -> None:
            with self._owner._lock:  # a linked widget follows at once, with nobody in between
                try:
                    setattr(self._owner, name, value)
                except CnnvizError as error:
                    self._owner.session.refuse(error)

        return change

    def _toggle_code(self) -> None:
        shown(self._code, self._code.layout.display == "none")
        self.refresh_code()
        self.helper.show_code()

    def _save(self) -> None:
        if self._owner.drawn:
            self.deliver(self._owner.snapshot(), self._owner.file_name())

    def deliver(self, content: bytes, name: str, kind: str = "image/png") -> None:
        """Have the browser save a file of a kind, or write it beside the notebook where none can; say which."""
        if self.helper.loaded:
            self.helper.download(name, content, kind)
            self.footer.say(f"Saved as {html.escape(name)} by the browser.")
            return
        path = _untaken(Path(name))
        try:
            path.write_bytes(content)
        except OSError as error:
            self._owner.session.refuse(ImageError(f"The picture could not be saved as {path}: {error}."))
            return
        self.footer.say(f"Saved as {html.escape(str(path))} beside the notebook.")


def _untaken(path: Path) -> Path:
    untaken, count = path, 1
    while untaken.exists():
        count += 1
        untaken = path.with_stem(f"{path.stem}-{count}")
    return untaken
