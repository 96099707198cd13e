"""Threads, the user's Matplotlib, and the end of a view."""

import gc
import io
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import comm
import ipywidgets
import matplotlib
import numpy as np
import pytest
from ipywidgets.widgets import widget as registry
from matplotlib._pylab_helpers import Gcf

from cnnviz_widgets.errors import MissingPackageError
from cnnviz_widgets.widgets.canvas import Canvas, make_canvas
from tests.widgets.canvas.common import Wire, scene


def test_a_worker_shows_while_main_is_busy(wire: Wire) -> None:
    wire.clear()
    worker = threading.Thread(target=lambda: [wire.view.show(scene(seed), moving=True) for seed in range(5)])
    worker.start()
    count = 0
    while worker.is_alive():
        count += sum(range(1000))
    assert len(wire.frames()) >= 5
    assert count > 0


def test_drawing_in_threads_does_not_disturb_the_users_formulas(view: Any) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    errors: list[BaseException] = []
    stop = threading.Event()

    def animate(call: Callable[[int], None]) -> None:
        turn = 0
        while not stop.is_set():
            try:
                call(turn)
            except Exception as error:
                errors.append(error)
            turn += 1

    wire = Wire(view)
    wire.up()
    shows = threading.Thread(
        target=animate, args=(lambda k: view.show(scene(k % 3, low=str(k)), moving=True),)
    )
    draws = threading.Thread(target=animate, args=(lambda k: wire.tell("draw"),))
    for thread in (shows, draws):
        thread.start()
    for turn in range(12):
        figure = Figure(figsize=(3, 2))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.semilogy(np.arange(1, 9) + turn)
        axes.set_xlabel(rf"$x_{{{turn}}}$")
        figure.tight_layout()
        figure.savefig(io.BytesIO(), bbox_inches="tight")
    stop.set()
    for thread in (shows, draws):
        thread.join()
    assert errors == []


BACKEND = """
import os
os.environ.pop("MPLBACKEND", None)
{before}
from cnnviz_widgets.widgets.canvas import make_canvas
view = make_canvas("M", "ipympl")
view.close()
import matplotlib
{after}
"""
RAW = "dict.__getitem__(matplotlib.rcParams, 'backend')"
UNRESOLVED = f"assert not isinstance({RAW}, str), {RAW}"
FIGURE = "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as p; figure = p.figure()"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", UNRESOLVED),
        ("import matplotlib.pyplot", UNRESOLVED),
        ("import matplotlib; matplotlib.use('agg')", f"assert {RAW} == 'agg', {RAW}"),
        ("import matplotlib; matplotlib.use('widget')", f"assert {RAW} == 'widget', {RAW}"),
        (FIGURE, f"assert {RAW} == 'agg' and p.get_fignums() == [1], {RAW}"),
    ],
    ids=["not imported", "unresolved pyplot", "agg", "widget", "open figure"],
)
def test_the_users_backend_stays_as_it_was(before: str, after: str) -> None:
    code = BACKEND.format(before=before, after=after)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_image_view_needs_no_ipympl() -> None:
    code = """
import sys
sys.modules["ipympl"] = None
from cnnviz_widgets.widgets.canvas import make_canvas
make_canvas("M", "image")
assert "matplotlib.figure" not in sys.modules
assert type(make_canvas("M")).__name__ == "ImageCanvas"
try:
    make_canvas("M", "ipympl")
except ImportError as error:
    print(type(error).__name__, error)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith(
        f"{MissingPackageError.__name__} renderer='ipympl' needs the package ipympl"
    ), done


def test_no_figure_is_left_to_pyplot(view: Any) -> None:
    view.show(scene())
    assert Gcf.get_all_fig_managers() == []
    assert matplotlib.get_backend().lower() == "agg"


def settled_threads(at_most: int) -> int:
    """Return how many threads run once those that are ending have ended."""
    for thread in threading.enumerate():
        if threading.active_count() <= at_most:
            break
        if thread.name == "cnnviz-timer":
            thread.join(5)
    return threading.active_count()


@pytest.mark.parametrize("renderer", ["ipympl", "image"])
def test_fifty_views_leave_nothing_behind(renderer: str) -> None:
    def cycle() -> weakref.ref[Any]:
        view: Any = make_canvas("M", renderer)
        view.on_hover = lambda *place: view.show(scene())
        if renderer == "ipympl":
            Wire(view).up()
        view.show(scene(hero=(60, 60)), moving=True)
        view.close()
        view.close()
        return weakref.ref(view.widget)

    def counts() -> tuple[int, ...]:
        gc.collect()
        comms = comm.get_comm_manager().comms
        return len(registry._instances), len(comms), len(Gcf.figs)

    cycle()
    before, threads = counts(), threading.active_count()
    references = [cycle() for _ in range(50)]
    gc.collect()
    assert counts() == before
    assert settled_threads(threads) <= threads
    assert [reference for reference in references if reference() is not None] == []


def test_a_closed_view_takes_everything_and_does_nothing(either: Any) -> None:
    either.show(scene(), moving=True)
    either.close()
    either.show(scene())
    either.resize("M")
    either.close()
    assert either.widget.comm is None


def test_closing_the_widget_alone_frees_its_parts(view: Any) -> None:
    parts = [view.widget.toolbar, view.widget.toolbar.layout, view.widget.layout]
    view.widget.close()
    assert [part.comm for part in parts] == [None, None, None]
    view.show(scene())


def test_a_view_stands_in_a_box(either: Canvas) -> None:
    box = ipywidgets.VBox([either.widget])
    assert box.children == (either.widget,)
    box.close()
