"""The Explorer in a real kernel: busy cells, two threads, the user's own plots, what is left in the notebook."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from tests.kernel.client import KernelClient

SOON = 20  # seconds; a control that a busy cell holds up waits for MINUTE
MINUTE = 60
ROOT = Path(__file__).resolve().parents[2]
SETUP = f"""
import os, sys, threading
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
sys.path.insert(0, {str(ROOT)!r})
import cnnviz_widgets as cnnviz
from tests.models import functional, picture
probe = cnnviz.Probe(functional())
"""
SHOW = """
explorer = cnnviz.explore(probe, [picture(), picture(seed=1)], name="shown")
assert explorer.wait(60)
desk = explorer._desk
seen = []
explorer.observe(lambda change: seen.append(threading.current_thread().name), ["style", "method", "image"])
gate = threading.Event()
"""
CONTROLS = {
    "canvas": "explorer._view.widget", "opacity": "desk.style.sliders['opacity']", "tabs": "desk.chooser.tabs",
    "depth": "desk.depth.slider", "search": "desk.verdict.search", "cat": "desk.strip._thumbs[1]",
    "cancel": "desk.footer.cancel",
}  # fmt: skip


@pytest.fixture(scope="module")
def ready() -> Iterator[KernelClient]:
    """Give a kernel that has a small network at hand."""
    client = KernelClient()
    try:
        client.start().run(SETUP)
        yield client
    finally:
        client.stop()


@pytest.fixture(scope="module")
def lane(ready: KernelClient) -> str:
    """Give a subshell; skip where the kernel has none."""
    if not ready.has_subshells:
        pytest.skip("this ipykernel has no subshells; they came with 7.0")
    return ready.make_subshell()


@pytest.fixture
def ids(ready: KernelClient) -> dict[str, str]:
    """Show an Explorer as a cell does, and give the model ids of its controls."""
    ready.run(SHOW)
    return {name: ready.run(f"print({where}.model_id)").strip() for name, where in CONTROLS.items()}


@pytest.fixture
def primed(ready: KernelClient, lane: str, ids: dict[str, str]) -> dict[str, str]:
    """Have the page's canvas come up on a subshell, as JupyterLab's does."""
    for kind in ("refresh", "send_image_mode", "initialized", "refresh", "draw"):
        ready.wait(ready.comm_custom(ids["canvas"], {"type": kind}, subshell=lane), SOON)
    return ids


BUSY = "gate.clear(); running.set(); assert gate.wait(60)"
ASYNC = "import asyncio; gate.clear(); running.set()\nwhile not gate.is_set(): await asyncio.sleep(0.005)"


class Busy:
    """A cell that runs until this ends."""

    def __init__(self, kernel: KernelClient, lane: str, code: str) -> None:
        self.kernel, self.lane, self.code = kernel, lane, code

    def __enter__(self) -> "Busy":
        self.kernel.run("running = threading.Event()")
        self.cell = self.kernel.send_code(self.code)
        self.kernel.run("assert running.wait(60)", subshell=self.lane)
        return self

    def __exit__(self, *_: Any) -> None:
        assert self.cell in self.kernel.pending, "the cell ended before its time"
        self.kernel.run("gate.set()", subshell=self.lane)
        self.kernel.wait(self.cell, MINUTE)


def errors(kernel: KernelClient, since: int = 0) -> list[str]:
    """Return what the kernel has complained of."""
    found = []
    for message in kernel.messages[since:]:
        content = message["content"]
        if message["msg_type"] == "error":
            found.append("\n".join(content["traceback"]))
        elif message["msg_type"] == "stream" and "Traceback" in content["text"]:
            found.append(content["text"])
    return found


def opened(code: str) -> Any:
    return np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))


# a busy cell


@pytest.mark.parametrize("code", [BUSY, ASYNC], ids=["busy cell", "async cell"])
def test_while_a_cell_runs_the_controls_answer_once_the_page_has_come_up(
    ready: KernelClient, lane: str, primed: dict[str, str], code: str
) -> None:
    with Busy(ready, lane, code):
        ready.wait(ready.comm_update(primed["opacity"], {"value": 0.3}, lane), SOON)
        ready.wait(ready.comm_update(primed["tabs"], {"index": 1}, lane), SOON)
        ready.wait(ready.comm_custom(primed["cat"], {"event": "click"}, subshell=lane), SOON)
        ready.run("assert explorer.wait(20)", subshell=lane)
        ready.wait(ready.comm_update(primed["opacity"], {"value": 0.7}, lane), SOON)
        shown = "print(explorer.style.opacity, explorer.method, explorer.image, explorer.error or 'well')"
        assert ready.run(shown, subshell=lane) == "0.7 Saliency 1 well\n"
    assert "MainThread" not in ready.run("print(seen)")


def test_controls_answer_on_two_threads_in_turn(
    ready: KernelClient, lane: str, primed: dict[str, str]
) -> None:
    for k, opacity in enumerate((0.1, 0.2, 0.3, 0.4)):
        ready.run("desk.style.sliders['opacity'].send_state('tooltip')", subshell=lane if k % 2 else None)
        ready.wait(ready.comm_update(primed["opacity"], {"value": opacity}, lane), SOON)
    seen = ready.run("print(*seen)").split()
    follows = ready.run("import ipykernel; print(ipykernel.version_info[:2] >= (7, 4))") == "True\n"
    # from 7.4 on a message goes to whichever shell spoke last on its comm, before to the one that it names
    assert [name.split("-")[0] for name in seen] == (
        ["MainThread", "subshell"] * 2 if follows else ["subshell"] * 4
    )
    assert ready.run("print(explorer.style.opacity)") == "0.4\n"


def test_moves_on_two_threads_at_once_leave_one_picture_and_no_error(
    ready: KernelClient, lane: str, primed: dict[str, str]
) -> None:
    since = len(ready.messages)
    cell = ready.send_code(
        "for k in range(60):\n    explorer.layer = ('conv_1', 'conv_2', 'relu_1')[k % 3]\n    explorer.image = k % 2"
    )
    k = 0
    while cell in ready.pending:
        ready.wait(ready.comm_update(primed["opacity"], {"value": 0.05 * (k % 20)}, lane), MINUTE)
        k += 1
    shown = ready.run("explorer.wait(60); print(explorer.explanation.layer, explorer.image, explorer.error)")
    assert shown.split() == ["relu_1", "1"]
    assert errors(ready, since) == []


PLOTS = """
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
for k in range(12):
    figure, axes = pyplot.subplots(1, 2, layout="constrained" if k % 2 else None)
    axes[0].loglog([1, 10, 1e4], [1e-6, 1, 1e6])
    axes[0].set_title(rf"$\\\\sum_{{i={k}}}^\\\\infty \\\\frac{{\\\\alpha_i}}{{\\\\sqrt{{2\\\\pi}}}}$")
    axes[1].semilogy([1e-3, 1], [1e-3, 1e3], label=r"$10^{-3}$")
    axes[1].legend()
    figure.savefig("/dev/null", format="png")
    pyplot.close(figure)
