"""The Explorer in kernels of their own: the user's backend, no ipympl, a notebook made into a page."""

from pathlib import Path

import pytest

from tests.kernel.cells import SETUP, opened
from tests.kernel.client import KernelClient

EXPLORE = "explorer = cnnviz.explore(probe, [picture()]); assert explorer.wait(60)"
BACKEND = """
import matplotlib
kept = matplotlib.rcParams._get("backend") if hasattr(matplotlib.rcParams, "_get") else ""
print(kept if isinstance(kept, str) else "unresolved")
"""


@pytest.mark.parametrize(
    ("prelude", "backend"),
    [
        ("%matplotlib inline", "inline"),
        ("%matplotlib widget", "widget"),
        ("import os; os.environ.pop('MPLBACKEND', None); import matplotlib", "unresolved"),
    ],
    ids=["inline", "widget", "unresolved"],
)
def test_the_users_backend_stays_what_it_was(kernel: KernelClient, prelude: str, backend: str) -> None:
    kernel.run(prelude)
    before = kernel.run(BACKEND)
    assert backend in before
    kernel.run(SETUP)
    assert kernel.run(BACKEND) == before
    assert kernel.run(EXPLORE + BACKEND) == before
    if backend != "unresolved":  # ipympl itself asks for the backend after each cell, which resolves it
        assert kernel.run(BACKEND) == before


def test_without_ipympl_the_pictures_come_as_images(kernel: KernelClient) -> None:
    kernel.run("import sys; sys.modules['ipympl'] = None")
    kernel.run(SETUP + EXPLORE)
    kernel.wait(kernel.send_code("explorer"))
    assert (
        kernel.run("print(type(explorer.canvas.widget).__name__, explorer.error or 'well')") == "Image well\n"
    )
    (data,) = [m["content"]["data"] for m in kernel.messages if m["msg_type"] == "execute_result"]
    assert opened(data["image/png"]).std() > 10


def test_a_notebook_run_and_converted_to_html_holds_the_picture(tmp_path: Path) -> None:
    import nbclient
    import nbformat
    from nbconvert import exporters

    cells = [SETUP, "cnnviz.explore(probe, [picture()])"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    (saved,) = [o["data"]["image/png"] for o in notebook.cells[1].outputs if "image/png" in o.get("data", {})]
    assert opened(saved).std() > 10
    page, _ = exporters.HTMLExporter().from_notebook_node(notebook)
    pictures = [part.split('"')[0] for part in page.split("data:image/png;base64,")[1:]]
    assert any(opened(code.replace("\\n", "")).std() > 10 for code in pictures)
