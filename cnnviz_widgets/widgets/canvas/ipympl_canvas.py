"""The view with pan, zoom and mouse: a Matplotlib figure of three pictures on an ipympl canvas."""

from __future__ import annotations

from typing import Any, cast

from matplotlib.figure import Figure

from .axes import Picture, Region
from .captions import Captions
from .ipympl_transport import RENDER_LOCK, FastCanvas
from .layout import STAGE, Sheet
from .scene import Canvas, Scene

DPI = 100
PICTURES = ("hero", "photo", "map")
DRAWN_ON = ("hero", "photo")  # where a drag is reported
STILL = 4  # CSS pixels that the mouse may move in a click


class IpymplCanvas(Canvas):
    """The view on an ipympl canvas; see :class:`~cnnviz_widgets.widgets.canvas.Canvas`.

    Only the hero moves with pan and zoom. The tiles stay whole, and the photograph shows as a white rectangle
    what of it is seen.
    """

    def __init__(self, size: str | int = "L") -> None:
        super().__init__(size)
        self._closed = False
        self._scene: Scene | None = None
        self._staged: Any = None
        self._seen: Any = None
        self._hovering, self._dragging = False, ""
        self._press: tuple[str, float, float] | None = None
        self._early: tuple[str, float, float] | None = None
        with RENDER_LOCK:
            self._build()
            self.widget = FastCanvas(self._figure, self._paint, self._home, lambda: self.on_ready())
            self._arrange()
            self._listen()
            self.widget.draw()

    @property
    def pixel_ratio(self) -> float:  # type: ignore[override]
        """Screen pixels a CSS pixel, as the front end told."""
        return float(self.widget.device_pixel_ratio)

    def show(self, scene: Scene, *, moving: bool = False) -> None:
        """Draw a scene, from any thread; only what changed is drawn anew."""
        with RENDER_LOCK:
            if self._gone:
                return
            before, self._scene = self._scene, scene
            changed = {name for name, part in self._pictures.items() if part.put(getattr(scene, name))}
            if before is None or before.frame != scene.frame or "hero" in changed:
                self._pictures["hero"].outline(self._frame, scene.frame)
                changed.add("hero")
            changed |= self._captions.write(scene, self.sheet)
            for name in changed:
                self._regions[name].stale = True
            self.widget.draw(moving=moving)

    def resize(self, size: str | int) -> None:
        """Change to another size; the scene and the zoom stay."""
        sheet = Sheet.of(size)
        with RENDER_LOCK:
            if self._gone:
                return
            self.sheet = sheet
            self._arrange()
            self.widget.manager.resize(*self.widget.get_width_height(physical=True))
            self.widget.draw()

    def png(self) -> bytes:
        """Return the whole canvas as it is, as a PNG file."""
        return bytes(self.widget.png())

    def close(self) -> None:
        """Free canvas, manager, toolbar, layouts, timer and callbacks; a second call does nothing."""
        with RENDER_LOCK:
            if self._closed:
                return
            self._closed = True
            self.forget()
            self.widget.close()
            self._pictures.clear()
            self._regions.clear()
            self._scene = self._staged = None

    @property
    def _gone(self) -> bool:
        """Whether the view, or its widget by someone else, has been closed."""
        return self._closed or self.widget.comm is None

    def _build(self) -> None:
        self._figure = Figure((1, 1), dpi=DPI, facecolor=STAGE, edgecolor=STAGE, layout=cast(Any, "none"))
        self._pictures = {name: Picture(self._figure, name) for name in PICTURES}
        self._captions = Captions(self._figure)
        self._frame = self._pictures["hero"].rectangles()
        self._overview = self._pictures["photo"].rectangles()
        hero, photo, cells = (self._pictures[name].art for name in PICTURES)
        self._regions = {
            "hero": Region(hero, *self._frame),
            "photo": Region(photo, *self._overview, self._captions.tags["photo"]),
            "map": Region(cells, self._captions.tags["map"]),
            "scale": Region(*self._captions.artists),
        }

    def _arrange(self) -> None:
        """Put everything where the sheet says; the stage is drawn anew with the next frame."""
        width, height = self.sheet.width, self.sheet.height
        self._figure.set_size_inches(width / DPI, height / DPI, forward=False)
        for name, part in self._pictures.items():
            part.arrange(self.sheet.boxes.get(name), width, height)
        self._captions.arrange(self.sheet)
        self._staged = None
        if self._scene:
            self._captions.write(self._scene, self.sheet)

    def _home(self) -> None:
        self._pictures["hero"].home()

    def _paint(self, renderer: Any) -> None:
        """Bring the pixels up to date: the empty stage when the renderer is new, then what changed."""
        if renderer is not self._staged:
            renderer.clear()
            self._figure.draw(renderer)
            ratio = self.widget.device_pixel_ratio
            for name, region in self._regions.items():
                region.keep_ground(renderer, self.sheet.boxes.get(name), ratio)
            self._staged = renderer
        self._follow()
        for region in self._regions.values():
            region.draw(renderer)

    def _follow(self) -> None:
        """Notice that the hero was moved, and show on the photograph where."""
        window = self._pictures["hero"].window()
        if window == self._seen:
            return
        self._seen = window
        zoomed = window is not None and window[2] * window[3] < 0.999 and max(window[2:]) < 1.0
        self._pictures["photo"].outline(self._overview, window if zoomed else None)
        self._regions["hero"].stale = self._regions["photo"].stale = True

    # the mouse: callbacks run once the canvas has let go of the lock

    def _listen(self) -> None:
        for event, react in (
            ("motion_notify_event", self._moved),
            ("figure_leave_event", self._left),
            ("button_press_event", self._pressed),
            ("button_release_event", self._released),
        ):
            self.widget.mpl_connect(event, react)

    def _place(self, event: Any) -> tuple[str, float, float] | None:
        for name, part in self._pictures.items():
            if event.inaxes is part.axes and (place := part.place(event.xdata, event.ydata)):
                return name, *place
        return None

    def _dragged(self, event: Any, what: str) -> None:
        """Report a drag over the hero or the upper tile; beside it, the nearest place on it counts."""
        name = self._dragging
        picture = self._pictures[name]
        at = picture.axes.transData.inverted().transform((event.x, event.y))
        x, y = (min(max(one / length, 0.0), 1.0) for one, length in zip(at, picture.size, strict=True))
        self.widget.after(lambda: (self.on_drag if name == "hero" else self.on_tile_drag)(what, x, y))

    def _moved(self, event: Any) -> None:
        if self._dragging:
            held = self.widget.held  # no message tells of a button that is let go beside the canvas
            self._dragged(event, "move" if held else "drop")
            self._dragging = self._dragging if held else ""
        place = self._place(event)
        if place:
            self._hovering = True
            self.widget.after(lambda: self.on_hover(*place))
        else:
            self._left(event)

    def _left(self, event: Any) -> None:
        if self._hovering:
            self._hovering = False
            self.widget.after(lambda: self.on_hover(None))

    def _pressed(self, event: Any) -> None:
        if event.dblclick:  # comes after its two presses and releases
            return
        self._press = self._spot(event) if event.button == 1 else None
        drawn_on = self._press is not None and self._press[0] in DRAWN_ON and not self.widget.toolbar.mode
        self._dragging = self._press[0] if self._press is not None and drawn_on else ""
        if self._dragging:
            self._dragged(event, "grab")
        early, self._early = self._early, None
        if self._near(self._press, early):  # two shells carry messages, and the other one was faster
            self._released(event)

    def _released(self, event: Any) -> None:
        if self._dragging:
            self._dragged(event, "drop")
            self._dragging = ""
        press, self._press = self._press, None
        spot, place = self._spot(event), self._place(event)
        if press is None:
            self._early = spot
        elif place and self._near(press, spot):
            self.widget.after(lambda: self.on_click(*place))

    def _spot(self, event: Any) -> tuple[str, float, float] | None:
        """Return which picture a button was pressed or let go on, and the pixel of the canvas."""
        place = self._place(event)
        return (place[0], event.x, event.y) if place else None

    def _near(self, one: tuple[str, float, float] | None, other: tuple[str, float, float] | None) -> bool:
        """Return whether two spots are so near that a press on one and a release on the other are a click."""
        if one is None or other is None or one[0] != other[0]:
            return False
        return max(abs(one[1] - other[1]), abs(one[2] - other[2])) <= STILL * self.pixel_ratio
