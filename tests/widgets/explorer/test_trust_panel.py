"""The panel of checks under an Explorer: what it runs, shows, forgets and refuses."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from cnnviz_widgets import Explorer, LayerEnergy
from cnnviz_widgets.trust.curves import Curve
from cnnviz_widgets.trust.randomised import Randomised
from cnnviz_widgets.widgets.explorer.trust_panel import HEIGHT, WIDTH, cascade_plot, curve_plot
from tests.models import functional, picture

PATIENCE = 60


@pytest.fixture
def explorer() -> Iterator[Explorer]:
    made = Explorer(
        functional(), [picture(), picture(seed=1)], target=LayerEnergy("conv_2"), renderer="image"
    )
    assert made.wait(PATIENCE)
    yield made
    made.close()


def markup(explorer: Explorer) -> str:
    return str(explorer.view.checks.panel.value)


def points(svg: str, style: str) -> list[tuple[float, float]]:
    path = re.search(rf'class="{style}" points="([^"]*)"', svg)
    assert path is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in path[1].split())]


def test_nothing_is_checked_unasked(explorer: Explorer) -> None:
    assert markup(explorer) == ""
    assert explorer.view.checks.button.description == "Check this map"


def test_the_button_checks_the_map_and_shows_curves_and_words(explorer: Explorer) -> None:
    explorer.view.checks.button.click()
    assert explorer.view.checks.wait(PATIENCE)
    trust = explorer.view.checks.trust
    assert trust is not None
    assert (trust.done, trust.explanation) == (1.0, explorer.explanation)
    assert markup(explorer).count("<svg") == 3
    assert trust.deletion is not None
    assert trust.deletion.words.split(",")[0] in markup(explorer)


def test_a_script_gets_what_the_button_finds(explorer: Explorer) -> None:
    trust = explorer.check(PATIENCE)
    assert trust is not None
    assert set(trust.findings) >= {"deletion", "insertion", "randomised"}


def test_another_question_forgets_what_was_found_of_the_map_before(explorer: Explorer) -> None:
    explorer.check(PATIENCE)
    explorer.image = 1
    assert explorer.wait(PATIENCE)
    assert explorer.view.checks.trust is None
    assert markup(explorer) == ""


def test_another_style_keeps_what_was_found(explorer: Explorer) -> None:
    explorer.check(PATIENCE)
    explorer.style = explorer.style.replace(opacity=0.3)
    assert "<svg" in markup(explorer)


def test_a_second_press_stops_and_the_button_offers_anew(explorer: Explorer) -> None:
    checks = explorer.view.checks
    checks.button.click()
    assert checks.button.description == "Stop checking"
    checks.button.click()
    assert checks.wait(PATIENCE)
    assert checks.button.description == "Check this map"
    assert checks.trust is None or checks.trust.done < 1


def test_another_fill_checks_only_what_it_changes(explorer: Explorer) -> None:
    checks = explorer.view.checks
    before = explorer.check(PATIENCE)
    checks.fills["insertion"].value = "black"
    assert checks.wait(PATIENCE)
    now = checks.trust
    assert before is not None
    assert now is not None
    assert (now.insertion.fill, now.deletion, now.randomised) == ("black", before.deletion, before.randomised)
    assert (now.options.insertion, now.done, markup(explorer).count("<svg")) == ("black", 1.0, 3)


def test_the_fills_are_offered_with_the_first_check(explorer: Explorer) -> None:
    checks = explorer.view.checks
    assert checks._fills.layout.display == "none"
    explorer.check(PATIENCE)
    assert checks._fills.layout.display is None
    explorer.image = 1
    assert explorer.wait(PATIENCE)
    assert checks._fills.layout.display == "none"


def test_a_fill_chosen_amid_a_check_is_the_one_that_all_is_checked_with(explorer: Explorer) -> None:
    checks = explorer.view.checks
    with explorer.lock:  # so the check cannot end before
        checks.button.click()
        checks.fills["deletion"].value = "white"
    assert checks.wait(PATIENCE)
    assert (checks.trust.done, checks.trust.deletion.fill) == (1.0, "white")
    assert checks.trust.randomised is not None


def test_feature_maps_are_not_offered_a_check(explorer: Explorer) -> None:
    explorer.method = "Feature maps"
    assert explorer.wait(PATIENCE)
    assert explorer.view.checks.button.layout.display == "none"
    explorer.method = "Grad-CAM"
    assert explorer.wait(PATIENCE)
    assert explorer.view.checks.button.layout.display is None


def test_a_refused_question_offers_no_check_of_the_map_before(explorer: Explorer) -> None:
    explorer.method = "CAM"
    assert explorer.wait(PATIENCE)
    assert "CAM explains the logit of a class" in explorer.error
    assert explorer.view.checks.button.disabled
    explorer.method = "Saliency"
    assert explorer.wait(PATIENCE)
    assert not explorer.view.checks.button.disabled


def test_a_check_that_fails_says_so_below_and_the_picture_stays(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no <room>")

    monkeypatch.setattr("cnnviz_widgets.widgets.explorer.trust_panel.check", broken)
    explorer.view.checks.button.click()
    assert explorer.view.checks.wait(PATIENCE)
    assert "RuntimeError: no &lt;room&gt;" in markup(explorer)
    assert explorer.error == ""
    assert explorer.view.checks.button.description == "Check this map"


def test_the_network_is_left_as_it_was() -> None:
    model = functional()
    before = [weight.copy() for weight in model.get_weights()]
    explorer = Explorer(model, picture(), renderer="image")
    explorer.check(PATIENCE)
    explorer.close()
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_curve_is_drawn_from_its_first_value_to_its_last() -> None:
    shares = np.array([0, 0.5, 1])
    svg = curve_plot(Curve(shares=shares, values=np.array([1.0, 0.5, 0.0]), random=np.ones((1, 3))))
    (left, top), (middle, half), (right, bottom) = points(svg, "cv-own")
    assert left < middle < right <= WIDTH
    assert 0 <= top < half < bottom <= HEIGHT
    assert half == pytest.approx((top + bottom) / 2, abs=0.1)
    assert {y for _, y in points(svg, "cv-random")} == {top}


def test_values_that_are_not_known_yet_are_left_out() -> None:
    values = np.array([1.0, np.nan, 0.0])
    assert len(points(curve_plot(Curve(shares=np.array([0, 0.5, 1]), values=values)), "cv-own")) == 2


def test_a_random_order_that_is_not_known_yet_is_not_drawn() -> None:
    random = np.array([[1.0, 0.5, 0.0], [1.0, np.nan, 0.0]])
    svg = curve_plot(Curve(shares=np.array([0, 0.5, 1]), values=np.array([1.0, 0.2, 0.0]), random=random))
    assert svg.count('class="cv-random"') == 1


def test_the_cascade_begins_at_one_and_names_its_layers_safely() -> None:
    svg = cascade_plot(
        Randomised(layers=("<top>", "low"), shuffled=(1, 2), correlations=np.array([0.5, np.nan]))
    )
    assert points(svg, "cv-own")[0][1] < points(svg, "cv-own")[1][1]
    assert svg.count("<circle") == 1
    assert "&lt;top&gt;" in svg
