"""A comparison in a real page: the cell that makes it, and the pictures in its grid."""

import base64
import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.explorer import PATIENCE, Seen
from tests.browser.lab import SECONDS

GRID = """
import threading
from dataclasses import dataclass

import cnnviz_widgets as cnnviz

gate = threading.Event()

@dataclass(frozen=True)
class Slow(cnnviz.Occlusion):
    label = "Slow"

    def explain(self, probe, image):
        for partial in super().explain(probe, image):
            yield partial
            if partial.done < 1:
                gate.wait(300)

c = cnnviz.Comparison(
    cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:8],
    methods=["Grad-CAM", "Saliency", "Gradient × input", Slow(patch=4, stride=2)],
)
c
"""
RESET = """
gate.set()
c.ask()
c.wait(90)
c.chosen, c.scale, c.style = None, "own", type(c.style)()
"""
CELLS, ROW = 32, 8
DRAWN = "(cell) => getComputedStyle(cell).backgroundImage"


def cells(seen: Seen) -> Locator:
    return seen.root.locator(".cv-cell")


def filled(seen: Seen) -> None:
    """Wait until every cell shows its map and the grid is in sight."""
    expect(seen.root.locator(".cv-wait")).to_have_count(0, timeout=PATIENCE * SECONDS)
    expect(seen.root.locator(".cv-table")).to_be_visible()


def drawn(cell: Locator) -> np.ndarray:
    """Return the picture that the page shows in a cell, (H, W, 3)."""
    address = str(cell.evaluate(DRAWN))
    data = base64.b64decode(address.partition("base64,")[2].rstrip('")'))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int16)


def all_change(seen: Seen, action: Callable[[], object]) -> None:
    """Do something and wait until every cell shows another picture."""
    script = "(all) => all.map((cell) => getComputedStyle(cell).backgroundImage)"
    before = cells(seen).evaluate_all(script)
    action()
    seen.page.wait_for_function(
        """([before, root]) => [...root.querySelectorAll(".cv-cell")]
          .every((cell, k) => getComputedStyle(cell).backgroundImage !== before[k])""",
        arg=[before, seen.root.element_handle()],
    )
