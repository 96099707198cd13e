"""What is explained, as data: checked early and named in words."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.errors import TargetError
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.objectives import (
    ClassScore,
    Contrast,
    Custom,
    LayerEnergy,
    Output,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
    parts,
    words,
)
from cnnviz_widgets.regions import Box, Mask

PHOTO = Image(np.zeros((2, 2, 3), np.uint8), name="dog")


def test_an_int_is_a_class() -> None:
    assert as_objective(3) == as_objective(np.int64(3)) == ClassScore(3)


def test_none_stays_none() -> None:
    assert as_objective(None) is None


def test_a_number_in_an_array_of_one_is_a_class() -> None:
    assert as_objective(np.array([1])) == as_objective(np.array(1)) == ClassScore(1)  # type: ignore[arg-type]


def test_a_name_is_a_class() -> None:
    assert as_objective("cat") == ClassScore("cat")


@pytest.mark.parametrize("value", [2.5, True, [3], np.array([1, 2]), np.array([0.5])])
def test_what_is_no_target_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(
        TargetError, match=r"must be a class index or name, an objective such as ClassScore\(3\), or None"
    ):
        as_objective(value)


@pytest.mark.parametrize("index", [-1, 1.5, True, None])
def test_a_class_index_is_a_whole_number_from_0(index: Any) -> None:
    with pytest.raises(TargetError, match=r"ClassScore\.index must be a whole number, at least 0"):
        ClassScore(index)


def test_a_class_score_is_a_logit_or_a_probability() -> None:
    with pytest.raises(
        TargetError, match="must be 'logit', 'probability' or 'log-probability'; got 'softmax'"
    ):
        ClassScore(1, of="softmax")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (np.int64(3), 3),
        ([1, np.int32(2)], (1, 2)),
        (np.array([[True, False]]), Mask([[True, False]])),  # type: ignore[arg-type]
        (Box(0, 1, 2, 3), Box(0, 1, 2, 3)),
        ("predicted", "predicted"),
        (None, None),
    ],
)
def test_a_class_is_read_at_a_step_a_place_a_region_or_where_it_is_predicted(given: Any, kept: Any) -> None:
    assert ClassScore(1, at=given).at == kept


@pytest.mark.parametrize("at", [True, -1, 1.5, "everywhere", (1, -2), [[1, 2]], np.zeros((0,), int)])
def test_what_is_no_place_is_refused_with_what_is_one(at: Any) -> None:
    with pytest.raises(TargetError, match=r"ClassScore\.at must be"):
        ClassScore(1, at=at)


def test_masks_of_the_same_places_are_the_same_target() -> None:
    first, second = (Mask(np.array([[True, False]]), name) for name in ("", "the sky"))
    assert ClassScore(1, at=first) == ClassScore(1, at=second)
    assert hash(first) == hash(second)
    assert first != Mask(np.array([[True], [False]]))


def test_a_mask_keeps_its_places_when_the_array_changes() -> None:
    array = np.array([[True, False]])
    mask = Mask(array)
    array[:] = False
    assert mask.places.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("places", "said"), [(np.ones((2, 2)), "Compare first"), (np.zeros((2, 2), bool), "at least one place")]
)
def test_a_mask_is_true_somewhere_and_of_true_and_false(places: Any, said: str) -> None:
    with pytest.raises(TargetError, match=said):
        Mask(places)


@pytest.mark.parametrize("numbers", [(0, 0, 0, 1), (-1, 0, 1, 1), (0, 0.5, 1, 1)])
def test_a_box_has_whole_numbers_and_a_size(numbers: Any) -> None:
    with pytest.raises(TargetError, match=r"Box\.\w+ must be a whole number, at least"):
        Box(*numbers)


def test_an_output_is_named_by_its_indices() -> None:
    assert Output(3, np.int64(6)).indices == Output((3, 6)).indices == (3, 6)  # type: ignore[arg-type]
    assert repr(Output(3, 6)) == "Output(3, 6)"
    with pytest.raises(TargetError, match=r"needs the indices of a number of the output"):
        Output()
    with pytest.raises(TargetError, match="Output's indices must be a whole number"):
        Output(-1)


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
        (ClassScore("cat"), "“cat”"),
        (ClassScore(1, at=3), "“cat” at 3"),
        (ClassScore(1, at=(155, 180)), "“cat” at 155, 180"),
        (ClassScore(1, at=Box(1, 2, 3, 4)), "“cat” in 3 × 4 at 1, 2"),
        (ClassScore(1, at="predicted"), "“cat” where it is predicted"),
        (ClassScore(1, at=Mask([[True]], "predicted")), "“cat” where it is predicted"),  # type: ignore[arg-type]
        (ClassScore(1, at=Mask([True, True, False])), "“cat” at 2 places"),  # type: ignore[arg-type]
        (Output(3, 6), "output 3, 6"),
        (Output(1), "output 1 (“cat”)"),
        (Output(4), "output 4"),
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
