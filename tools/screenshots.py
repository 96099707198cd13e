"""Takes the README's pictures: the Explorer in the real quickstart, and the other widgets on the same photographs."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.explorer import PATIENCE, Seen, opened  # noqa: E402
from tests.browser.lab import SECONDS, Lab  # noqa: E402
from tests.browser.server import Server, start_lab  # noqa: E402
from tools import chromium  # noqa: E402

MOST_BYTES = 300_000
WIDE, NARROW = 1300, 700
MARGIN = 14


@dataclass(frozen=True)
class Shot:
    """A picture to take: its file's name, the theme, the window's width, and what to do before."""

    name: str
    prepare: Callable[[Seen], object]
    theme: Literal["light", "dark"] = "light"
    width: int = WIDE


def spotlight(seen: Seen) -> None:
    """Show what speaks for espresso in full colour, all else dark."""
    seen.changes(lambda: seen.root.locator(".cv-thumb").nth(1).click(), "espresso")
    seen.changes(lambda: seen.button("Spotlight").click(), "Lit places")


def occlusion(seen: Seen) -> None:
    """Cover the picture in fine steps."""
    seen.changes(lambda: seen.choose("Cover"), "Red places speak for")
    seen.changes(lambda: seen.slider("Stride").press("PageDown"), "Red places speak for")


def feature_maps(seen: Seen) -> None:
    """Open the channels of the first layer."""
    seen.changes(lambda: seen.choose("Inside"), "channels of")


def checks(seen: Seen) -> None:
    """Check the map of a cup of coffee."""
    seen.changes(lambda: seen.root.locator(".cv-thumb").nth(1).click(), "espresso")
    seen.button("Check this map").click()
    expect(seen.button("Stop checking")).to_be_visible()
    expect(seen.button("Check this map")).to_be_visible(timeout=PATIENCE * SECONDS)


SHOTS = (
    Shot("explorer-light", lambda seen: seen.says("tiger cat")),
    Shot("explorer-dark", spotlight, theme="dark"),
    Shot("explorer-narrow", lambda seen: seen.says("tiger cat"), width=NARROW),
    Shot("explorer-occlusion", occlusion),
    Shot("explorer-feature-maps", feature_maps),
    Shot("explorer-checks", checks),
)
SETTING = (
    "import cnnviz_widgets as cnnviz\nmodel, photos = cnnviz.demo.photo_classifier(), cnnviz.demo.photos()"
)
# Widgets in notebooks of their own, by the name of the picture.
WIDGETS = {
    "feature-map-browser": "cnnviz.FeatureMapBrowser(model, photos, layer='block2a_expand_activation')",
    "occlusion-explorer": "cnnviz.OcclusionExplorer(model, [photos[2], *photos[:2]], patch=64, stride=16, "
    "position=(72, 64), pins=[(0, 120), (150, 80)])",
    "comparison": "cnnviz.Comparison(model, photos[:5], methods=['Grad-CAM', 'Saliency', 'Occlusion'])",
    "image-generator": "cnnviz.ImageGenerator(model, photos, target=cnnviz.Unit('block5c_add', 4))",
    "similarity-explorer": "cnnviz.SimilarityExplorer(cnnviz.demo.autoencoder(), cnnviz.demo.gallery(), query=7, "
    "place=(2, 1))",
    "latent-mixer": "cnnviz.LatentMixer(cnnviz.demo.autoencoder(), cnnviz.demo.gallery().images[:12], "
    "a=9, b=8, mix=0.375)",
    "segmentation": "cnnviz.Explorer(cnnviz.demo.segmenter(), cnnviz.demo.scenes(12).images[1:], "
    "target=cnnviz.ClassScore('top', at=(28, 19)))",
    "attention": "cnnviz.Explorer(cnnviz.demo.transformer(), cnnviz.demo.clothes().images[8:16], "
    "method=cnnviz.Attention(layer='block_2_attention', head=2, query=(0, 3)))",
}


def take(seen: Seen, shot: Shot, out: Path) -> Path:
    """Bring the Explorer into a state and write a picture of it."""
    seen.lab.use_theme(shot.theme)
    seen.page.set_viewport_size({"width": shot.width, "height": 1600})
    seen.reset()
    shot.prepare(seen)
    seen.page.mouse.move(1, 1)
    seen.page.evaluate("() => document.activeElement?.blur()")
    seen.lab.wait_steady(seen.canvas, quiet=3)
    return photographed(seen, out / f"{shot.name}.png")


def take_widget(browser: Browser, server: Server, path: Path) -> Path:
    """Open a widget in a notebook of its own and write a picture of it."""
    context = browser.new_context(viewport={"width": WIDE, "height": 1600})
    context.set_default_timeout(PATIENCE * SECONDS)
    try:
        lab = Lab(context.new_page(), server)
        seen = Seen(lab)
        lab.open_notebook([SETTING, f"w = {WIDGETS[path.stem]}\nw"], height=1600)
        lab.run_all()
        lab.kernel_eval("w.wait(90)")
        expect(seen.root).to_be_visible()
        lab.page.wait_for_timeout(4 * SECONDS)
        return photographed(seen, path)
    finally:
        context.close()
        server.end_kernels()


def photographed(seen: Seen, path: Path) -> Path:
    """Write a picture of the widget as it is."""
    seen.root.scroll_into_view_if_needed()
    box = seen.root.bounding_box()
    if box is None:
        raise RuntimeError("The widget is not on the page.")
    x, y, width, height = (round(box[name]) for name in ("x", "y", "width", "height"))
    seen.page.screenshot(path=path, clip={"x": x, "y": y, "width": width, "height": height})
    with Image.open(path) as picture:
        shrink(framed(picture.convert("RGB")), path)
    return path


def framed(picture: Image.Image) -> Image.Image:
    """Return the picture with a margin in the colour of the page."""
    page = picture.getpixel((picture.width // 2, picture.height - 2))
    size = picture.width + 2 * MARGIN, picture.height + 2 * MARGIN
    whole = Image.new("RGB", size, page)
    whole.paste(picture, (MARGIN, MARGIN))
    return whole


def shrink(picture: Image.Image, path: Path) -> None:
    """Write a picture with a palette, with as many colours as the limit allows."""
    for colours in (256, 192, 128, 96, 64):
        palette = picture.quantize(colours)
        picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
    raise RuntimeError(f"{path.name} stays above {MOST_BYTES} bytes.")


def main(out: Path, names: list[str]) -> None:
    """Take every picture, or those named."""
    found = chromium.find()
    if found is None:
        raise SystemExit("No Chromium found. Install one, or name it: CHROMIUM=/path/to/chromium.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder) / "work"
        shutil.copytree(ROOT / "notebooks", work)
        server = start_lab(work, Path(folder) / "private")
        browser = playwright.chromium.launch(executable_path=found, args=list(chromium.QUIET))
        try:
            with opened(browser, server, work / "00_quickstart.ipynb") as seen:
                for shot in SHOTS:
                    if not names or shot.name in names:
                        print(take(seen, shot, out))
            for name in WIDGETS:
                if not names or name in names:
                    print(take_widget(browser, server, out / f"{name}.png"))
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main(ROOT / "docs" / "pictures", sys.argv[1:])
