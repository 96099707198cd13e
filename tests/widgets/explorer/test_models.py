"""Models of every kind in the Explorer: drawn, or refused in words."""

from collections.abc import Callable
from typing import Any

import pytest

from cnnviz_widgets import LayerEnergy
from cnnviz_widgets.errors import ModelError
from tests.easy_models import constant
from tests.models import ZOO, Subclassed, autoencoder, closed, no_convolution, picture
from tests.widgets.explorer.common import Held, Make, settled, shown


@pytest.mark.parametrize("kind", [kind for kind in ZOO if kind != "Sequential, not built"])
def test_a_model_of_every_kind_opens_and_draws(make: Make, kind: str) -> None:
    explorer = make(ZOO[kind](), [picture()])
    assert explorer.error == ""
    assert explorer.explanation is not None
    assert explorer.status.endswith(".")


def test_a_score_that_never_changes_draws_and_says_why_it_is_flat(make: Make) -> None:
    explorer = make(constant())
    for name in ("Grad-CAM", "Saliency", "Occlusion"):
        explorer.method = name
        settled(explorer)
        assert explorer.status.startswith("Flat: ")
        assert explorer.error == ""
        assert shown(explorer).std() > 5


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (no_convolution, "No layer of no_convolution has maps"),
        (closed, "closed is written as a class and could not be opened"),
    ],
    ids=["no convolution", "closed"],
)
def test_a_model_without_maps_begins_with_pixels_and_says_why_it_has_no_class_maps(
    make: Make, model: Callable[[], Any], says: str
) -> None:
    explorer = make(model())
    assert (explorer.method, explorer.error) == ("Saliency", "")
    held = Held(explorer)
    explorer.method = "Grad-CAM"
    held.stays_and_says(says)
    explorer.method = "Occlusion"
    settled(explorer)
    assert explorer.error == ""


def test_a_subclassed_model_that_was_never_called_is_explored_or_refused_in_words(make: Make) -> None:
    with pytest.raises(ModelError, match=r"[Cc]all it once"):
        make(Subclassed())


def test_an_autoencoder_explains_its_code_and_has_no_classes(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    assert explorer.explanation.recipe.target == LayerEnergy("encoded")
    assert all(bar.layout.display == "none" for bar in explorer.view.verdict._bars)
    assert explorer.view.verdict._chip.description.startswith("the energy of encoded")
