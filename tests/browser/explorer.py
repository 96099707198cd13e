"""An Explorer in a real page, driven by its controls' roles and names."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Locator, expect

from tests.browser.lab import SECONDS, Lab
from tests.browser.server import Server

PHOTOS = """
import cnnviz_widgets as cnnviz
model = cnnviz.demo.photo_classifier()
e = cnnviz.explore(model, cnnviz.demo.photos()[:3], name="shown")
e
"""
RESET = """
with e.lock, e.quietly():
    e.method, e.target, e.style, e.image = "Grad-CAM", None, type(e.style)(), 0
    e._settings.clear()
    e._picked_layer = False
e.presenter._form_key = None
e.presenter.rebuild()
e.ask()
"""
# JupyterLab may hide a cell that is out of sight; 4.4 does so unless told otherwise.
UNHIDE = """(root) => {
  if (root.offsetParent) return;
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.scrollToItem(notebook.widgets.findIndex((cell) => cell.node.contains(root)));
}"""
UID = r"(root) => [...root.classList].find((name) => /^cv\d+$/.test(name))"
PATIENCE = 90.0
HERO = 448
# What a widget on a page that is not ours may complain of, and we cannot help.
OTHERS = ("favicon", "Source map", "ResizeObserver loop", "serviceworker", "service worker")


class Seen:
    """What a person sees of one Explorer, and can do to it."""

    def __init__(self, lab: Lab, root: str = ".cv") -> None:
        self.lab, self.page = lab, lab.page
        self.canvas = f"{root} canvas"
        self.root = lab.page.locator(root).first
        self.complaints: list[str] = []
        self.page.on("console", self._heard)

    def _heard(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" and not any(word in text for word in OTHERS):
            self.complaints.append(text)

    def button(self, name: str) -> Locator:
        """Return the button with this name, of those that are shown."""
        return self.root.get_by_role("button", name=name, exact=True).locator("visible=true").first

    def bar(self, label: str) -> Locator:
        """Return the bar of a class; its name ends in its probability."""
        return self.root.get_by_role("button", name=re.compile(rf"^{re.escape(label)}\b.*%$")).first

    def slider(self, name: str) -> Locator:
        """Return the handle of the slider with this name."""
        return self.root.get_by_role("slider", name=name, exact=True).locator("visible=true").first

    @property
    def sentence(self) -> Locator:
        """The line under the picture."""
        return self.root.locator(".cv-say")

    @property
    def cost(self) -> Locator:
        """What the settings will cost."""
        return self.root.locator(".cv-cost")

    def says(self, *words: str, seconds: float = PATIENCE) -> None:
        """Wait until the sentence has these words, in this order."""
        wanted = re.compile(".*".join(re.escape(word) for word in words), re.DOTALL)
        expect(self.sentence).to_have_text(wanted, timeout=seconds * SECONDS)

    def rest(self) -> None:
        """Wait until the picture belongs to the question and rests."""
        self.lab.page.wait_for_function(
            "(root) => !root.querySelector('.cv-bar div[style]')",
            arg=self.root.element_handle(),
            timeout=PATIENCE * SECONDS,
        )
        self.lab.wait_steady(self.canvas, seconds=PATIENCE)

    def settled(self) -> np.ndarray:
        """Wait until the picture rests; return the canvas (H, W, 3)."""
        self.rest()
        return self.lab.canvas_pixels(self.canvas)[..., :3].astype(np.int16)

    def changes(self, action: Callable[[], object], *words: str) -> np.ndarray:
        """Do something, wait until the canvas differs and the sentence has the words; return the hero (H, W, 3)."""
        before = self.lab.canvas_hash(self.canvas)
        action()
        self.lab.wait_for_change(before, self.canvas, PATIENCE)
        if words:
            self.says(*words)
        return self.settled()[:HERO, :HERO]

    def hero(self) -> np.ndarray:
        """Return the large picture (H, W, 3) at rest."""
        return self.settled()[:HERO, :HERO]

    def photograph(self) -> np.ndarray:
        """Return the upper tile (h, w, 3) at rest."""
        return self.settled()[:200, -200:]

    def unhide(self) -> None:
        """Scroll the notebook to its cell if that is hidden."""
        unhide(self.root)

    def reset(self) -> None:
        """Put the Explorer back to where it began, by the side door, where it can be seen."""
        self.unhide()
        self.lab.kernel_run(RESET)
        self.lab.kernel_eval("e.wait(90)")
        self.rest()

    def choose(self, family: str) -> None:
        """Click a family's tab."""
        self.button(family).click()


def unhide(root: Locator) -> None:
    """Scroll the notebook to the cell of a widget if that is hidden, as JupyterLab 4.4 hides what is out of sight."""
    root.evaluate(UNHIDE)


def warmth(pixels: np.ndarray) -> np.ndarray:
    """Return how far red exceeds blue, (H, W): large where the default colours are hot."""
    return pixels[..., 0].astype(float) - pixels[..., 2]


@contextmanager
def opened(browser: Browser, server: Server, cells: list[str] | Path, root: str = ".cv") -> Iterator[Seen]:
    """Open a notebook, run it, and give its first Explorer, known as `e` in the kernel, with a picture on it."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000}, accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(40 * SECONDS)
    lab = Lab(context.new_page(), server)
    try:
        seen = Seen(lab, root)
        lab.open_notebook(cells)
        lab.run_all()
        if isinstance(cells, Path):
            lab.kernel_run("e = Out[1]")
        seen.unhide()
        # Its own, so that no picture of another widget is read while this one is hidden.
        seen.canvas = f".{seen.root.evaluate(UID)} canvas"
        lab.wait_for_canvas(seen.canvas, PATIENCE)
        seen.rest()
        yield seen
    finally:
        context.close()
        server.end_kernels()
