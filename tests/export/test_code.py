"""The code that makes a picture again."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz_widgets.explanation import ActivationMaps, Heatmap
from cnnviz_widgets.export import code
from cnnviz_widgets.export.code import Written, quoted
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.objectives import ClassScore, Contrast, Custom, Similarity, Unit
from cnnviz_widgets.settings import Settings, layer_name, objective, whole
from cnnviz_widgets.style import Style

PHOTO = Image(np.zeros((4, 6, 3), np.uint8), name="chelsea")


@dataclass(frozen=True)
class Cover(Settings):
    """Stands for a method of one's own."""

    layer: str | None = layer_name(help="layer")
    target: Any = objective(help="target")
    patch: int = whole(3, low=1, help="patch")


def of(recipe: Any, style: Style | None = None, **more: Any) -> str:
    return code(Heatmap(image=PHOTO, recipe=recipe, model="small net", target="“tabby”"), style, **more)


def test_the_lines_say_what_to_define_and_run_from_import_to_picture() -> None:
    assert of(Cover(layer="top", target=ClassScore(281))).splitlines() == [
        '# model: your keras.Model "small net"; image: the picture "chelsea", here 4 x 6',
        "import cnnviz_widgets as cnnviz",
        "",
        "probe = cnnviz.Probe(model)",
        'heat = Cover(layer="top", target=cnnviz.ClassScore(281))(probe, image)',
        "heat.show()",
    ]


def test_only_settings_that_differ_from_their_default_are_written() -> None:
    assert of(Cover(patch=3), Style(opacity=0.5, mode="map")).endswith(
        'heat = Cover()(probe, image)\nheat.show(cnnviz.Style(mode="map", opacity=0.5))'
    )


def test_classes_of_the_package_are_written_with_its_name_and_others_without() -> None:
    assert Written().value(Style(), "style") == "cnnviz.Style()"
    assert Written().value(Cover(), "recipe") == "Cover()"


def test_what_is_written_is_the_same_value_when_it_is_read() -> None:
    import cnnviz_widgets.objectives as cnnviz

    for target in (
        ClassScore(3, of="probability"),
        Unit("conv", channel=2, position=(1, 0)),
        Unit('a "strange" name\n'),
        Contrast(ClassScore(1), Unit("conv")),
        -ClassScore(4),
    ):
        assert eval(Written().value(target, "target"), {"cnnviz": cnnviz}) == target


def test_a_function_of_ones_own_becomes_a_name_with_a_comment() -> None:
    def brightness(output: Any) -> Any:
        return output

    made = of(Cover(target=Custom(brightness, name="light")))
    assert "# function: put your function brightness here" in made
    assert 'target=cnnviz.Custom(function, name="light")' in made


def test_reference_pictures_become_names_of_their_own() -> None:
    target = Contrast(Similarity(PHOTO, "code"), Similarity(PHOTO, "code", metric="dot"))
    made = of(Cover(target=target))
    assert "# reference: put Image('chelsea'" in made
    assert "# reference2: put Image('chelsea'" in made
    assert "reference=reference2" in made


def test_the_code_compiles() -> None:
    compile(of(Cover(target=Similarity(PHOTO, "code")), Style(limit=2.0, channel="red")), "code", "exec")


def test_the_network_is_asked_as_the_probe_asks_it() -> None:
    asked = {"preprocess": None, "labels": ["cat", "dog"], "value_range": (0.0, 1.0)}
    line = 'probe = cnnviz.Probe(model, labels=["cat", "dog"], value_range=(0.0, 1.0))'
    assert line in of(Cover(), probe=asked).splitlines()


def test_many_names_and_a_function_are_left_to_the_reader() -> None:
    def halved(pixels: Any) -> Any:
        return pixels / 2

    lines = of(Cover(), probe={"preprocess": halved, "labels": ["class"] * 6}).splitlines()
    assert lines[1:3] == [
        "# preprocess: put your function halved here",
        "# labels: put the names of the 6 classes, in a list, here",
    ]
    assert "probe = cnnviz.Probe(model, preprocess=preprocess, labels=labels)" in lines


def test_a_target_that_nothing_is_explained_of_is_left_out() -> None:
    shown = ActivationMaps(image=PHOTO, recipe=Cover(layer="top", target=ClassScore(0)))
    assert 'maps = Cover(layer="top")(probe, image)' in code(shown)


def test_maps_are_called_maps() -> None:
    assert "maps.show()" in code(ActivationMaps(image=PHOTO, recipe=Cover()))


def test_a_text_is_in_double_quotes_unless_it_holds_some() -> None:
    assert [quoted("it's"), quoted('say "a"'), quoted("back\\slash")] == [
        '"it\'s"',
        "'say \"a\"'",
        "'back\\\\slash'",
    ]


def test_the_lines_can_save_what_they_draw_and_say_how_the_network_is_asked() -> None:
    lines = code(
        Heatmap(image=PHOTO, recipe=Cover(layer="top")),
        Style(opacity=0.5),
        file="cat.png",
        probe={"value_range": (0.0, 1.0), "preprocess": None},
        page=0,
        tiles=(6, 4),
    ).splitlines()
    assert "probe = cnnviz.Probe(model, value_range=(0.0, 1.0))" in lines
    assert lines[-1] == 'heat.save("cat.png", cnnviz.Style(opacity=0.5), tiles=(6, 4))'
