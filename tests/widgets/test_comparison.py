"""The comparison from end to end, without a browser: how the grid fills, what is chosen, shown, kept and refused."""

import base64
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import PIL.Image
import pytest
import traitlets

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Comparison, Heatmap, Image, Probe, Style
from cnnviz_widgets.errors import CnnvizError, ImageError, LayerError, ModelError, SettingError, TargetError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.method import Method
from cnnviz_widgets.plan import planned
from cnnviz_widgets.settings import objective
from cnnviz_widgets.widgets.comparison.pace import Pace
from tests.models import ZOO, functional, picture
from tests.widgets.leftovers import collected, left_behind

PATIENCE = 60
HOSTILE = "<img src=x onerror=alert(1)>"
Make = Callable[..., Comparison]
QUICK = ["Grad-CAM", "Saliency"]


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "dog", "owl"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of comparisons that are closed after the test."""
    made: list[Comparison] = []

    def comparison(
        model: Any = None, images: Any = None, *, wait: bool = True, **settings: Any
    ) -> Comparison:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", "methods": QUICK, **settings}
        made.append(Comparison(probe if model is None else model, pictures, **settings))
        assert not wait or made[-1].wait(PATIENCE)
        return made[-1]

    yield comparison
    for one in made:
        one.close()


@dataclass(frozen=True, eq=False)
class Gate:
    """Holds a method up between two results."""

    reached: threading.Event
    open: threading.Event


@dataclass(frozen=True)
class Slow(Method):
    """Yields half of a result, waits to be let on, and yields the whole."""

    label: ClassVar[str] = "Slow"
    family: ClassVar[str] = "Pixels"
    help: ClassVar[str] = "Waits"
    source: ClassVar[str] = "this test"
    says: ClassVar[str] = "{places} wait for {target}."
    gate: ClassVar[Gate]
    runs: ClassVar[list[str]]

    target: Any = objective(help="what is explained")

    def passes(self, image: Image) -> int:
        return 10

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        values = np.ones((2, 2), np.float32).cumsum(axis=1)
        self.runs.append(image.name)
        yield Heatmap(**self.about(probe, image), values=values, done=0.5, progress="1 of 2")
        self.gate.reached.set()
        assert self.gate.open.wait(PATIENCE)
        yield Heatmap(**self.about(probe, image), values=values)


@pytest.fixture
def gate() -> Iterator[Gate]:
    Slow.gate, Slow.runs = Gate(threading.Event(), threading.Event()), []
    yield Slow.gate
    Slow.gate.open.set()


def cell(comparison: Comparison, row: int, column: int) -> Any:
    return comparison._desk.cells.buttons[row, column]


def sheet(comparison: Comparison, row: int, column: int) -> str:
    return str(comparison._desk.cells._sheets[row, column].value)


def sheets(comparison: Comparison) -> list[str]:
    return [part.value for part in comparison._desk.cells._sheets.values()]


def visible(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


# how it fills


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_every_cell_is_computed_and_named_in_words(make: Make, renderer: str) -> None:
    comparison = make(renderer=renderer)
    assert set(comparison.explanations) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert (comparison.progress, comparison.error) == (1.0, "")
    assert comparison.status == "4 maps. Click one to see it large."
    top = comparison.probe.top(picture(), 1)[0][1]
    name = f"Grad-CAM, random 0: Warm places speak for “{top}” in layer conv_2."
    assert cell(comparison, 0, 0).description == name


def test_left_out_methods_are_a_handful(make: Make) -> None:
    comparison = make(methods=None)
    assert comparison.compared.rows.heads == ("Grad-CAM", "Saliency", "SmoothGrad", "Occlusion")
    assert len(comparison.explanations) == 8


def test_the_widget_finds_what_the_function_finds(make: Make, probe: Probe) -> None:
    comparison = make()
    found = cnnviz.compare(probe, [picture(), picture(seed=1)], methods=QUICK)
    for place in found.places:
        assert np.array_equal(comparison.explanations[place].values, found[place].values)
    assert comparison.compared.verdicts == found.verdicts


def test_a_grid_shows_what_is_there_while_the_rest_is_computed(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    assert set(comparison.explanations) == {(1, 0), (1, 1), (0, 0)}
    assert "background-image" in sheet(comparison, 1, 0)
    assert "--p: 50%" in sheet(comparison, 0, 0)
    assert "Not whole yet: 50%." in cell(comparison, 0, 0).description
    assert cell(comparison, 0, 1).description == "Slow, random 1: not computed yet"
    assert "cv-wait" in cell(comparison, 0, 1)._dom_classes
    assert comparison.status.startswith("Computing.")
    assert 0 < comparison.progress < 1
    assert "2 of 4" in comparison._desk.footer._right.value
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert "--p" not in sheet(comparison, 0, 0)
    assert "cv-wait" not in cell(comparison, 0, 1)._dom_classes


def test_cancel_keeps_what_there_is_and_run_again_computes_only_the_rest(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison._desk.footer.cancel.click()
    before = comparison.explanations
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert comparison.status == "Stopped. 2 of 4 maps are whole."
    assert set(comparison.explanations) == set(before) == {(0, 0), (1, 0), (1, 1)}
    assert visible(comparison._desk.footer.again)
    comparison._desk.footer.again.click()
    assert comparison.wait(PATIENCE)
    assert Slow.runs == ["random 0", "random 0", "random 1"]
    assert comparison.explanations[1, 0] is before[1, 0]
    assert comparison.status == "4 maps. Click one to see it large."


def test_a_method_that_does_not_fit_says_so_in_its_cell_and_the_others_go_on(make: Make) -> None:
    comparison = make(methods=[cnnviz.Occlusion(patch=99), "Saliency"])
    assert set(comparison.explanations) == {(1, 0), (1, 1)}
    assert cell(comparison, 0, 0).description.startswith("Patch 99 is larger than the picture")
    assert "cv-refused" in cell(comparison, 0, 0)._dom_classes
    assert comparison.status == "2 maps; 2 could not be made, and their cells say why."
    assert comparison.error == ""


def test_a_method_that_breaks_says_so_in_its_cell(make: Make) -> None:
    @dataclass(frozen=True)
    class Broken(Slow):
        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            raise RuntimeError("out of order")
            yield

    comparison = make(methods=[Broken(), "Saliency"])
    assert cell(comparison, 0, 1).description == "RuntimeError: out of order"
    assert len(comparison.explanations) == 2


def test_the_heads_tell_names_verdicts_and_units(make: Make) -> None:
    comparison = make()
    over = [head.value for head in comparison._desk.cells._columns]
    beside = [head.value for head in comparison._desk.cells._rows]
    _, label, chance = comparison.probe.top(picture(), 1)[0]
    assert "random 0" in over[0]
    assert f"{label} {100 * chance:.0f}&nbsp;%" in over[0]
    assert "Grad-CAM" in beside[0]
    assert "unit: vote" in beside[0]


def test_a_long_name_of_a_layer_may_break_at_its_underscores(make: Make) -> None:
    comparison = make(methods=None, layers=["conv_1", "conv_2"])
    assert "conv_<wbr>1" in comparison._desk.cells._rows[0].value


def test_cells_have_the_shape_of_the_pictures(make: Make) -> None:
    wide = make(ZOO["non-square"](), [picture(20, 30)])
    height, width = wide.compared.images[0].size
    assert height != width
    css = wide._desk.cells._css()
    assert f"aspect-ratio: {width} / {height};" in css
    assert "contain" not in css


def test_pictures_of_several_sizes_are_shown_whole(make: Make) -> None:
    comparison = make(ZOO["variable size"](), [picture(20, 30), picture(16, 16)])
    assert len(comparison.explanations) == 4
    assert "background-size: contain" in comparison._desk.cells._css()


def test_layers_of_one_method_cost_one_pass_a_picture(make: Make) -> None:
    fresh = Probe(functional())
    make(fresh, methods=None, layers=["conv_1", "conv_2"])
    assert fresh.calls == 2


@pytest.mark.parametrize("kind", [kind for kind in ZOO if kind != "Sequential, not built"])
def test_a_model_of_every_kind_fills_its_grid(make: Make, kind: str) -> None:
    comparison = make(ZOO[kind](), [picture()], methods=None)
    assert len(comparison.explanations) + len(comparison.compared.refused) == len(comparison.compared.places)
    assert comparison.error == ""


# how long it will take


class Clock:
    """Tells the time that it is given."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(probe: Probe, clock: Clock) -> Pace:
    """Give the pace of two methods on three pictures, of which nothing is measured."""
    pictures = [picture(seed=k) for k in range(3)]
    fresh = Probe(probe.model)
    return Pace(planned(fresh, pictures, methods=["Saliency", cnnviz.Occlusion(patch=2, stride=2)]), clock)


