"""The quickstart as an app, served by Voila."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.explorer import PATIENCE, Seen
from tests.browser.lab import SECONDS, Lab
from tests.browser.server import Server


def test_voila_serves_the_quickstart_and_a_slider_changes_the_picture(
    page: Page, voila_server: Server
) -> None:
    assert (Path(voila_server.folder) / "00_quickstart.ipynb").exists()
    page.set_default_timeout(PATIENCE * SECONDS)
    seen = Seen(Lab(page, voila_server))
    page.goto(f"{voila_server.url}voila/render/00_quickstart.ipynb")
    expect(seen.sentence).to_contain_text("speak for", timeout=2 * PATIENCE * SECONDS)
    seen.lab.wait_for_canvas(seen.canvas, PATIENCE)
    before = seen.hero()
    assert before.std() > 20
    after = seen.changes(lambda: seen.slider("Opacity").press("Home"))
    assert np.abs(after - before).mean() > 5
    seen.changes(lambda: seen.slider("Depth").press("ArrowLeft"), "in layer")
    assert seen.lab.errors == []
