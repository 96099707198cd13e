"""JupyterLab, Voila and a Chromium for the tests in this folder."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.explorer import Seen, opened
from tests.browser.server import Server, start_lab, start_voila
from tools import chromium

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the Chromium to use. Without one the test is skipped, except in continuous integration."""
    path = chromium.find()
    if path is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("No Chromium found. Install one, or name it: CHROMIUM=/path/to/chromium.")
    return path


# A module long and no longer: Playwright's event loop would stay in the thread, and nbclient needs that free.
@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Give a running Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=list(chromium.QUIET))
        yield running
        running.close()


@pytest.fixture(scope="session")
def work_folder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Return a folder with copies of the project's notebooks, for servers to serve."""
    folder = tmp_path_factory.mktemp("work")
    for notebook in (root / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, folder)
    return folder


@pytest.fixture(scope="session")
def lab_server(
    chromium_path: str, work_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a running JupyterLab."""
    server = start_lab(work_folder, tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def voila_server(
    chromium_path: str, work_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a running Voila; a notebook put into its folder is at ``voila/render/NAME.ipynb``."""
    server = start_voila(work_folder, tmp_path_factory.mktemp("voila"))
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a fresh page with nothing stored."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def notebook(request: pytest.FixtureRequest, browser: Browser, lab_server: Server) -> Iterator[Seen]:
    """Give the first widget of a notebook of the module's `CELLS`, open for all tests of the module."""
    with opened(browser, lab_server, request.module.CELLS) as seen:
        yield seen


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    """Give that Explorer, put back to where it began."""
    notebook.reset()
    return notebook
