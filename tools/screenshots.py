"""Takes the README's pictures of the quickstart in a real JupyterLab: light and dark, wide and narrow."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.lab import Lab  # noqa: E402
from tests.browser.server import Server, start_lab  # noqa: E402
from tools import chromium  # noqa: E402

Theme = Literal["light", "dark"]
SHOTS: list[tuple[str, Theme, int, int]] = [
    ("quickstart-light", "light", 1300, 900),
    ("quickstart-dark", "dark", 1300, 900),
    ("quickstart-narrow", "light", 760, 1100),
    ("quickstart-narrow-dark", "dark", 760, 1100),
]
EXPLORER = ".jp-OutputArea-output .jupyter-widgets.widget-vbox"


def take(browser: Browser, server: Server, shot: tuple[str, Theme, int, int], out: Path) -> Path:
    """Open the quickstart, run it, and write a picture of the page around its first widget."""
    name, theme, width, height = shot
    context = browser.new_context(viewport={"width": width, "height": height})
    lab = Lab(context.new_page(), server)
    try:
        lab.open_notebook(server.folder / "00_quickstart.ipynb", theme, width, height)
        lab.run_all()
        lab.wait_for_canvas()
        lab.page.locator(EXPLORER).first.scroll_into_view_if_needed()
        lab.wait_steady(quiet=2)
        lab.screenshot(out / f"{name}.png")
    finally:
        context.close()
        server.end_kernels()
    shrink(out / f"{name}.png")
    return out / f"{name}.png"


def shrink(path: Path) -> None:
    """Write the picture again with a palette of 256 colours, which keeps it under the house's limit."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main(out: Path) -> None:
    """Take every picture."""
    path = chromium.find()
    if path is None:
        raise SystemExit("No Chromium found. Install one, or name it: CHROMIUM=/path/to/chromium.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder) / "work"
        shutil.copytree(ROOT / "notebooks", work)
        server = start_lab(work, Path(folder) / "private")
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.QUIET))
        try:
            for shot in SHOTS:
                print(take(browser, server, shot, out))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures")
