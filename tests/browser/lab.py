"""A notebook in a real browser, driven the way a person does, with a side door into its kernel."""

import base64
import io
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import nbformat
import numpy as np
from PIL import Image as PillowImage
from playwright.sync_api import Locator, Page

from tests.browser.scripts import APPEND, EXECUTE, OUTPUTS, READ, READY, START
from tests.browser.server import Server

CANVAS = ".jp-OutputArea-output canvas, .jupyter-widgets canvas"
SECONDS = 1000.0  # Playwright counts in milliseconds
numbers = itertools.count(1)


class Lab:
    """One browser page on one JupyterLab."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        self.errors: list[str] = []
        page.add_init_script(READ)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # Notebooks

    def open_notebook(
        self,
        cells: Sequence[str] | Path,
        theme: Literal["light", "dark"] = "light",
        width: int = 1300,
        height: int = 1000,
    ) -> str:
        """Open a notebook of these cells, or a copy of this file, with its own kernel; return its name."""
        name = f"notebook_{next(numbers)}.ipynb"
        (self.server.folder / name).write_text(notebook_text(cells))
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.server.url}lab/tree/{name}?reset")
        self.wait_ready()
        if not self.page.evaluate("() => window.jupyterapp.shell.leftCollapsed"):
            self.command("application:toggle-left-area")
        self.use_theme(theme)
        return name

    def use_theme(self, theme: Literal["light", "dark"]) -> None:
        """Change JupyterLab's theme and wait until it is on."""
        light = theme == "light"
        self.command("apputils:change-theme", theme="JupyterLab Light" if light else "JupyterLab Dark")
        self.page.wait_for_selector(f'body[data-jp-theme-light="{json.dumps(light)}"]', state="attached")

    def wait_ready(self, seconds: float = 90) -> None:
        """Wait until the notebook is open and its kernel is idle."""
        self.page.wait_for_function(READY, timeout=seconds * SECONDS)

    def wait_idle(self, seconds: float = 120) -> None:
        """Wait until no command is running and the kernel is idle."""
        self.page.wait_for_function('() => window.cnnvizCommand !== "running"', timeout=seconds * SECONDS)
        self.wait_ready(seconds)

    def command(self, name: str, seconds: float = 120, **arguments: object) -> None:
        """Run a command of JupyterLab to its end and raise its failure, but leave a cell's to the caller."""
        self.page.evaluate(START, [name, arguments])
        self.page.wait_for_function('() => window.cnnvizCommand !== "running"', timeout=seconds * SECONDS)
        outcome = self.page.evaluate("() => window.cnnvizCommand")
        if outcome != "done" and not name.startswith("notebook:run"):
            raise RuntimeError(f"{name} {outcome}")

    def run_all(self, seconds: float = 300) -> None:
        """Run every cell; an error in a cell is raised here."""
        self.command("notebook:run-all-cells", seconds)
        for outputs in self.outputs():
            raise_error_in(outputs)

    def run_cell(self, code: str, seconds: float = 120) -> str:
        """Add a cell at the end, run it, and return the text it printed; an error in it is raised here."""
        self.page.evaluate(APPEND, code)
        self.command("notebook:run-cell", seconds)
        outputs = self.outputs()[-1]
        raise_error_in(outputs)
        return "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")

    def start_cell(self, code: str) -> None:
        """Add a cell at the end and start it without waiting for its end; `wait_idle` waits."""
        self.page.evaluate(APPEND, code)
        self.page.evaluate(START, ["notebook:run-cell", {}])

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Return each cell's outputs as the notebook's file would hold them."""
        found: list[list[dict[str, Any]]] = self.page.evaluate(OUTPUTS)
        return found

    def save(self) -> dict[str, Any]:
        """Save the notebook and return the file's content."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
        path = self.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
        saved: dict[str, Any] = json.loads((self.server.folder / path).read_text())
        return saved

    def save_with_widgets(self) -> dict[str, Any]:
        """Save the notebook with the widgets' state as a person switches it on, and return the file's content."""
        switch = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"
        if not self.page.evaluate("(name) => window.jupyterapp.commands.isToggled(name)", switch):
            self.command(switch)
        return self.save()

    def saved_canvases(self) -> list[np.ndarray]:
        """Save the notebook and return the pixels (H, W, 3) that its file holds of each ipympl canvas."""
        widgets = self.save_with_widgets()["metadata"]["widgets"][
            "application/vnd.jupyter.widget-state+json"
        ]["state"]
        states = [model["state"] for model in widgets.values() if model["model_name"] == "MPLCanvasModel"]
        files = [base64.b64decode(state["_data_url"].partition(",")[2]) for state in states]
        return [np.asarray(PillowImage.open(io.BytesIO(file)).convert("RGB")) for file in files]

    def reload(self) -> None:
        """Load the page again; the kernel goes on."""
        self.page.reload()
        self.wait_ready()

    # The kernel, by the side door

    def kernel_eval(self, expression: str) -> str:
        """Return the `repr` of an expression in the notebook's kernel; no cell shows it."""
        return str(self.hidden("", expression).get("text/plain", ""))

    def kernel_run(self, code: str) -> None:
        """Run code in the notebook's kernel; no cell shows it."""
        self.hidden(code, None)

    def wait_for_kernel(self, expression: str, seconds: float = 60) -> None:
        """Wait until an expression is true in the notebook's kernel."""
        end = time.monotonic() + seconds
        while self.kernel_eval(f"bool({expression})") != "True":
            if time.monotonic() > end:
                raise TimeoutError(f"Not true after {seconds:.0f} seconds: {expression}")
            time.sleep(0.1)

    def hidden(self, code: str, expression: str | None) -> dict[str, str]:
        answer = self.page.evaluate(EXECUTE, [code, expression])
        if answer["status"] == "error":
            raise RuntimeError(f"{answer['ename']}: {answer['evalue']}\n" + "\n".join(answer["traceback"]))
        data: dict[str, str] = answer["data"]
        return data

    # Pictures

    def canvas_hash(self, selector: str = CANVAS) -> str:
        """Return a hash of the pixels of the largest canvas (or image) shown; raise if there is none."""
        found = self.page.evaluate("(selector) => window.cnnvizHash(selector)", selector)
        if found is None:
            raise LookupError(f"Nothing that {selector!r} matches is shown.")
        return str(found)

    def canvas_pixels(self, selector: str = CANVAS) -> np.ndarray:
        """Return the pixels (H, W, 4), uint8, of the largest canvas (or image) shown."""
        script = "(selector) => window.cnnvizRead(selector)?.toDataURL() ?? null"
        address = self.page.evaluate(script, selector)
        if address is None:
            raise LookupError(f"Nothing that {selector!r} matches is shown.")
        data = base64.b64decode(address.partition(",")[2])
        return np.asarray(PillowImage.open(io.BytesIO(data)).convert("RGBA"))

    def wait_for_canvas(self, selector: str = CANVAS, seconds: float = 60) -> str:
        """Wait until a canvas shows more than one colour, and return its hash."""
        script = """(selector) => {
          const copy = window.cnnvizRead(selector);
          if (!copy) return false;
          const pixels = copy.getContext("2d").getImageData(0, 0, copy.width, copy.height).data;
          return new Set(new Uint32Array(pixels.buffer)).size > 1;
        }"""
        self.page.wait_for_function(script, arg=selector, timeout=seconds * SECONDS, polling=100)
        return self.canvas_hash(selector)

    def wait_for_change(self, before: str, selector: str = CANVAS, seconds: float = 30) -> str:
        """Wait until the canvas differs from this hash, and return the new one."""
        script = "([selector, old]) => ![old, null].includes(window.cnnvizHash(selector))"
        self.page.wait_for_function(script, arg=[selector, before], timeout=seconds * SECONDS, polling=20)
        return self.canvas_hash(selector)

    def wait_steady(self, selector: str = CANVAS, quiet: float = 0.5, seconds: float = 60) -> str:
        """Wait until the canvas has not changed for `quiet` seconds, and return its hash."""
        script = """([selector, quiet]) => {
          const now = performance.now(), hash = window.cnnvizHash(selector);
          const last = window.cnnvizLast;
          if (!last || last.hash !== hash) window.cnnvizLast = { hash, since: now };
          return hash !== null && now - window.cnnvizLast.since > quiet;
        }"""
        self.page.evaluate("() => { window.cnnvizLast = undefined; }")
        arguments = [selector, quiet * SECONDS]
        self.page.wait_for_function(script, arg=arguments, timeout=seconds * SECONDS, polling=100)
        return self.canvas_hash(selector)

    def wait_for_pixels(self, wanted: np.ndarray, selector: str = CANVAS, seconds: float = 30) -> None:
        """Wait until the canvas shows these pixels, (H, W, 3), exactly."""
        end = time.monotonic() + seconds
        while not np.array_equal(self.canvas_pixels(selector)[..., :3], wanted):
            if time.monotonic() > end:
                np.testing.assert_array_equal(self.canvas_pixels(selector)[..., :3], wanted)
            time.sleep(0.1)

    def screenshot(self, path: Path, selector: str | None = None) -> None:
        """Write a PNG of the page, or of the first element that a selector matches."""
        if selector is None:
            self.page.screenshot(path=path)
        else:
            self.page.locator(selector).first.screenshot(path=path)

    # Controls

    def control(self, role: Any, name: str, exact: bool = False) -> Locator:
        """Return the shown control of this ARIA role and accessible name."""
        return self.page.get_by_role(role, name=name, exact=exact).locator("visible=true").first

    def labelled(self, label: str) -> Locator:
        """Return the ipywidgets control that has this label in front of it."""
        exact = self.page.get_by_text(label, exact=True)
        return self.page.locator(".jupyter-widgets.widget-inline-hbox").filter(has=exact).first

    def press_slider(self, label: str, *keys: str) -> None:
        """Press keys on a slider's handle, found by the slider's label."""
        handle = self.labelled(label).locator(".noUi-handle").first
        for key in keys:
            handle.press(key)


def notebook_text(cells: Sequence[str] | Path) -> str:
    """Return a notebook file's text: of these code cells, or this file without its outputs."""
    if isinstance(cells, Path):
        notebook = nbformat.read(cells, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
    else:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return str(nbformat.writes(notebook))


def raise_error_in(outputs: list[dict[str, Any]]) -> None:
    """Raise if a cell's outputs hold an error."""
    for output in outputs:
        if output["output_type"] == "error":
            raise RuntimeError("\n".join([f"{output['ename']}: {output['evalue']}", *output["traceback"]]))
