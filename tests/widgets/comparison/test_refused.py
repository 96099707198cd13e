"""What the comparison refuses at the start; names of others are text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from cnnviz_widgets import Heatmap, Image, Probe
from cnnviz_widgets.errors import CnnvizError, ImageError, LayerError, ModelError, SettingError, TargetError
from tests.models import functional, picture
from tests.widgets.comparison.common import Make, Slow, sheets
from tests.widgets.leftovers import left_behind
from tests.widgets.page import HOSTILE


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
            desk = comparison.view
            shown = [part.value for part in (*desk.cells._rows, *desk.cells._columns, desk.named, desk.read)]
            shown += [desk.footer._say.value, desk.footer._right.value, *sheets(comparison)]
            assert not any("<img src=x" in text for text in shown)
