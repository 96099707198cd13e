"""Codes in the background: the nearest so far are shown, cancelling keeps them, the latest question wins."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cnnviz_widgets import SimilarityExplorer
from cnnviz_widgets.embeddings import encoding
from tests.models import picture
from tests.widgets.similarity.common import PATIENCE, Make, settled


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Have codes computed four at a time, each time the test lets one batch pass."""
    passes = threading.Semaphore(0)
    take = encoding.Growing.take

    def gated(self: Any, indices: range) -> None:
        assert passes.acquire(timeout=PATIENCE)
        take(self, indices)

    monkeypatch.setattr(encoding, "BATCH", 4)
    monkeypatch.setattr(encoding.Growing, "take", gated)
    yield passes
    for _ in range(100):
        passes.release()


def seen(explorer: SimilarityExplorer, trait: str, wanted: Callable[[Any], bool]) -> threading.Event:
    """Return an event that is set once a trait is as wanted."""
    event = threading.Event()
    explorer.observe(lambda change: event.set() if wanted(change["new"]) else None, trait)
    if wanted(getattr(explorer, trait)):
        event.set()
    return event


def test_while_codes_are_computed_the_nearest_so_far_are_shown(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    assert "Computing the codes of 12 pictures in encoded." in explorer.view.footer.text.replace(
        "<b>", ""
    ).replace("</b>", "")
    near = seen(explorer, "neighbours", lambda value: len(value) == 3)
    gate.release()
    assert near.wait(PATIENCE)
    for _ in range(2):
        gate.release()
    assert len(settled(explorer).neighbours) == 11


def test_cancel_leaves_the_codes_there_are_and_run_again_computes_the_rest(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    near = seen(explorer, "neighbours", lambda value: len(value) == 3)
    gate.release()
    assert near.wait(PATIENCE)
    explorer.cancel()
    gate.release()
    settled(explorer)
    assert re.match(r"Stopped\. Neighbours are sought among \d of 12 pictures\.", explorer.status)
    assert explorer.scatter._chart is not None
    explorer.view.footer.again.click()
    for _ in range(2):
        gate.release()
    assert len(settled(explorer).neighbours) == 11
    assert explorer.status.startswith("Alike")


def test_another_layer_amid_the_codes_of_one_leaves_those(make: Make, gate: Any) -> None:
    explorer = make(wait=False)
    explorer.layer = "rebuilt"
    for _ in range(6):
        gate.release()
    assert settled(explorer).explanation.layer == "rebuilt"


def test_the_latest_question_wins(explorer: SimilarityExplorer) -> None:
    for match in (2, 3, 4, 5):
        explorer.match = match
    assert settled(explorer).explanation.images[1].name == "top"


def test_codes_are_kept_in_a_file(make: Make, tmp_path: Path) -> None:
    make(keep=tmp_path / "codes.npz").close()
    assert (tmp_path / "codes.npz").exists()


def test_closing_amid_the_codes_does_not_wait_for_all(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    gate.release()
    gate.release()
    explorer.close()
    assert explorer.gallery_codes.codes is None or explorer.gallery_codes.codes.done < 1