print("drawn")
""".replace("\\\\\\\\", "\\\\").replace("\\\\", "\\")


def test_the_users_own_plots_and_our_overlays_draw_at_once(
    ready: KernelClient, lane: str, primed: dict[str, str]
) -> None:
    since = len(ready.messages)
    cell = ready.send_code(PLOTS)
    moves = 0
    while cell in ready.pending:
        opacity = 0.05 * (moves % 20)
        ready.wait(ready.comm_update(primed["opacity"], {"value": opacity}, lane), MINUTE)
        ready.wait(ready.comm_custom(primed["canvas"], {"type": "draw"}, subshell=lane), MINUTE)
        moves += 1
    assert moves > 3
    assert errors(ready, since) == []
    printed = [m["content"]["text"] for m in ready.messages[since:] if m["msg_type"] == "stream"]
    assert "drawn\n" in printed
    assert ready.run("print(explorer.error or 'well')") == "well\n"


# what the page says


def test_a_search_from_the_page_without_sense_is_told_in_the_widget(
    ready: KernelClient, ids: dict[str, str]
) -> None:
    ready.wait(ready.comm_update(ids["search"], {"value": "no such thing"}), SOON)
    assert ready.run("print(explorer.error)").startswith("Nothing is called 'no such thing'.")
    assert "cv-bad" in ready.run("print(desk.footer._say.value)")


GATED = """
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
steps = [threading.Semaphore(0), threading.Semaphore(0)]

