"""What is explained, as data: checked early and named in words."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.errors import TargetError
from cnnviz_widgets.image import Image
from cnnviz_widgets.objective import (
    ClassScore,
    Contrast,
    Custom,
    LayerEnergy,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
    parts,
    words,
)

PHOTO = Image(np.zeros((2, 2, 3), np.uint8), name="dog")


def test_an_int_is_a_class() -> None:
    assert as_objective(3) == as_objective(np.int64(3)) == ClassScore(3)


def test_none_stays_none() -> None:
    assert as_objective(None) is None


@pytest.mark.parametrize("value", ["cat", 2.5, True, [3]])
def test_what_is_no_target_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(
        TargetError, match=r"must be a class index, an objective such as ClassScore\(3\), or None"
    ):
        as_objective(value)


@pytest.mark.parametrize("make", [lambda: ClassScore("cat"), lambda: as_objective("cat")])  # type: ignore[arg-type]
def test_the_name_of_a_class_is_told_where_it_goes(make: Any) -> None:
    with pytest.raises(TargetError, match=r"got 'cat'\. A class by its name is target='cat' of a method"):
        make()


@pytest.mark.parametrize("index", [-1, 1.5, True, "3", None])
def test_a_class_index_is_a_whole_number_from_0(index: Any) -> None:
    with pytest.raises(TargetError, match=r"ClassScore\.index must be a whole number, at least 0"):
        ClassScore(index)


def test_a_class_score_is_a_logit_or_a_probability() -> None:
    with pytest.raises(
        TargetError, match="must be 'logit', 'probability' or 'log-probability'; got 'softmax'"
    ):
        ClassScore(1, of="softmax")  # type: ignore[arg-type]


def test_a_position_is_a_row_and_a_column() -> None:
    assert Unit("conv", position=[np.int64(1), 2]).position == (1, 2)  # type: ignore[arg-type]
    with pytest.raises(TargetError, match=r"must be \(row, column\)"):
        Unit("conv", position=(1, 2, 3))  # type: ignore[arg-type]


def test_a_metric_is_one_of_three() -> None:
    with pytest.raises(TargetError, match="must be 'cosine', 'dot' or 'euclidean'"):
        Similarity(PHOTO, "code", metric="manhattan")  # type: ignore[arg-type]


def test_a_reference_may_be_an_array() -> None:
    assert Similarity(np.zeros((2, 2, 3), np.uint8), "code") == Similarity(PHOTO, "code")  # type: ignore[arg-type]


def test_a_contrast_takes_class_indices() -> None:
    assert Contrast(1, 2) == Contrast(ClassScore(1), ClassScore(2))


def test_a_contrast_of_nothing_is_refused() -> None:
    with pytest.raises(TargetError, match="at least one objective"):
        Contrast(None, None)


def test_minus_an_objective_is_a_contrast_with_nothing() -> None:
    assert -ClassScore(3) == Contrast(None, ClassScore(3))


def test_a_custom_objective_needs_a_function() -> None:
    with pytest.raises(TargetError, match=r"Custom\.function must be a function"):
        Custom(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "target", [ClassScore(1), Unit("conv", 2, (0, 1)), Similarity(PHOTO, "code"), -LayerEnergy("a")]
)
def test_objectives_are_values_that_can_be_keys(target: Any) -> None:
    assert {target: 1}[target] == 1


def test_a_contrast_has_the_parts_of_both_sides() -> None:
    assert parts(Contrast(Contrast(1, 2), LayerEnergy("code"))) == (
        ClassScore(1),
        ClassScore(2),
        LayerEnergy("code"),
    )
    assert parts(None) == ()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (ClassScore(1), "“cat”"),
        (ClassScore(9), "class 9"),
        (ClassScore(1, of="probability"), "“cat” (probability)"),
        (Unit("conv", 2, (0, 1)), "channel 2 at cell 0, 1 of conv"),
        (Unit("conv"), "the mean of conv"),
        (LayerEnergy("code"), "the energy of code"),
        (ReconstructionError(), "the reconstruction error"),
        (Similarity(PHOTO, "code"), "likeness to dog in code"),
        (Contrast(0, 1), "“dog” rather than “cat”"),
        (-ClassScore(1), "0 rather than “cat”"),
        (Custom(abs, "size"), "size"),
        (None, "the model's natural target"),
    ],
)
def test_an_objective_is_named_as_a_reader_would(target: Any, said: str) -> None:
    assert words(target, ("dog", "cat")) == said
