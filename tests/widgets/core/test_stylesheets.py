"""The sheets of single kinds of widgets: a page holds the sheets of all its widgets, so each keeps to its own."""

import re

import pytest

from cnnviz_widgets.widgets.core.elements import stylesheet

OWN = {
    "comparison/comparison.css": ".cv.cv-compared",
    "feature_maps/feature_maps.css": ".cv.cv-maps",
    "latent_mixer/latent_mixer.css": ".cv.cv-mixer",
    "occlusion/occlusion.css": ".cv.cv-occlusion",
    "similarity/similarity.css": ".cv.cv-alike",
}


def selectors(sheet: str) -> list[str]:
    """Return the selectors of a sheet, those in brackets left out."""
    bare = re.sub(r"/\*.*?\*/", "", stylesheet(sheet), flags=re.DOTALL)
    rules = re.findall(r"([^{}]+)\{", bare)
    lists = [re.sub(r"\([^)]*\)", "", rule) for rule in rules if not rule.strip().startswith("@")]
    return [one.strip() for rule in lists for one in rule.split(",")]


@pytest.mark.parametrize(("sheet", "own"), OWN.items())
def test_a_sheet_touches_no_other_widget_of_the_page(sheet: str, own: str) -> None:
    found = selectors(sheet)
    assert len(found) > 5
    assert [one for one in found if not one.startswith(own)] == []
