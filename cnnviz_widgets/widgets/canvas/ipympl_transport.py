"""An ipympl canvas that draws under one lock, sends whole frames, and previews while something moves."""

from __future__ import annotations

import base64
import contextvars
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from ...timers import AfterRest
from .encoding import encode
from .scene import nothing

RENDER_LOCK: Any = getattr(Figure, "_render_lock", None) or threading.RLock()
BACKEND = "module://ipympl.backend_nbagg"
SILENT = {"message", "history_buttons", "navigate_mode"}  # nothing in our front end listens to these


@contextmanager
def user_backend_kept() -> Iterator[None]:
    """Keep ``import ipympl`` from making itself the user's backend.

    Setting the backend back afterwards would come too late: the switch may close figures, and an unresolved
    backend cannot be read without resolving it.
    """
    switch = matplotlib.use

    def use(backend: str, *args: Any, **more: Any) -> None:
        if backend != BACKEND:
            switch(backend, *args, **more)

    matplotlib.use = use
    try:
        yield
    finally:
        matplotlib.use = switch


with user_backend_kept():
    from ipympl.backend_nbagg import Canvas, FigureManager


class FastCanvas(Canvas):
    """The widget under a view. It asks ``paint`` for pixels and keeps the front end up to date.

    Every frame is a whole one: ipympl's front end may skip a frame when the next one comes fast, and a
    skipped difference would stay on the screen.

    Parameters
    ----------
    figure
        The figure, of opaque face colour.
    paint
        Called with the renderer, under the lock, before a frame is sent.
    home
        Called under the lock when the toolbar's Home is pressed.
    ready
        Called without the lock when a front end has come up.

    Attributes
    ----------
    held
        Whether a button of the mouse was down when the canvas heard of it last.
    """

    def __init__(
        self,
        figure: Figure,
        paint: Callable[[Any], None],
        home: Callable[[], None],
        ready: Callable[[], None],
    ) -> None:
        self._paint, self._home, self._ready = paint, home, ready
        self._moving = self.held = self._ratio_told = False
        self._frame = 0
        self._context: contextvars.Context | None = None
        self._main_spoke = False
        self._events: list[Callable[[], None]] = []
        self._rest = AfterRest(self._sharpen)
        super().__init__(figure)
        self.header_visible = self.footer_visible = self.resizable = self.capture_scroll = False
        self.toolbar_visible, self.toolbar_position = "fade-in-fade-out", "left"
        with warnings.catch_warnings():  # ipympl's toolbar is not yet as traitlets wants it
            warnings.filterwarnings("ignore", "Passing unrecognized arguments", DeprecationWarning)
            self.manager = FigureManager(self, 0)
        for handler in ("key_press_handler_id", "button_press_handler_id", "scroll_handler_id"):
            if getattr(self.manager, handler, None) is not None:
                self.mpl_disconnect(getattr(self.manager, handler))
        tools = self.toolbar.toolitems
        self.toolbar.toolitems = [tool for tool in tools if tool[0] in ("Home", "Pan", "Zoom")]

    def draw(self, *, moving: bool = False) -> None:
        """Paint and send a frame; a preview if moving, which sharpens by itself."""
        with RENDER_LOCK:
            if self.comm is None:
                return
            self._paint(self.get_renderer())
            self._png_is_old, self._moving = True, moving
            self._frame += 1
            self.manager.refresh_all()
        if moving:
            self._rest.ask()

    def pixels(self) -> Any:
        """Return the (h, w, 4) pixels as they are on the canvas, not a copy."""
        return np.asarray(self.get_renderer().buffer_rgba())

    def png(self) -> bytes:
        """Return the canvas as it is, as a PNG file."""
        with RENDER_LOCK:
            pixels = self.pixels().copy()
        return encode(pixels, moving=False)

    def after(self, call: Callable[[], None]) -> None:
        """Do something once the message at hand is dealt with and the lock is free."""
        self._events.append(call)

    def get_diff_image(self) -> bytes | None:
        """Return the frame to send; the name is Matplotlib's, the frame is whole."""
        if not self._png_is_old:
            return None
        self._png_is_old = self._force_full = False
        self.set_image_mode("full")
        return encode(self.pixels(), moving=self._moving)

    def send_binary(self, data: bytes) -> None:
        """Send a frame to the front end, and keep it for one that comes later."""
        if self.syncing_data_url or not self._moving:
            kind = "jpeg" if self._moving else "png"
            width, height = self.get_width_height()
            self._size = (width, height)
            self._data_url = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
        if not self.syncing_data_url:
            self.send({"data": '{"type": "binary"}'}, buffers=[data])

    def send_json(self, content: dict[str, Any]) -> None:
        """Send an event, unless nothing listens to it."""
        if content["type"] not in SILENT:
            super().send_json(content)

    def handle_draw(self, event: dict[str, Any]) -> None:
        """Answer the front end's wish for a frame; during a drag with a preview."""
        self.draw(moving=self.held)

    def close(self) -> None:
        """Free the canvas with its toolbar, layouts and timer; a second call does nothing."""
        if self.comm is None:
            return
        self._rest.close()
        with RENDER_LOCK:
            for part in (self.toolbar.layout, self.toolbar, self.layout):
                part.close()
            self._msg_callbacks.callbacks.clear()
            super().close()
            self._paint = self._home = self._ready = nothing
            self._events.clear()
            self.figure.clear()
            self.manager.web_sockets = []
            self.manager = None

    def _send(self, msg: dict[str, Any], buffers: Any = None) -> None:
        """Send from any thread so that the front end's answers need not wait for a busy cell.

        A kernel with subshells hands a comm's messages to the shell that last published on it, and takes a
        thread without a context for the main shell. So threads speak in the context of the front end's latest
        message. The main thread speaks for itself: a page that is gone may have taken its shell with it.
        """
        main = threading.current_thread() is threading.main_thread()
        if main or self._context is None:
            self._main_spoke = self._main_spoke or main
            super()._send(msg, buffers)
        else:
            self._context.copy().run(super()._send, msg, buffers)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        if msg["content"]["data"].get("method") == "update":
            with RENDER_LOCK:
                super()._handle_msg(msg)
        else:
            super()._handle_msg(msg)

    def _handle_message(self, sender: Any, content: dict[str, Any], buffers: Any) -> None:
        with RENDER_LOCK:
            if self.comm is None:
                return
            self._note(content)
            if content["type"] == "toolbar_button" and content.get("name") == "home":
                self._home()
                self.draw_idle()
            elif content["type"] != "resize":  # the size is ours to choose
                super()._handle_message(sender, content, buffers)
            events, self._events = self._events, []
        for call in events:
            call()

    def _note(self, content: dict[str, Any]) -> None:
        """Keep what the stock canvas does not: the shell, the buttons' state, a pixel ratio that is 1."""
        kind = content["type"]
        self._context = contextvars.copy_context()
        if self._main_spoke:
            self.send_state("tooltip")
            self._main_spoke = False
        if "buttons" in content:
            self.held = bool(content["buttons"])
        elif kind == "set_dpi_ratio":
            self._ratio_told = True
        elif kind == "initialized":
            if not self._ratio_told:
                self._handle_set_device_pixel_ratio(1)
            self._ratio_told = False
            self.toolbar.send_state("tooltip")
            self.after(self._ready)

    def _sharpen(self) -> None:
        """Send the frame on the screen once more, lossless; encoded outside the lock."""
        with RENDER_LOCK:
            if self.comm is None or not self._moving:
                return
            frame, pixels = self._frame, self.pixels().copy()
        data = encode(pixels, moving=False)
        with RENDER_LOCK:
            if self.comm is not None and self._frame == frame:
                self._moving = False
                self.send_binary(data)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        code = base64.b64encode(self.png()).decode()
        width, words = self.get_width_height()[0], "A picture with its map"
        return {
            "text/plain": words,
            "text/html": f'<img width="{width}" alt="{words}" src="data:image/png;base64,{code}">',
            "image/png": code,
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2, "version_minor": 0, "model_id": self._model_id,
            },
        }  # fmt: skip
