"""Two pictures with what makes them alike: drawn side by side in one scale, and saved with how they were made."""

import dataclasses
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Heatmap, LayerError, Likeness, SettingError, SimilarityMaps, Style
from cnnviz_widgets.embeddings.decomposition import Decomposition, Match
from cnnviz_widgets.embeddings.result import cosine_text
from cnnviz_widgets.render.pair import brightness, framed, styles
from tests import models


def heat(high: float, seed: int = 0, low: float = 0.0) -> Heatmap:
    values = np.linspace(low, high, 16, dtype=np.float32).reshape(4, 4)
    return Heatmap(models.picture(8, 8, seed=seed), None, values=values, signed=low < 0, unit="share")


def pair(
    foil: bool = False, metric: str = "cosine", exact: bool = True, value: float | None = None
) -> Likeness:
    a, b = (np.tile(np.array(cell, np.float32), (4, 4, 1)) for cell in ([1, 0, 0], [3, 4, 0]))
    parts = Decomposition(a, b, False, metric)
    return Likeness(
        on_a=heat(1, low=-1) if foil else heat(2),
        on_b=heat(4, 1),
        on_foil=heat(6, 2) if foil else None,
        value=parts.total if value is None else value,
        foil_value=0.5 if foil else None,
        layer="encoded",
        metric=metric,
        pooled=False,
        recipe=SimilarityMaps("encoded", metric, "patches" if exact else "gradient", False),
        parts=parts if exact else None,
        notes=() if exact else ("encoded (Dense) is flat and has no exact decomposition.",),
        model="small",
    )


def test_the_pictures_stand_side_by_side() -> None:
    assert pair().picture(size=100).shape == (100, 202, 3)
    assert pair(foil=True).picture(size=100).shape == (100, 307, 3)


def test_both_maps_have_one_scale() -> None:
    assert [style.limit for style in styles(pair(), Style())] == [4, 4]


def test_a_contrast_has_a_scale_of_its_own() -> None:
    assert [style.limit for style in styles(pair(foil=True), Style())] == [1, 6, 6]


def test_a_style_may_set_the_scale() -> None:
    assert [style.limit for style in styles(pair(), Style(limit=9))] == [9, 9]


def test_a_cell_and_its_matches_get_frames() -> None:
    plain, marked = pair().picture(size=80), pair().picture(size=80, place=(1, 2))
    changed = (plain != marked).any(axis=2)
    assert changed[20:40, 40:60].any()
    a, b = changed[:, :80].copy(), changed[:, 82:]
    a[20:40, 40:60] = False
    assert not a.any()
    assert b.any()


@pytest.mark.parametrize("bright", [0.3, 1.0])
def test_a_frame_is_as_bright_as_it_says(bright: float) -> None:
    drawn = framed(np.zeros((64, 64, 3), np.uint8), (4, 4), [((0, 0), bright)])
    assert drawn[0, 0].tolist() == [round(255 * bright)] * 3
    assert not drawn[8, 8].any()


def test_the_best_match_has_the_brightest_frame_however_alike() -> None:
    found = [Match((0, k), likeness, 0.0) for k, likeness in enumerate((0.4, 0.2, -0.3))]
    assert brightness(found) == [((0, 0), 1.0), ((0, 1), 0.5), ((0, 2), 0.25)]
    assert brightness([Match((0, 0), 0.0, 0.0)]) == [((0, 0), 0.25)]


def test_a_frame_lies_on_the_border_of_its_cell() -> None:
    drawn = framed(np.zeros((70, 35, 3), np.uint8), (7, 7), [((6, 6), 1.0)]).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (60, 69, 30, 34)


def test_a_cell_of_a_code_without_exact_parts_cannot_be_marked() -> None:
    with pytest.raises(LayerError, match=r"encoded .* has no exact decomposition"):
        pair(exact=False).picture(place=(0, 0))


def test_a_cell_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match="place row must be from 0 to 3; got 4"):
        pair().picture(place=(4, 0))


def test_a_pair_is_saved_with_how_it_was_made(tmp_path: Path) -> None:
    pair().save(tmp_path / "pair.png", place=(0, 1), size=200)
    with PIL.Image.open(tmp_path / "pair.png") as saved:
        saved.load()
        assert saved.width >= 400
        assert saved.text["Title"] == pair().says
        assert saved.text["Recipe"].startswith("SimilarityMaps(layer='encoded', metric='cosine'")
        told = saved.text["Description"]
    assert "Pictures: A random 0 · B random 1\nCodes at encoded: metric cosine" in told
    assert "cells sum to 0.60 ✓\n" in told
    assert "Both maps have one scale." in told


def test_the_name_of_a_saved_pair_ends_in_png(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"must end in \.png"):
        pair().save(tmp_path / "pair.jpg")


def test_a_shown_pair_speaks_too() -> None:
    shown = pair(foil=True).show(size=64)
    assert "blue ones for the foil" in repr(shown)
    assert shown._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("made", "badge", "says"),
    [
        (pair(), "cells sum to 0.60 ✓", "Alike: 0.60 of 1. Warm places in A and B make them alike."),
        (
            pair(value=0.5),
            "cells sum to 0.60 ≠ 0.50",
            "Alike: 0.50 of 1. Warm places in A and B make them alike.",
        ),
        (
            pair(exact=False, value=-0.1),
            "map: slope at each pixel",
            "Hardly alike: −0.10 of 1. Warm places in A and B are the little they share.",
        ),
    ],
)
def test_the_words_say_the_number_and_whether_the_cells_agree(made: Likeness, badge: str, says: str) -> None:
    assert (made.badge, made.says) == (badge, says)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.994, "0.99"),
        (0.0, "0.00"),
        (0.0012, "0.0012"),
        (-0.004, "−0.004"),
        (1e-9, "0.00"),
        (3.14e-5, "3.1e−05"),
    ],
)
def test_a_small_cosine_keeps_two_digits(value: float, text: str) -> None:
    assert cosine_text(value) == text


def test_a_distance_is_told_above_zero() -> None:
    found = pair(metric="euclidean")
    assert found.value < 0
    assert found.says.startswith("Apart: ")
    assert "−" not in found.says + found.badge


def test_a_partial_result_says_that_it_is_one(tmp_path: Path) -> None:
    part = dataclasses.replace(pair(), done=0.25)
    assert "Unfinished: 25% of the work." in repr(part.show(size=64))


def test_photographs_are_taken_apart_from_end_to_end() -> None:
    probe = cnnviz.Probe(models.functional())
    found = cnnviz.similarity(probe, models.picture(), models.picture(seed=1))
    assert found.picture(size=64, place=(0, 0)).shape == (64, 130, 3)
