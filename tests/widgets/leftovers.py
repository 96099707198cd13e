"""What a closed widget leaves behind: nothing, as the tests want it."""

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import comm
from ipywidgets.widgets import widget as registry
from matplotlib._pylab_helpers import Gcf

from cnnviz_widgets.jobs import worker

PATIENCE = 60


def left_behind() -> tuple[set[str], set[str], list[int], int]:
    """Return the widgets, comms, figures and threads that there are, once those that are ending have ended."""
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "cnnviz-timer":
            thread.join(PATIENCE)
    threads = [thread for thread in threading.enumerate() if thread.name != "cnnviz-worker"]
    return set(registry._instances), set(comm.get_comm_manager().comms), sorted(Gcf.figs), len(threads)


def collected(make: Callable[[], Any]) -> bool:
    """Make a widget, close it, and return whether nothing holds it any more."""
    before = set(threading.enumerate())  # other packages' threads may never end
    widget = make()
    gone = weakref.ref(widget)
    widget.close()
    del widget
    worker.submit("after it", lambda job: None)  # the thread has let go of the job before
    assert worker.wait("after it", PATIENCE)
    for thread in threading.enumerate():
        if thread not in before and thread is not worker._thread:
            thread.join(PATIENCE)
    gc.collect()
    return gone() is None
