"""All checks of one map: growing, cancellable, repeatable, and clear on what cannot be checked."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import easy_models, models
from tests.trust.handmade import Edges


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.fixture(scope="module")
def heat(probe: cnnviz.Probe) -> cnnviz.Heatmap:
    return cnnviz.GradCAM()(probe, models.picture())


def test_what_is_known_grows_and_done_rises_to_one(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    parts = list(cnnviz.trust.check(probe, heat))
    done = [part.done for part in parts]
    assert done == sorted(set(done))
    assert done[-1] == 1
    known = [len(part.findings) for part in parts]
    assert known == sorted(known)
    assert tuple(parts[-1].findings) == cnnviz.trust.CHECKS
    assert parts[-1].progress == ""


def test_what_was_yielded_does_not_change_afterwards(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    parts = list(cnnviz.trust.check(probe, heat, ["deletion", "randomised"], steps=24, orders=4))
    first = next(part.deletion for part in parts if part.deletion)
    last = parts[-1].deletion
    assert np.isnan(first.random).any()
    assert last is not None
    assert not np.isnan(last.random).any()
    first_step = next(part.randomised for part in parts if part.randomised)
    assert np.isnan(first_step.correlations[1:]).all()


def test_only_the_checks_that_are_asked_for_are_made(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    before = probe.calls
    *_, trust = cnnviz.trust.check(probe, heat, ["completeness", "flat"])
    assert list(trust.findings) == ["flat", "completeness"]
    assert probe.calls == before


def test_a_printed_report_says_what_was_found(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    *_, trust = cnnviz.trust.check(probe, heat, ["deletion"])
    assert repr(trust).startswith("Trust(Grad-CAM, 100% done): ")
    assert trust.words[0] in repr(trust)


def test_whoever_stops_asking_stops_the_work(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    whole = probe.calls
    list(cnnviz.trust.check(probe, heat, ["insertion"], steps=60))
    whole = probe.calls - whole
    running = cnnviz.trust.check(probe, heat, ["insertion"], steps=60)
    before = probe.calls
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert probe.calls - before == 1
    assert whole > 5


def test_a_worker_can_run_and_cancel_it(probe: cnnviz.Probe) -> None:
    from cnnviz_widgets.jobs import worker

    explanation, seen = Edges()(probe, models.picture()), []

    def work(job: Any) -> None:
        for trust in cnnviz.trust.check(probe, explanation, ["deletion", "randomised"]):
            if job.cancelled:
                return
            seen.append(trust.done)
            if len(seen) == 2:
                worker.cancel("trust")

    worker.submit("trust", work)
    assert worker.wait("trust", 60)
    assert len(seen) == 2


def test_the_same_seed_gives_the_same_report(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    (*_, one), (*_, two) = (cnnviz.trust.check(probe, heat, seed=3, steps=8) for _ in range(2))
    assert one.words == two.words
    for name in ("deletion", "insertion"):
        mine, other = getattr(one, name), getattr(two, name)
        np.testing.assert_array_equal(mine.values, other.values)
        np.testing.assert_array_equal(mine.random, other.random)
    np.testing.assert_array_equal(one.randomised.correlations, two.randomised.correlations)


def test_neither_model_nor_map_is_changed(probe: cnnviz.Probe, heat: cnnviz.Heatmap) -> None:
    weights, values = probe.model.get_weights(), heat.values.copy()
    pixels = heat.image.pixels.copy()
    list(cnnviz.trust.check(probe, heat, steps=4))
    np.testing.assert_equal(probe.model.get_weights(), weights)
    np.testing.assert_array_equal(heat.values, values)
    np.testing.assert_array_equal(heat.image.pixels, pixels)


def test_every_check_of_a_flat_map_says_so_in_one_way() -> None:
    probe = cnnviz.Probe(easy_models.constant())
    *_, trust = cnnviz.trust.check(probe, cnnviz.GradCAM(target=0)(probe, models.picture()))
    assert trust.words[0].startswith("Flat: the score does not react to this layer")
    assert trust.words[-3:] == ("The map is flat: it orders no places.",) * 3


def test_a_map_in_three_colours_is_checked_by_their_sum(probe: cnnviz.Probe) -> None:
    image = models.picture()
    colours = cnnviz.Saliency(reduction="colour")(probe, image)
    summed = cnnviz.Saliency(reduction="signed")(probe, image)
    (*_, one), (*_, two) = (
        cnnviz.trust.check(probe, made, ["deletion"], steps=8) for made in (colours, summed)
    )
    np.testing.assert_array_equal(one.deletion.values, two.deletion.values)


@pytest.mark.parametrize(
    "kind",
    [
        "two inputs",
        "variable size",
        "one sigmoid",
        "one score",
        "maps as output",
        "image output",
        "subclassed",
        "channels_first",
        "mixed_float16",
    ],
)
def test_every_kind_of_model_is_checked(kind: str) -> None:
    probe = cnnviz.Probe(models.ZOO[kind]())
    size = [side or models.SIDE for side in probe.input_shape]
    explanation = cnnviz.Saliency()(probe, models.picture(*size))
    *_, trust = cnnviz.trust.check(probe, explanation, steps=4)
    assert trust.done == 1
    assert trust.deletion.area is not None
    assert trust.randomised.all is not None


def test_what_is_no_explanation_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.SettingError, match=r"explanation must be the result of a method.*got ndarray"):
        cnnviz.trust.check(probe, np.zeros((3, 3)))


@pytest.mark.parametrize("method", [cnnviz.FeatureMaps(), cnnviz.Filters(), cnnviz.FilterResponse()])
def test_what_is_inside_the_network_claims_nothing_to_be_checked(
    probe: cnnviz.Probe, method: cnnviz.Method
) -> None:
    shown = method(probe, models.picture())
    with pytest.raises(cnnviz.SettingError, match=rf"{method.label} shows what is inside.*Grad-CAM"):
        cnnviz.trust.check(probe, shown)


def test_an_unfinished_map_is_refused(probe: cnnviz.Probe) -> None:
    first, *_ = Edges().explain(probe, models.picture())
    with pytest.raises(cnnviz.SettingError, match="finished to be checked; 50% of this one is done"):
        cnnviz.trust.check(probe, first)


@pytest.mark.parametrize(
    ("checks", "options", "message"),
    [
        (["deletoin"], {}, "got 'deletoin'. Did you mean 'deletion'"),
        ([], {}, r"checks must be a list of some of flat, .*got \[\]"),
        ("deletion", {}, "checks must be a list of some of"),
        (["deletion"], {"steps": 1}, r"TrustOptions\.steps must be .* from 2 to 1000"),
        (["deletion"], {"fill": "grey"}, "TrustOptions has no setting 'fill'"),
        (
            ["deletion"],
            {"deletion": "graye"},
            "TrustOptions.deletion must be one of grey.*Did you mean 'grey'",
        ),
    ],
)
def test_wrong_checks_and_options_are_refused_at_once(
    probe: cnnviz.Probe, heat: cnnviz.Heatmap, checks: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(cnnviz.SettingError, match=message):
        cnnviz.trust.check(probe, heat, checks, **options)
