"""Which layers the frames of a depth strip show."""

import cnnviz_widgets as cnnviz
from cnnviz_widgets.widgets.controls.layer_picker import FRAMES, layer_picker, steps, through
from tests.models import no_convolution


def test_the_nearest_inner_place_moves_to_the_one_asked_for() -> None:
    assert through([0, 4, 8, 12], 7) == [0, 4, 7, 12]


def test_the_ends_stay_however_near() -> None:
    assert through([0, 4, 8], 1) == [0, 1, 8]
    assert through([0, 4, 8], 7) == [0, 7, 8]


def test_a_place_that_is_there_moves_nothing() -> None:
    assert through([0, 4, 8], 4) == [0, 4, 8]


def test_the_code_of_an_autoencoder_has_a_frame() -> None:
    probe = cnnviz.Probe(cnnviz.demo.autoencoder())
    names = [layer.name for layer in probe.spatial_layers]
    assert names.index("encoded") not in steps(len(names), FRAMES)
    assert "encoded" in layer_picker("u", probe, print).frames


def test_a_network_without_maps_has_no_frame() -> None:
    assert layer_picker("u", cnnviz.Probe(no_convolution()), print).frames == []
