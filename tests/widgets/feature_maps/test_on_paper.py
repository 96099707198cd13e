"""What leaves the notebook: code, and the page as it stands on the screen."""

import base64
from pathlib import Path
from typing import Any

import pytest

from cnnviz_widgets import FeatureMapBrowser, Probe
from tests.widgets.feature_maps.common import Make, network


@pytest.mark.parametrize("settings", [{}, {"layer": "deep", "scale": "shared", "order": "index"}], ids=str)
def test_the_code_shows_the_same_picture_again(make: Make, settings: dict[str, Any]) -> None:
    browser = make(Probe(network(), value_range=(0, 2)), **settings)
    browser.turn(1)
    where = {"model": browser.probe.model, "image": browser.images[0]}
    *lines, last = browser.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == browser.snapshot()


def test_the_saved_page_is_the_one_on_the_screen(make: Make, tmp_path: Path) -> None:
    browser = make(layer="deep")
    first = browser.snapshot()
    browser.turn(1)
    browser.save(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes() == browser.snapshot() != first


def test_the_code_on_the_screen_follows_the_page(make: Make) -> None:
    browser = make(layer="deep")
    browser.view._toggle_code()
    assert "page=" not in browser.view._code.value
    browser.turn(1)
    assert "page=1, tiles=(6, 4)" in browser.view._code.value


def test_a_saved_notebook_shows_the_page(browser: FeatureMapBrowser) -> None:
    bundle = browser._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == browser.snapshot()
    assert bundle["text/plain"].startswith("FeatureMapBrowser(network): What the layer sees")
