"""While a slider moves: what is shown, dropped and let go, to the end of the mixer."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ipywidgets.widgets import widget as registry

from cnnviz_widgets import Image, LatentMixer, Probe
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.widgets.latent_mixer.session import MixerSession
from tests.widgets.latent_mixer.common import PATIENCE, Make, level, pictures, settled


def test_what_is_being_made_is_shown_even_if_the_next_question_is_there(probe: Probe) -> None:
    """Of three questions the first, which is being made, and the last are answered."""
    session, begun, let = MixerSession(probe), threading.Event(), threading.Event()
    seen: list[int] = []
    session.observe(lambda change: seen.append(change["new"].number), "explanation")

    class Slow:
        """A mixture that is made once it may."""

        done, progress = 1.0, ""

        def __init__(self, number: int) -> None:
            self.number = number

        def explain(self, probe: Probe, image: Image) -> Iterator[Any]:
            begun.set()
            assert let.wait(PATIENCE)
            yield self

    session.order(pictures()[0], Slow(1))  # type: ignore[arg-type]
    assert begun.wait(PATIENCE)
    session.order(pictures()[0], Slow(2))  # type: ignore[arg-type]
    session.order(pictures()[0], Slow(3))  # type: ignore[arg-type]
    let.set()
    assert session.wait(PATIENCE)
    assert seen == [1, 3]


def test_a_question_after_cancel_is_answered(mixer: LatentMixer) -> None:
    with mixer.lock:
        mixer.mix = 0.1
        mixer.cancel()
        mixer.mix = 0.75
    assert level(mixer) == pytest.approx(0.65)


def test_the_worker_is_free_once_a_slider_rests(mixer: LatentMixer) -> None:
    for k in range(20):
        mixer.mix = k / 20
    settled(mixer)
    assert not any(
        worker.busy(owner) for owner in (mixer.session, mixer.presenter, mixer.presenter.film, mixer)
    )
    assert mixer.session.state == "idle"


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    mixer = make()
    mixer.added = {2: 1.0}
    mixer.beside = "focus"
    mixer.play()
    mixer.close()
    mixer.close()
    assert len(registry._instances) == before


def test_a_cell_that_is_run_again_closes_the_mixer_before(make: Make) -> None:
    first = make(name="shown")
    second = make(name="shown")
    assert (first.closed, second.closed) == (True, False)
