"""Several Explorers at once: linked, named, of one Probe, and apart in their looks."""

import threading
from typing import Any

import numpy as np
import pytest
import traitlets

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Explorer, Probe
from cnnviz_widgets.errors import ImageError, SettingError
from tests.models import picture
from tests.widgets.explorer.common import PATIENCE, Make, settled
from tests.widgets.leftovers import collected


def test_two_explorers_linked_by_layer_walk_together_both_ways(make: Make) -> None:
    one, other = make(), make(method="Feature maps")
    link = traitlets.link((one, "layer"), (other, "layer"))
    for changed, name in ((one, "conv_1"), (other, "relu_1"), (one, "conv_2")):
        changed.layer = name
        settled(one)
        settled(other)
        assert (one.explanation.layer, other.explanation.layer) == (name, name)
    link.unlink()


def test_linked_explorers_do_not_wait_for_each_other_for_ever(make: Make) -> None:
    one, other = make(), make(method="Feature maps")
    links = [traitlets.link((one, name), (other, name)) for name in ("layer", "image", "target")]
    errors: list[BaseException] = []

    def hammer(explorer: Explorer, seed: int) -> None:
        chance, desk = np.random.default_rng(seed), explorer.view
        buttons = [*desk.depth._frames, *desk.strip.thumbs, *desk.verdict._bars[:3], desk.undo]
        try:
            for _ in range(60):
                buttons[chance.integers(len(buttons))].click()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=hammer, args=(e, k), daemon=True) for k, e in enumerate((one, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    settled(one)
    settled(other)
    assert (errors, one.error, other.error) == ([], "", "")
    for link in links:
        link.unlink()


@pytest.mark.parametrize("given", [{"labels": ["a"]}, {"value_range": (0, 1)}, {"preprocess": np.negative}])
def test_what_belongs_to_the_probe_is_refused_beside_one(probe: Probe, given: dict[str, Any]) -> None:
    name = next(iter(given))
    with pytest.raises(SettingError, match=rf"{name} belongs to the Probe.*write Probe\(model, {name}=...\)"):
        Explorer(probe, picture(), renderer="image", **given)


def test_to_explore_under_a_name_closes_the_one_before(probe: Probe) -> None:
    first = cnnviz.explore(probe, picture(), name="demo", renderer="image")
    other = cnnviz.explore(probe, picture(), name="other", renderer="image")
    second = cnnviz.explore(probe, picture(), name="demo", renderer="image")
    assert [e.closed for e in (first, other, second)] == [True, False, False]
    settled(second)
    second.close()
    other.close()


@pytest.mark.parametrize("kind", [cnnviz.FeatureMapBrowser, cnnviz.Comparison])
def test_another_widget_of_the_same_name_closes_only_its_like(probe: Probe, kind: Any) -> None:
    explorer = cnnviz.explore(probe, picture(), name="shown", renderer="image")
    first, second = (kind(probe, picture(), name="shown", renderer="image") for _ in range(2))
    assert [one.closed for one in (explorer, first, second)] == [False, True, False]
    explorer.close()
    second.close()


def test_a_name_does_not_keep_a_closed_explorer(probe: Probe) -> None:
    assert collected(lambda: settled(cnnviz.explore(probe, picture(), name="gone", renderer="image")))


def test_a_name_keeps_its_explorer_if_the_next_one_is_refused(probe: Probe) -> None:
    first = cnnviz.explore(probe, picture(), name="kept", renderer="image")
    with pytest.raises(ImageError, match="images is empty"):
        cnnviz.explore(probe, [], name="kept", renderer="image")
    assert not first.closed
    first.close()


def test_two_explorers_share_no_layout_and_no_style(make: Make) -> None:
    one, other = make(), make()
    looks = [{id(look) for look in explorer._looks._made.values()} for explorer in (one, other)]
    assert looks[0]
    assert not looks[0] & looks[1]


def test_closing_one_explorer_leaves_the_looks_of_another(make: Make) -> None:
    one, other = make(), make()
    one.close()
    assert all(look.comm is not None for look in other._looks._made.values())
