"""The image generator's picture grows: each step is shown, and the code makes it again."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets import ImageGenerator, Probe, Unit
from cnnviz_widgets.widgets.image_generator import text
from tests.widgets.image_generator.common import Make, at_frame, settled, steps


def film(generator: ImageGenerator) -> list[str]:
    return [made.description for made in generator.view.transport._frames if not made.disabled]


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_it_shows_the_last_picture_its_film_and_what_it_was_made_for(make: Make, renderer: str) -> None:
    generator = make(renderer=renderer)
    assert generator.status == "Made to raise “dog”."
    assert (generator.progress, generator.error, generator.frame) == (1.0, "", 2)
    assert steps(generator) == [8, 16, 24]
    assert generator.explanation is generator.frames[-1]
    assert film(generator) == ["8", "16", "24"]


def test_each_picture_is_shown_as_soon_as_it_is_there(generator: ImageGenerator) -> None:
    seen: list[tuple[int, str]] = []
    generator.observe(lambda change: seen.append((len(change["new"].curve), generator.status)), "explanation")
    generator.ask()
    settled(generator)
    assert [step for step, _ in seen] == [8, 16, 24]


def test_while_it_grows_the_sentence_says_so(generator: ImageGenerator) -> None:
    heard: list[str] = []
    at_frame(generator, 2, lambda: heard.append(text.growing(generator.frames[-1])))
    assert heard == ["<b>Growing.</b> Made to raise <b>“dog”</b>."]


def test_the_same_target_gives_the_same_picture_again(generator: ImageGenerator) -> None:
    before = generator.explanation
    generator.ask()
    settled(generator)
    assert generator.explanation is not before
    np.testing.assert_array_equal(generator.explanation.values, before.values)


def test_the_lines_of_code_make_the_picture_again(make: Make, probe: Probe) -> None:
    generator = make()
    for frame in (2, 0):
        generator.frame = frame
        lines = [
            line
            for line in generator.code().split("\n")
            if not line.startswith(("#", "probe =", "made.show"))
        ]
        names: dict[str, Any] = {"probe": probe}
        exec("\n".join(lines), names)
        np.testing.assert_array_equal(names["made"].values, generator.explanation.values)


def test_the_lines_of_code_name_only_what_was_set(generator: ImageGenerator) -> None:
    settings = "".join(generator.code().split("ActivationMaximization(")[1].partition("\n)")[0].split())
    assert settings == 'preset="fast",steps=24,target=cnnviz.ClassScore(1),'


def test_long_lines_of_code_are_broken_at_their_commas(make: Make) -> None:
    lines = make(target=[0, 1, Unit("conv_2", 3)]).code().split("\n")
    at = lines.index("made = cnnviz.ActivationMaximization(")
    assert lines[at + 1 : at + 3] == ['    preset="fast",', "    steps=24,"]
    assert lines[at + 4] == ")(probe)"
