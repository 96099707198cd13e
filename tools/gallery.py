"""Makes the pictures of docs/generated.md with the real methods on the demo's networks; takes some minutes."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw

import cnnviz_widgets as cnnviz
from cnnviz_widgets.colours import STAGE
from cnnviz_widgets.export.page import BRIGHT, DIM, MARGIN, sheet
from cnnviz_widgets.render.text import font, wrapped

OUT = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "generated"
MOST_BYTES = 300_000
GAP, LINE, POINTS, HEAD = 8, 16, 12, 104

# Chosen by looking.
CLASSES = (985, 323, 108, 980, 130, 301)
PRESETS = ("fast", "clean", "vivid")
UNITS = (
    ("stem_activation", 0),
    ("block2b_add", 21),
    ("block3b_add", 10),
    ("block4c_add", 10),
    ("block5c_add", 14),
    ("block6d_add", 168),
)
MATCHED = ("block1a_project_bn", "block2b_add", "block3b_add", "block4c_add", "block6d_add")
DREAMT = {"early": "block2b_add", "middle": "block4c_add", "late": "block5c_add"}
DIVERSE, DIVERSITY = 980, 5.0
DARK = 0.6  # pull towards black, for digits are white on black


@dataclass(frozen=True, eq=False)
class Cell:
    """A picture, and the words above it."""

    image: cnnviz.Image
    words: str = ""


@dataclass(frozen=True, eq=False)
class Row:
    """Pictures side by side, and the words to their left."""

    cells: Sequence[Cell]
    words: str = ""


@dataclass(frozen=True, eq=False)
class Page:
    """Rows of pictures of `side` pixels, and what is said below them."""

    title: str
    about: str
    rows: Sequence[Row]
    side: int


@cache
def photographs() -> cnnviz.Probe:
    """Return the classifier of photographs."""
    return cnnviz.Probe(cnnviz.demo.photo_classifier())


@cache
def cat() -> cnnviz.Image:
    """Return the photograph of a cat as the classifier sees it."""
    return photographs().fit(cnnviz.demo.photos()[0])


def presets() -> Page:
    """Make six classes by every preset."""
    probe, rows = photographs(), list[Row]()
    for preset in PRESETS:
        made = cnnviz.ActivationMaximization(target=cnnviz.Several(CLASSES), preset=preset)(probe)
        names = [probe.labels[index] if not rows else "" for index in CLASSES]
        rows.append(Row(list(map(Cell, made.images, names)), f"{preset}, {made.recipe.steps} steps"))
    about = "ActivationMaximization on EfficientNet-Lite0, from noise"
    return Page("Six classes by three presets", about, rows, 160)


def digits() -> Page:
    """Make the ten digits."""
    probe = cnnviz.Probe(cnnviz.demo.digit_classifier())
    made = cnnviz.ActivationMaximization(target=cnnviz.Several(range(10)), greyness=DARK, ground=0)(probe)
    least = np.diagonal(probe.predict(made.values)).min()
    about = (
        f"ActivationMaximization on the digit classifier, pulled towards black (greyness={DARK:g}, ground=0); each is "
        f"taken for its digit, least probability {np.floor(least * 1000) / 1000:.3f}"
    )
    cells = [Cell(image, str(digit)) for digit, image in enumerate(made.images)]
    return Page("What a network takes for digits", about, [Row(cells[:5]), Row(cells[5:])], 140)


def units() -> Page:
    """Make a channel of each of six layers, the first layer first."""
    cells = []
    for layer, channel in UNITS:
        made = cnnviz.ActivationMaximization(target=cnnviz.Unit(layer, channel))(photographs())
        cells.append(Cell(made.images[0], f"{layer}, channel {channel}"))
    about = "ActivationMaximization on EfficientNet-Lite0, preset clean, from noise"
    return Page("From strokes to things: a channel at each of six depths", about, halved(cells), 300)


def matching() -> Page:
    """Make what five layers still know of a photograph, beside it."""
    cells = [Cell(cat(), "photograph")]
    for layer in MATCHED:
        cells.append(Cell(cnnviz.ActivationMatching(layer=layer)(photographs(), cat()).images[0], layer))
    about = "ActivationMatching on EfficientNet-Lite0, preset clean, from noise"
    return Page("What a layer still knows of a photograph, early to late", about, halved(cells), 300)


def dreams() -> Page:
    """Make what early, middle and late layers dream into a photograph and into noise, beside these."""
    bare = cnnviz.DeepDream(begin="noise", octaves=1, steps=1, rate=0.0001)  # too little to be seen
    cells = []
    for begin, start in (("picture", cat()), ("noise", bare(photographs(), cat()).images[0])):
        cells.append(Cell(start, "photograph" if begin == "picture" else "noise"))
        for depth, layer in DREAMT.items():
            method = cnnviz.DeepDream(target=cnnviz.LayerEnergy(layer), begin=begin, enlarge=2)
            cells.append(Cell(method(photographs(), cat()).images[0], f"{depth}: {layer}"))
    about = "DeepDream on EfficientNet-Lite0, enlarged twice; four sizes, ten steps at each"
    return Page("What layers dream into a cat, and into noise", about, halved(cells), 260)


def diversity() -> Page:
    """Make four pictures of a class without and with diversity."""
    probe, rows = photographs(), []
    for weight in (0.0, DIVERSITY):
        method = cnnviz.ActivationMaximization(target=DIVERSE, count=4, diversity=weight, preset=PRESETS[-1])
        rows.append(Row([Cell(image) for image in method(probe).images], f"diversity {weight:g}"))
    about = "ActivationMaximization on EfficientNet-Lite0, preset vivid, from noise"
    return Page(f"Four pictures of one class: {probe.labels[DIVERSE]}", about, rows, 230)


PAGES: dict[str, Callable[[], Page]] = {
    made.__name__: made for made in (presets, digits, units, matching, dreams, diversity)
}


def halved(cells: Sequence[Cell]) -> list[Row]:
    """Return two rows of equal length."""
    middle = len(cells) // 2
    return [Row(cells[:middle]), Row(cells[middle:])]


def table(page: Page) -> np.ndarray:
    """Lay out rows of pictures with their words, uint8 (H, W, 3)."""
    side, above = page.side, [LINE + 2 if any(cell.words for cell in row.cells) else 0 for row in page.rows]
    left = MARGIN + (HEAD if any(row.words for row in page.rows) else 0)
    width = left + max(len(row.cells) for row in page.rows) * (side + GAP) - GAP + MARGIN
    drawn = PIL.Image.new("RGB", (width, MARGIN + sum(above) + len(page.rows) * (side + GAP) - GAP), STAGE)
    pen, top = PIL.ImageDraw.Draw(drawn), MARGIN
    for row, words in zip(page.rows, above, strict=True):
        for k, line in enumerate(wrapped(row.words, HEAD - GAP, POINTS)):
            pen.text((MARGIN, top + words + k * LINE), line, BRIGHT, font(POINTS))
        for k, cell in enumerate(row.cells):
            across = left + k * (side + GAP)
            pen.text((across, top), cell.words, DIM, font(POINTS))
            drawn.paste(scaled(cell.image, side), (across, top + words))
        top += words + side + GAP
    return np.asarray(drawn)


def scaled(image: cnnviz.Image, side: int) -> PIL.Image.Image:
    """Return a picture at a size; a small one keeps its pixels."""
    picture = PIL.Image.fromarray(image.rgb())
    small = picture.width * 3 < side
    how = PIL.Image.Resampling.NEAREST if small else PIL.Image.Resampling.LANCZOS
    return picture.resize((side, side), how)


def write(page: Page, path: Path) -> None:
    """Write a page as JPEG, as good as the limit of bytes allows."""
    picture = PIL.Image.fromarray(sheet(table(page), None, page.title, (page.about,)))
    for quality in range(92, 50, -4):
        picture.save(path, quality=quality, optimize=True, subsampling=0)
        if path.stat().st_size < MOST_BYTES:
            return
    raise RuntimeError(f"{path.name} stays above {MOST_BYTES} bytes.")


def main(names: list[str]) -> None:
    """Make every picture, or those named."""
    OUT.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        if not names or name in names:
            write(make(), OUT / f"{name}.jpg")
            print(OUT / f"{name}.jpg", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