@cnnviz.register
@dataclass(frozen=True)
class Gated(cnnviz.Method):
    "Goes on when it is let."
    label: ClassVar[str] = "Gated"
    family: ClassVar[str] = "Cover"
    help: ClassVar[str] = "goes on when it is let"
    source: ClassVar[str] = "nobody"
    says: ClassVar[str] = "{places}."

    def explain(self, probe, image):
        for k in range(1, 5):
            values = np.full((2, 2), k, np.float32)
            yield cnnviz.Heatmap(**self.about(probe, image), values=values, done=k / 4, progress=f"{k} of 4")
            steps[0].release()
            assert steps[1].acquire(timeout=60)

explorer.method = "Gated"
assert steps[0].acquire(timeout=60)
"""


def test_cancel_from_the_page_stops_within_a_step_while_a_cell_runs(
    ready: KernelClient, lane: str, primed: dict[str, str]
) -> None:
    ready.run(GATED)
    ready.wait(ready.comm_custom(primed["canvas"], {"type": "initialized"}, subshell=lane), SOON)
    with Busy(ready, lane, BUSY):
        ready.wait(ready.comm_custom(primed["cancel"], {"event": "click"}, subshell=lane), SOON)
        ready.run("steps[1].release(); assert explorer.wait(20)", subshell=lane)
    assert ready.run("print(explorer.explanation.done, explorer.session.state)") == "0.25 cancelled\n"
    assert (
        ready.run("print(explorer.status)") == "Stopped. The map is from 1 of 4 places, coarse elsewhere.\n"
    )


def test_two_linked_explorers_follow_the_page(ready: KernelClient, lane: str, primed: dict[str, str]) -> None:
    ready.run(
        "import traitlets\n"
        "other = cnnviz.explore(probe, picture(), method='Feature maps', name='other'); other.wait(60)\n"
        "link = traitlets.link((explorer, 'layer'), (other, 'layer'))"
    )
    ready.wait(ready.comm_update(primed["depth"], {"index": 0}, lane), SOON)
    told = "explorer.wait(60); other.wait(60); print(explorer.explanation.layer, other.explanation.layer)"
    assert ready.run(told) == "conv_1 conv_1\n"
    ready.run("link.unlink(); other.close()")


# what is left


LEFT = """
import comm, gc
from ipywidgets.widgets import widget as registry
from matplotlib._pylab_helpers import Gcf
gc.collect()
print(len(registry._instances), len(comm.get_comm_manager().comms), len(Gcf.figs))
"""


def test_to_run_a_cell_again_leaves_nothing_of_the_explorer_before(ready: KernelClient) -> None:
    cell = "cnnviz.explore(probe, [picture()], name='again').wait(60)"
    ready.run(cell)
    left = ready.run(LEFT)
    for _ in range(3):
        ready.run(cell)
    assert ready.run(LEFT) == left


def test_to_run_a_cell_again_closes_the_comm_of_the_one_before(
    ready: KernelClient, ids: dict[str, str]
) -> None:
    ready.run(SHOW)
    closed = {m["content"]["comm_id"] for m in ready.messages if m["msg_type"] == "comm_close"}
    assert set(ids.values()) <= closed


def test_the_output_of_a_cell_holds_a_picture_and_words(ready: KernelClient, ids: dict[str, str]) -> None:
    sent = ready.send_code("explorer")
    ready.wait(sent)
    (data,) = [m["content"]["data"] for m in ready.messages if m["msg_type"] == "execute_result"][-1:]
    assert data["text/plain"].startswith("Explorer(functional): Warm places speak for")
    assert "application/vnd.jupyter.widget-view+json" in data
    assert opened(data["image/png"]).std() > 10


# kernels of their own

EXPLORE = "explorer = cnnviz.explore(probe, [picture()]); assert explorer.wait(60)"
BACKEND = """
import matplotlib
kept = matplotlib.rcParams._get("backend") if hasattr(matplotlib.rcParams, "_get") else ""
print(kept if isinstance(kept, str) else "unresolved")
"""


@pytest.mark.parametrize(
    ("prelude", "backend"),
    [
        ("import matplotlib; matplotlib.use('agg')", "agg"),
        ("%matplotlib inline", "inline"),
        ("%matplotlib widget", "widget"),
        ("import os; os.environ.pop('MPLBACKEND', None); import matplotlib", "unresolved"),
    ],
    ids=["agg", "inline", "widget", "unresolved"],
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
        kernel.run("print(type(explorer._view.widget).__name__, explorer.error or 'well')") == "Image well\n"
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
