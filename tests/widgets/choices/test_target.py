"""Choosing a target: by bar, by search, or none."""

from typing import Any

import pytest

from cnnviz_widgets import ClassScore, LayerEnergy, Probe, ReconstructionError, Unit
from cnnviz_widgets.errors import CnnvizError, LayerError, TargetError
from cnnviz_widgets.widgets.controls.target_picker import TargetPicker
from tests.models import autoencoder, functional, no_convolution
from tests.widgets.choices.common import on
from tests.widgets.page import HOSTILE
from tests.widgets.tree import visible


def verdict(probe: Probe) -> tuple[TargetPicker, list[Any], list[Exception]]:
    chosen, refused = list[Any](), list[Exception]()
    return TargetPicker("u", probe, chosen.append, refused.append), chosen, refused


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cat", ClassScore(0)), ("CAT ", ClassScore(0)), ("tiger  cat", ClassScore(1)), ("tiger", ClassScore(1)),
        ("2", ClassScore(2)), ("conv_1:3", Unit("conv_1", 3)), ("conv_2 : 0", Unit("conv_2", 0)),
        ("conv_1", LayerEnergy("conv_1")), ("energy of conv_1", LayerEnergy("conv_1")),
        ("Energy of conv_2", LayerEnergy("conv_2")), ("energy", LayerEnergy("conv_2")),
    ],
)  # fmt: skip
def test_the_search_understands(probe: Probe, text: str, meant: Any) -> None:
    assert verdict(probe)[0].parse(text) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3", r"There are classes 0 to 2; got 3"),
        ("-1", "Nothing is called '-1'"),
        ("²", "Nothing is called"),
        ("dog", r"Nothing is called 'dog'. Type a class, its number, layer:channel or energy of a layer"),
        ("conv_9:1", "no layer 'conv_9'.*Did you mean 'conv_"),
        ("energy of conv_9", "no layer 'conv_9'.*Did you mean 'conv_"),
        ("conv_1:99", "Unit.channel must be from 0 to 3, the channels of conv_1; got 99"),
        ("conv_1:²", "Nothing is called"),
        ("reconstruction error", "ReconstructionError needs a model whose output has the picture's shape"),
    ],
)
def test_the_search_says_what_it_does_not_understand(probe: Probe, text: str, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        verdict(probe)[0].parse(text)


def test_a_part_of_several_names_names_one_of_them(probe: Probe) -> None:
    with pytest.raises(TargetError, match="2 classes hold 'ca': "):
        verdict(probe)[0].parse("ca")


def test_labels_that_are_digits_are_names_first() -> None:
    assert verdict(Probe(functional(), labels=["2", "1", "0"]))[0].parse("2") == ClassScore(0)


def test_an_autoencoder_is_asked_for_its_error_and_for_no_class() -> None:
    asked, _, _ = verdict(Probe(autoencoder()))
    assert asked.parse("reconstruction error") == ReconstructionError()
    assert asked.parse("energy") == LayerEnergy("encoded")
    with pytest.raises(TargetError, match="gives a picture, not classes"):
        asked.parse("1")


def test_energy_without_a_layer_that_has_maps_says_so() -> None:
    with pytest.raises(LayerError, match="No layer of no_convolution has maps"):
        verdict(Probe(no_convolution()))[0].parse("energy")


def test_a_search_that_makes_sense_chooses_and_empties_the_field(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "conv_1:2"
    assert (chosen, refused, asked.search.value) == ([Unit("conv_1", 2)], [], "")


def test_a_search_that_makes_none_is_refused_and_stays_to_be_mended(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "99"
    assert (chosen, len(refused), asked.search.value) == ([], 1, "99")
    assert isinstance(refused[0], CnnvizError)


def test_an_empty_search_does_nothing(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "  "
    assert (chosen, refused) == ([], [])


def test_bars_show_the_classes_and_choose_them(probe: Probe) -> None:
    asked, chosen, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9), (2, HOSTILE, 0.1)])
    assert [visible(bar) for bar in asked._bars] == [True, True, False, False, False]
    assert [bar.description for bar in asked._bars[:2]] == ["tiger cat", HOSTILE]
    assert "--p: 90.0%" in asked._style.value
    assert "<img" not in asked._style.value
    asked._bars[1].click()
    asked._bars[4].click()
    assert chosen == [ClassScore(2)]


def test_a_class_with_a_bar_is_marked_there_and_any_other_target_is_a_chip(probe: Probe) -> None:
    asked, chosen, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9)])
    asked.mark(ClassScore(1))
    assert (on(asked._bars), visible(asked._chip)) == ([0], False)
    asked.mark(Unit("conv_1", 2, (3, 1)))
    assert (on(asked._bars), visible(asked._chip)) == ([], True)
    assert asked._chip.description == "channel 2 at cell 3, 1 of conv_1  ×"
    asked._chip.click()
    assert chosen == [None]


def test_the_probability_of_a_class_is_not_its_bar(probe: Probe) -> None:
    asked, _, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9)])
    asked.mark(ClassScore(1, "probability"))
    assert (on(asked._bars), visible(asked._chip)) == ([], True)


def test_the_field_suggests_classes_and_layers(probe: Probe) -> None:
    options = verdict(probe)[0].search.options
    assert options[:2] == ("cat", "tiger cat")
    assert "energy of conv_2" in options
