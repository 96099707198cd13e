"""What stands around the picture of every widget: actions above, a sentence below, the code under all."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from ...errors import CnnvizError, ImageError
from ...timers import AfterRest
from .elements import box, button, part, shown, style_child, stylesheet
from .helper import Helper
from .host import Host, PictureHost
from .image_picker import ImageStrip

TOLD_SECONDS = 6.0


class Footer:
    """A sentence that a screen reader hears, and what goes with it.

    Parameters
    ----------
    cancel, again : callable
        Called when Cancel, or Run again, is pressed.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    live : callable
        Calls what it is given, under the widget's lock, unless the widget is closed.
    """

    def __init__(
        self,
        cancel: Callable[[], None],
        again: Callable[[], None],
        turn: Callable[[int], None],
        live: Callable[[Callable[[], None]], None] = lambda act: act(),
    ) -> None:
        self.bar = part(widgets.HTML, "cv-bar")
        self._say, self._right = part(widgets.HTML), part(widgets.HTML)
        self._idle = self.told = ""
        self._forget = AfterRest(lambda: live(self.forget), TOLD_SECONDS)
        self.cancel = button("Cancel", "cv-cancel", "Stop computing; what there is stays", cancel)
        self.again = button("Run again", "cv-cancel", "Compute the rest", again)
        back = button("‹", "cv-cancel", "Earlier channels", lambda: turn(-1))
        on = button("›", "cv-cancel", "Later channels", lambda: turn(1))
        self._pages = part(widgets.Label)
        self.pager = box(widgets.HBox, "cv-pager", back, self._pages, on)
        for one in (self.cancel, self.again, self.pager):
            shown(one, False)
        self.widget = box(
            widgets.HBox, "cv-foot", self._say, self._right, self.pager, self.again, self.cancel
        )
        self.text = ""

    def say(self, sentence: str, right: str = "", *, details: str | None = None) -> None:
        """Show a sentence (HTML) with a short text on its right; with `details` it is an error, the details folded."""
        fold = (
            f"<details><summary>Details</summary><pre>{html.escape(details)}</pre></details>"
            if details
            else ""
        )
        bad, role = (" cv-bad", "alert") if details is not None else ("", "status")
        whole = "" if details is not None else f' title="{without_markup(sentence)}"'
        value = f'<div class="cv-say{bad}" role="{role}" aria-live="polite"{whole}>{sentence}{fold}</div>'
        if self._say.value != value:
            self._say.value = value
        self.text, self._idle = sentence, right
        self.hover(None)

    def tell(self, text: str) -> None:
        """Say on the right, for some seconds, what was done, such as where a file was saved; the sentence stays."""
        self.told = text
        self.hover(None)
        self._forget.ask()

    def forget(self) -> None:
        """Show on the right what stands there otherwise."""
        self.told = ""
        self.hover(None)

    def close(self) -> None:
        """End what waits to be forgotten."""
        self._forget.close()

    def hover(self, text: str | None) -> None:
        """Show what is under the mouse, in place of the text on the right; None brings that back."""
        if text is None and self.told:
            told = html.escape(self.told)
            value = f'<span class="cv-hover cv-told" role="status" aria-live="polite" title="{told}">{told}</span>'
        else:
            kind = "cv-hover" if text is None else "cv-hover cv-under"
            value = f'<span class="{kind}">{html.escape(self._idle if text is None else text)}</span>'
        if self._right.value != value:
            self._right.value = value

    def progress(self, done: float | None) -> None:
        """Show the bar at a share from 0 to 1, or none."""
        value = ""
        if done is not None:
            stops = f"var(--cv-accent) {done:.0%},var(--cv-fill) {done:.0%}"
            value = (
                f'<div style="height:3px;border-radius:2px;background:linear-gradient(90deg,{stops})"></div>'
            )
        if self.bar.value != value:
            self.bar.value = value

    def offer(self, *, cancel: bool = False, again: bool = False) -> None:
        """Show Cancel, Run again, or neither."""
        shown(self.cancel, cancel)
        shown(self.again, again)

    def pages(self, page: int, count: int, words: str = "") -> None:
        """Show which page of a collage this is, in `words` if given; nothing if there is only one."""
        shown(self.pager, count > 1)
        self._pages.value = words or f"{page + 1} of {count}"


def without_markup(sentence: str) -> str:
    """Return a sentence in HTML as plain text that fits into an attribute."""
    return html.escape(html.unescape(re.sub(r"<[^>]+>", "", sentence)))


class Shell:
    """Actions, sentence and code of a widget, and the places for what is its own.

    Parameters
    ----------
    host : Host
        The widget.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    """

    def __init__(self, host: Host, turn: Callable[[int], None]) -> None:
        self._host = host
        self.helper = Helper()
        self.helper.add_class("cv-helper")
        self._room = style_child()
        self.footer = Footer(host.cancel, host.ask, turn, host.live)
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
        self._room.value = f"<style>.{self._host.uid} {{ --w: {width}px; }}</style>"

    def refresh_code(self) -> None:
        """Write the lines that make this picture again, if they are shown."""
        if self._code.layout.display != "none":
            lines = html.escape(self._host.code())
            copy = '<button class="cv-copy" type="button">Copy</button>'
            self._code.value = f'<div class="cv-code"><pre>{lines}</pre>{copy}</div>'

    def close(self) -> None:
        """Free what does not stand in the tree at the moment."""

    def prime(self) -> None:
        """Have each control publish once from the thread of the page, so that a busy cell does not hold it up."""
        pending, seen = list(self._host.children), set()
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
            with self._host.lock:  # a linked widget follows at once, with nobody in between
                try:
                    setattr(self._host, name, value)
                except CnnvizError as error:
                    self._host.refuse(error)

        return change

    def _toggle_code(self) -> None:
        shown(self._code, self._code.layout.display == "none")
        self.refresh_code()
        self.helper.show_code()

    def _save(self) -> None:
        if self._host.drawn:
            self.deliver(self._host.snapshot(), self._host.file_name())

    def deliver(self, content: bytes, name: str, kind: str = "image/png") -> None:
        """Have the browser save a file of a kind, or write it beside the notebook where none can; say which."""
        if self.helper.loaded:
            self.helper.download(name, content, kind)
            self.footer.tell(f"Saved as {name}")
            return
        path = _untaken(Path(name))
        try:
            path.write_bytes(content)
        except OSError as error:
            self._host.refuse(ImageError(f"The picture could not be saved as {path}: {error}."))
            return
        self.footer.tell(f"Saved as {path} beside the notebook.")


def _untaken(path: Path) -> Path:
    untaken, count = path, 1
    while untaken.exists():
        count += 1
        untaken = path.with_stem(f"{path.stem}-{count}")
    return untaken


class PictureShell(Shell):
    """Strip, actions, sentence and code of a widget, and the places for what is its own.

    Parameters
    ----------
    host : PictureHost
        The widget.
    turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    """

    _host: PictureHost

    def __init__(self, host: PictureHost, turn: Callable[[int], None]) -> None:
        super().__init__(host, turn)
        self.strip = ImageStrip(host.uid, host.images, self.set_trait("image"), self._uploaded)

    def laid_out(
        self,
        picture: widgets.Widget,
        side: Sequence[widgets.Widget],
        actions: Sequence[widgets.Widget] = (),
        css: str = "",
    ) -> tuple[widgets.Widget, ...]:
        """Return the widget's children: `picture` large, `side` beside it, more `actions` before the usual ones."""
        stand = box(widgets.Box, "cv-canvas", picture)
        return self.framed(stand, side, self.strip.widget, actions, css)

    def _uploaded(self, images: list[Any], refused: list[str]) -> None:
        if images:
            self._host.add_images(images, look=not refused)
        if refused:
            self._host.refuse(ImageError(" ".join(refused)))