def test_a_time_that_rests_on_nothing_is_not_predicted(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 5
    pace.step(0.25)
    assert pace.left([(1, 0), (1, 1)]) is None


def test_cells_take_as_long_as_the_last_of_their_method(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 8
    pace.step(1)
    assert pace.left([(1, 1), (1, 2)]) == 16
    assert pace.left([(0, 0), (1, 1)]) is None


def test_the_cell_at_work_counts_by_what_is_done_of_it_and_the_time_since(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 8
    pace.step(1)
    pace.begin((1, 1))
    clock.now = 10
    pace.step(0.25)
    clock.now = 11
    assert pace.left([(1, 1), (1, 2)]) == 8 * 0.75 - 1 + 8


def test_the_first_of_a_method_counts_by_its_steps_after_the_first(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    for clock.now, done in ((60, 0.1), (61, 0.2), (62, 0.3)):
        pace.step(done)
    assert pace.left([(1, 0), (1, 1)]) == pytest.approx(7 + 10)


def test_what_was_measured_holds_when_it_runs_again(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    for clock.now, done in ((60, 0.1), (61, 0.2), (62, 0.3)):
        pace.step(done)
    pace.end()
    assert pace.left([(1, 0)]) == pytest.approx(10)


def test_what_is_not_measured_is_predicted_from_the_time_of_a_picture(
    pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Probe, "seconds_per_image", 0.5)
    assert pace.left([(1, 0), (0, 0)]) == 0.5 * (16 + 1) + 0.5


def test_a_comparison_tells_no_time_before_one_is_measured(make: Make, gate: Gate) -> None:
    comparison = make(functional(), methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    assert comparison.session.seconds_left is None
    assert "left" not in comparison._desk.footer._right.value


def test_the_quick_methods_come_before_those_that_try_every_channel(probe: Probe) -> None:
    few = cnnviz.Occlusion(patch=8, stride=8)
    plan = planned(probe, [picture()], methods=["Score-CAM", few, "Saliency"])
    heads = [plan.frame.columns.heads[column] for _, column in plan.order()]
    assert heads == ["Saliency", "Occlusion", "Score-CAM"]


def test_layers_and_targets_of_one_method_are_told_apart_by_their_layer(probe: Probe) -> None:
    plan = planned(probe, [picture()], layers=["conv_1", "conv_2"], targets=[0, 1])
    assert [plan.sort(place) for place in plan.frame.places] == [(0,), (0,), (1,), (1,)]


# what a click does


def test_a_stopped_comparison_says_what_its_large_cell_shows(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.cancel()
    gate.open.set()
    assert comparison.wait(PATIENCE)
    comparison.chosen = (1, 0)
    assert "move the score" in comparison.status
    assert "Stopped" not in comparison.status
    comparison.chosen = (0, 0)
    assert comparison.status.startswith("Warm places wait for")
    assert comparison.status.endswith("Stopped at 50%.")
    comparison.chosen = None
    assert comparison.status == "Stopped. 2 of 4 maps are whole."


def test_a_click_shows_a_cell_large_and_the_button_brings_the_grid_back(make: Make) -> None:
    comparison = make()
    before = comparison._view.png()
    cell(comparison, 0, 1).click()
    assert comparison.chosen == (0, 1)
    assert comparison._view.png() != before
    assert visible(comparison._desk._large)
    assert not visible(comparison._desk.cells.widget)
    assert comparison.status.startswith("Warm places speak for")
    assert "Grad-CAM, random 1" in comparison._desk.named.value
    assert "arXiv:1610.02391" in comparison._desk.read.value
    comparison._desk.back.click()
    assert comparison.chosen is None
    assert visible(comparison._desk.cells.widget)
    assert not visible(comparison._desk._large)
    assert comparison.status == "4 maps. Click one to see it large."


def test_the_mouse_reads_the_large_picture(make: Make) -> None:
    comparison = make()
    comparison.chosen = (0, 0)
    comparison._view.on_hover("hero", 0.1, 0.9)
    assert "cell" in comparison._desk.footer._right.value


def test_a_click_on_a_cell_to_come_says_so_and_stops_nothing(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    cell(comparison, 0, 1).click()
    assert comparison._desk.footer.text == "Slow, random 1: not computed yet."
    assert comparison.chosen is None
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert len(comparison.explanations) == 4


def test_a_click_on_a_refused_cell_says_why(make: Make) -> None:
    comparison = make(methods=[cnnviz.Occlusion(patch=99), "Saliency"])
    cell(comparison, 0, 0).click()
    assert comparison._desk.footer.text.startswith("Occlusion, random 0: Patch 99 is larger")


def test_a_large_picture_sharpens_while_it_is_looked_at(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.chosen = (0, 0)
    assert comparison._screen.stage.explanation.done == 0.5
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert comparison._screen.stage.explanation is comparison.explanations[0, 0]
    assert comparison.explanations[0, 0].done == 1


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ((5, 0), r"there is none at \(5, 0\) yet"),
        ("all", r"chosen must be \(row, column\) or None; got 'all'"),
        (3, r"chosen must be \(row, column\) or None; got 3"),
        ((1,), r"chosen must be \(row, column\) or None"),
    ],
)
def test_a_cell_that_there_is_not_cannot_be_chosen(make: Make, wanted: Any, says: str) -> None:
    comparison = make()
    comparison.chosen = (1, 1)
    with pytest.raises(SettingError, match=says):
        comparison.chosen = wanted
    assert comparison.chosen == (1, 1)


# style and scale


def test_a_new_style_draws_every_cell_anew_and_asks_the_network_nothing(make: Make) -> None:
    comparison = make()
    before, calls = sheets(comparison), comparison.probe.calls
    comparison.style = Style(colormap="green", mode="map")
    assert all(new != old for new, old in zip(sheets(comparison), before, strict=True))
    assert comparison.probe.calls == calls
    assert "Bright places" in cell(comparison, 0, 0).description


def test_the_controls_set_the_style_and_the_scale(make: Make) -> None:
    comparison = make()
    comparison._desk.style.mode.value = "spotlight"
    comparison._desk.style.sliders["opacity"].value = 0.5
    comparison._desk.both.signed["PuOr_r"].click()
    comparison._desk.scale.value = "shared"
    assert comparison.style == Style(mode="spotlight", opacity=0.5, signed_colormap="PuOr_r")
    assert comparison.scale == "shared"


def test_colours_are_offered_for_the_signs_that_there_are(make: Make) -> None:
    plain, mixed = make(), make(methods=["Grad-CAM", "Occlusion"])
    signed = make(methods=["Occlusion"])
    for comparison, two_rows, first_signed in (
        (plain, False, False),
        (mixed, True, False),
        (signed, False, True),
    ):
        assert visible(comparison._desk.both.widget) is two_rows
        assert visible(comparison._desk.style._swatches.signed["RdBu_r"]) is first_signed


def test_a_shared_scale_dims_the_weak_ones_and_moves_the_ends_to_the_heads(make: Make) -> None:
    comparison = make()
    before = sheets(comparison)
    assert all("--ends" in one for one in before)
    comparison.scale = "shared"
    after = sheets(comparison)
    assert not any("--ends" in one for one in after)
    drawn = [(one.partition("url(")[2].partition(")")[0]) for one in (*before, *after)]
    changed = [drawn[k] != drawn[k + 4] for k in range(4)]
    assert (
        sorted(changed[:2]) == sorted(changed[2:]) == [False, True]
    )  # the strongest of a method stays as it is
    assert all("cv-ramp" in head.value for head in comparison._desk.cells._rows)
    assert "One scale a row" in comparison._desk._rule.value
    comparison.scale = "own"
    assert sheets(comparison) == before


def test_layers_share_one_bar_under_the_grid(make: Make) -> None:
    comparison = make(methods=None, layers=["conv_1", "conv_2"], scale="shared")
    assert "cv-ramp" in comparison._desk.cells.foot.value
    assert visible(comparison._desk.cells.foot)
    assert "One scale for all" in comparison._desk._rule.value


def test_a_scale_that_there_is_not_is_refused(make: Make) -> None:
    comparison = make()
    with pytest.raises(SettingError, match=r"scale must be 'own' or 'shared'; got 'shard'\. Did you mean"):
        comparison.scale = "shard"
    assert comparison.scale == "own"


@pytest.mark.parametrize("name", ["explanations", "progress", "status", "error"])
def test_what_it_tells_cannot_be_set(make: Make, name: str) -> None:
    comparison = make()
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(comparison, name, getattr(comparison, name))


def test_the_answers_cannot_be_changed_from_outside(make: Make) -> None:
    with pytest.raises(TypeError, match="item assignment"):
        make().explanations[0, 0] = None


def test_a_linked_comparison_follows(make: Make) -> None:
    first, second = make(), make()
    link = traitlets.link((first, "scale"), (second, "scale"))
    first.scale = "shared"
    assert second.scale == "shared"
    assert "One scale a row" in second._desk._rule.value
    link.unlink()


# what is refused


@pytest.mark.parametrize(
    ("model", "images", "settings", "kind", "says"),
    [
        ("nowhere.keras", None, {}, ModelError, "nowhere"),
        (None, [], {}, ImageError, "images is empty"),
        (None, None, {"methods": ["Grad"]}, SettingError, "no method 'Grad'"),
        (None, None, {"layers": "conv_9"}, LayerError, "no layer 'conv_9'"),
        (None, None, {"targets": 9}, TargetError, "from 0 to 2"),
        (None, None, {"scale": "same"}, SettingError, "scale must be 'own' or 'shared'"),
        (None, None, {"size": "XXL"}, SettingError, "size must be one of"),
        (None, None, {"renderer": "svg"}, SettingError, "renderer must be one of"),
        (None, None, {"style": "overlay"}, SettingError, "style must be a Style"),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_refused_at_the_start_and_leaves_nothing(
    make: Make, model: Any, images: Any, settings: dict[str, Any], kind: type[CnnvizError], says: str
) -> None:
    before = left_behind()
    with pytest.raises(kind, match=says):
        make(model, images, **settings)
    assert left_behind() == before


def test_names_of_others_are_text_and_not_markup(make: Make) -> None:
    @dataclass(frozen=True)
    class Hostile(Slow):
        label: ClassVar[str] = HOSTILE
        help: ClassVar[str] = HOSTILE

        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            yield Heatmap(**self.about(probe, image), values=np.eye(2, dtype=np.float32), unit=HOSTILE)

    image = Image(picture().pixels, (0, 1), HOSTILE)
    comparison = make(
        Probe(functional(), labels=[HOSTILE] * 3), [image, picture()], methods=[Hostile(), "Saliency"]
    )
    for scale in ("own", "shared"):
        comparison.scale = scale
        for chosen in ((0, 0), None):
            comparison.chosen = chosen
            desk = comparison._desk
            shown = [part.value for part in (*desk.cells._rows, *desk.cells._columns, desk.named, desk.read)]
            shown += [desk.footer._say.value, desk.footer._right.value, *sheets(comparison)]
            assert not any("<img src=x" in text for text in shown)


# on paper


def test_a_snapshot_is_the_whole_grid_as_one_figure(make: Make, probe: Probe, tmp_path: Path) -> None:
    comparison = make(scale="shared", style=Style(opacity=0.5))
    comparison.chosen = (0, 0)
    comparison.save(tmp_path / "figure.png")
    found = cnnviz.compare(probe, [picture(), picture(seed=1)], methods=QUICK)
    found.save(tmp_path / "same.png", Style(opacity=0.5), scale="shared")
    assert comparison.snapshot() == (tmp_path / "figure.png").read_bytes()
    assert (tmp_path / "figure.png").read_bytes() == (tmp_path / "same.png").read_bytes()


def test_the_code_makes_the_same_figure_again(make: Make, probe: Probe) -> None:
    comparison = make(
        methods=["Grad-CAM", cnnviz.LayerCAM()],
        layers="conv_1",
        targets=2,
        scale="shared",
        style=Style(mode="map"),
    )
    where = {"model": probe.model, "images": [picture(), picture(seed=1)]}
    *lines, last = comparison.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == comparison.snapshot()


def test_the_code_says_which_values_the_network_takes_and_what_its_classes_are(make: Make) -> None:
    comparison = make(functional(), value_range=(0, 1), labels=["cat", "dog", "owl"])
    line = 'probe = cnnviz.Probe(model, labels=["cat", "dog", "owl"], value_range=(0.0, 1.0))'
    assert line in comparison.code().splitlines()


def test_the_code_on_the_screen_follows_the_scale(make: Make) -> None:
    comparison = make()
    comparison._desk._toggle_code()
    comparison.scale = "shared"
    assert "scale=&quot;shared&quot;" in comparison._desk._code.value


def test_the_save_button_writes_a_figure_beside_the_notebook(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    comparison = make()
    comparison._desk._save()
    assert Path("2-methods-2-pictures.png").read_bytes() == comparison.snapshot()
    assert "Saved as 2-methods-2-pictures.png" in comparison._desk.footer.text


def test_a_stopped_comparison_keeps_what_there_is_on_paper(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.cancel()
    with PIL.Image.open(io.BytesIO(comparison.snapshot())) as made:
        assert "Unfinished: 2 of 4 are not whole." in made.text["Description"]


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_a_saved_notebook_holds_a_picture_and_words(make: Make, renderer: str) -> None:
    bundle = make(renderer=renderer)._repr_mimebundle_()
    made = PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert np.asarray(made).std() > 20
    assert bundle["text/plain"].endswith("4 maps. Click one to see it large.")


def test_it_is_a_sentence_in_a_console(make: Make) -> None:
    assert repr(make()) == "Comparison(functional): 4 maps. Click one to see it large."


def test_pictures_without_a_name_have_one_everywhere(make: Make) -> None:
    comparison = make(images=[picture().pixels, picture(), picture(seed=1).pixels])
    assert comparison.compared.columns.heads == ("picture 1", "random 0", "picture 3")
    assert 'the pictures "picture 1", "random 0", "picture 3"' in comparison.code()
    with PIL.Image.open(io.BytesIO(comparison.snapshot())) as made:
        assert "Pictures: picture 1, random 0, picture 3, 8 × 8" in made.text["Description"]


# the end


def test_to_close_in_the_middle_of_the_work_stops_it(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    closing = threading.Thread(target=comparison.close)
    closing.start()
    gate.open.set()
    closing.join(PATIENCE)
    assert not worker.busy(comparison.session)
    assert Slow.runs == ["random 0"]


def test_after_close_nothing_happens_any_more(make: Make) -> None:
    comparison = make()
    comparison.close()
    comparison.close()
    comparison.ask()
    comparison.style = Style(opacity=0.1)
    assert not worker.busy(comparison.session)
    assert comparison.comm is None


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_ten_comparisons_leave_nothing_behind(probe: Probe, renderer: str) -> None:
    before = left_behind()
    for k in range(10):
        comparison = Comparison(probe, [picture(), picture(seed=1)], renderer=renderer, methods=QUICK)
        if k % 3 == 0:
            assert comparison.wait(PATIENCE)
            comparison.chosen = (0, 0)
        comparison.close()
    assert left_behind() == before


def test_a_closed_comparison_can_be_collected(probe: Probe) -> None:
    def seen() -> Comparison:
        made = Comparison(probe, [picture()], renderer="image", methods=QUICK)
        assert made.wait(PATIENCE)
        return made

    assert collected(seen)


def test_a_question_of_another_widget_is_answered_between_two_steps(make: Make, probe: Probe) -> None:
    steps: list[str] = []

    @dataclass(frozen=True)
    class Long(Slow):
        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            for k in range(4):
                steps.append("step")
                if k == 1:
                    worker.submit("another widget", lambda job: steps.append("another"))
                values = np.eye(2, dtype=np.float32)
                yield Heatmap(**self.about(probe, image), values=values, done=(k + 1) / 4)

    make(images=[picture()], methods=[Long()])
    assert steps == ["step", "step", "another", "step", "step"]
