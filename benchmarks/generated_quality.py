"""How good made pictures are: are they taken for their class, do units answer, does matching give the photograph back.

Run it with ``python benchmarks/generated_quality.py [preset]``; it prints Markdown tables. It takes some minutes.
"""

from __future__ import annotations

import sys

import numpy as np
from skimage.metrics import structural_similarity

import cnnviz_widgets as cnnviz

PHOTO_CLASSES = (282, 504, 657, 207, 1, 985, 483, 949, 130, 817)
UNITS = (("block3b_add", 5), ("block5c_add", 3), ("top_activation", 40))
MATCHED = ("block1a_project_bn", "block2b_add", "block4c_add", "block6d_add")
SHIFTS = ((0, 0), (3, 2), (-2, 1), (4, -4))


def blurred(pictures: np.ndarray) -> np.ndarray:
    """Return the pictures, each pixel averaged with its neighbours, (1, 2, 1) / 4 along both axes."""
    for axis in (1, 2):
        pictures = (np.roll(pictures, 1, axis) + 2 * pictures + np.roll(pictures, -1, axis)) / 4
    return pictures


def eight_bit(pictures: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the pictures as a file with 256 steps would hold them."""
    return np.round((pictures - low) / (high - low) * 255) / 255 * (high - low) + low


def chances(probe: cnnviz.Probe, pictures: np.ndarray, classes: tuple[int, ...], reach: int) -> np.ndarray:
    """Return the probabilities of the classes, float32 (5, N): as made, shifted three ways, blurred; all in 8 bits."""
    stored = eight_bit(pictures, *probe.value_range)
    shifts = [tuple(int(np.clip(n, -reach, reach)) for n in by) for by in SHIFTS]
    seen = [*(np.roll(stored, by, (1, 2)) for by in shifts), blurred(stored)]
    return np.stack([probe.predict(one)[range(len(classes)), classes] for one in seen])


def classified(preset: str) -> list[str]:
    """Return rows for how surely made pictures are taken for their class."""
    rows = []
    for name, model, classes, reach in (
        ("photographs", cnnviz.demo.photo_classifier(), PHOTO_CLASSES, 4),
        ("digits", cnnviz.demo.digit_classifier(), tuple(range(10)), 1),
    ):
        probe = cnnviz.Probe(model)
        for rivals in ("held down", "left alone"):
            method = cnnviz.ActivationMaximization(
                target=cnnviz.Several(classes), preset=preset, rivals=rivals
            )
            made = method(probe)
            found = chances(probe, made.values, classes, reach)
            rows.append(
                f"| {name} | {rivals} | {found[0].min():.3f} | {found[1:4].min():.3f} | {found[4].min():.3f} | "
                f"{int((found.min(axis=0) > 0.9).sum())} of {len(classes)} |"
            )
    return rows


def excited(preset: str) -> list[str]:
    """Return rows for how much more a unit answers than to any demo photograph."""
    probe = cnnviz.Probe(cnnviz.demo.photo_classifier())
    photos = [probe.fit(photo) for photo in cnnviz.demo.photos()]
    rows = []
    for layer, channel in UNITS:
        unit = cnnviz.Unit(layer, channel)
        made = cnnviz.ActivationMaximization(target=unit, preset=preset)(probe)
        ours, best = float(probe.scores(made.values, unit)[0]), float(probe.scores(photos, unit).max())
        rows.append(f"| {layer}, channel {channel} | {ours:.2f} | {best:.2f} | {ours / best:.1f} |")
    return rows


def matched(preset: str) -> list[str]:
    """Return rows for how much of a photograph comes back from a layer."""
    probe = cnnviz.Probe(cnnviz.demo.photo_classifier())
    photo = probe.fit(cnnviz.demo.photos()[0])
    rows = []
    for layer in MATCHED:
        made = cnnviz.ActivationMatching(layer=layer, preset=preset)(probe, photo)
        alike = structural_similarity(photo.pixels, made.values[0], channel_axis=2, data_range=255)
        rows.append(f"| {layer} | {made.curve[0, 0]:.2f} | {made.curve[-1, 0]:.3f} | {alike:.2f} |")
    return rows


def main() -> None:
    preset = sys.argv[1] if len(sys.argv) > 1 else "clean"
    print(f"The preset {preset}.\n")
    print(
        "| made of | rivals | least probability | shifted | blurred | all above 0.9 |\n|---|---|---|---|---|---|"
    )
    print("\n".join(classified(preset)), flush=True)
    print("\n| unit | made | best photograph | times |\n|---|---|---|---|")
    print("\n".join(excited(preset)), flush=True)
    print("\n| layer matched | match at first | at last | structural similarity |\n|---|---|---|---|")
    print("\n".join(matched(preset)), flush=True)


if __name__ == "__main__":
    main()
