"""The controls of the feature map browser, and its links."""

import traitlets

import cnnviz_widgets as cnnviz
from cnnviz_widgets import FeatureMapBrowser, Probe, Style
from tests.models import picture
from tests.widgets.feature_maps.common import PATIENCE, settled


def test_the_controls_set_order_scale_opacity_and_colours(browser: FeatureMapBrowser) -> None:
    desk = browser.view
    desk.order.value, desk.scale.value = "index", "shared"
    desk._opacity.slider.value = 0.3
    desk.colours.signed["PuOr_r"].click()
    settled(browser)
    assert (browser.order, browser.scale) == ("index", "shared")
    assert (browser.style.opacity, browser.style.signed_colormap) == (0.3, "PuOr_r")


def test_maps_of_two_signs_can_be_grey_too(browser: FeatureMapBrowser) -> None:
    assert browser.explanation.signed
    browser.view.colours.signed["grey"].click()
    assert browser.style.signed_colormap == "grey"
    assert browser.error == ""


def test_the_film_takes_the_colours_of_the_wall(browser: FeatureMapBrowser) -> None:
    before = browser.view.depth._style.value
    browser.style = Style(colormap="green", signed_colormap="grey")
    settled(browser)
    assert browser.view.depth._style.value != before


def test_the_notes_speak_of_the_maps_and_of_no_class(browser: FeatureMapBrowser) -> None:
    assert "logit" not in browser.view._notes.value


def test_the_controls_follow_the_traits(browser: FeatureMapBrowser) -> None:
    browser.order, browser.scale, browser.style = "index", "shared", Style(opacity=0.2)
    settled(browser)
    desk = browser.view
    assert (desk.order.value, desk.scale.value, desk._opacity.slider.value) == ("index", "shared", 0.2)


def test_a_frame_of_the_film_becomes_the_layer(browser: FeatureMapBrowser) -> None:
    browser.view.depth._frames[-1].click()
    settled(browser)
    assert browser.explanation.layer == browser.view.depth.frames[-1]
    assert browser.view.depth._style.value.count("url(data:image/jpeg") == len(browser.view.depth.frames)


def test_an_explorer_and_a_browser_can_be_linked_by_layer_and_picture(
    browser: FeatureMapBrowser, probe: Probe
) -> None:
    explorer = cnnviz.Explorer(probe, [picture(), picture(seed=1)], renderer="image")
    try:
        links = [traitlets.link((browser, name), (explorer, name)) for name in ("layer", "image")]
        explorer.layer = "deep"
        assert explorer.wait(PATIENCE)
        settled(browser)
        assert browser.explanation.layer == "deep"
        browser.layer, browser.image = "positive", 1
        settled(browser)
        assert explorer.wait(PATIENCE)
        assert (explorer.explanation.layer, explorer.image) == ("positive", 1)
        for link in links:
            link.unlink()
    finally:
        explorer.close()
