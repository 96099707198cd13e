"""What the tests of the canvas share: a scene, its pixels, and the wire that a front end would use."""

import io
import json
import threading
from typing import Any

import numpy as np
from PIL import Image

from cnnviz_widgets.widgets.canvas import Canvas, Scene


def grain(height: int, width: int, seed: int = 0) -> Any:
    """Return a picture in which no two places are alike."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def scene(seed: int = 0, hero: tuple[int, int] = (448, 448), **parts: Any) -> Scene:
    whole: dict[str, Any] = {
        "hero": grain(*hero, seed),
        "photo": grain(200, 200, 1),
        "map": grain(5, 5, 2),
        "bar": grain(1, 200, 3)[0],
        "low": "0",
        "high": "0.36",
        "unit": "vote",
    }
    return Scene(**{**whole, **parts})


def pixels(view: Canvas) -> Any:
    return np.asarray(Image.open(io.BytesIO(view.png())).convert("RGB"))


class Wire:
    """What a canvas sends to a front end, kept here."""

    def __init__(self, view: Any) -> None:
        self.view = view
        self.sent: list[tuple[dict[str, Any], Any]] = []
        self.came = threading.Semaphore(0)
        view.widget.send = self.send

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.sent.append((json.loads(content["data"]), buffers))
        if buffers:
            self.came.release()

    def tell(self, kind: str, **more: Any) -> None:
        self.view.widget._handle_message(self.view.widget, {"type": kind, **more}, [])

    def up(self, ratio: float = 1) -> None:
        """Do what ipympl's front end does when it comes up."""
        if ratio != 1:
            self.tell("set_dpi_ratio", dpi_ratio=ratio)
            self.tell("set_device_pixel_ratio", device_pixel_ratio=ratio)
        for kind in ("refresh", "send_image_mode", "initialized", "refresh", "draw"):
            self.tell(kind)

    def mouse(self, kind: str, x: float, y: float, button: int = 0, buttons: int = 0) -> None:
        self.tell(kind, x=x, y=y, button=button, buttons=buttons, modifiers=[])

    def click(self, x: float, y: float) -> None:
        self.mouse("button_press", x, y, buttons=1)
        self.mouse("button_release", x, y)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.mouse("motion_notify", *start)
        self.mouse("button_press", *start, buttons=1)
        self.mouse("motion_notify", *end, buttons=1)
        self.tell("draw")
        self.mouse("button_release", *end)
        self.tell("draw")

    def clear(self) -> None:
        self.sent.clear()
        self.came = threading.Semaphore(0)

    def frames(self) -> list[Any]:
        return [Image.open(io.BytesIO(buffers[0])) for _, buffers in self.sent if buffers]

    @property
    def hero(self) -> Any:
        return self.view._pictures["hero"]
