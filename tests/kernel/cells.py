"""Cells that the kernel tests run, and what comes of them."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from tests.kernel.client import KernelClient

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
desk = explorer.view
seen = []
explorer.observe(lambda change: seen.append(threading.current_thread().name), ["style", "method", "image"])
gate = threading.Event()
"""
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
LEFT = """
import comm, gc
from ipywidgets.widgets import widget as registry
from matplotlib._pylab_helpers import Gcf
gc.collect()
print(len(registry._instances), len(comm.get_comm_manager().comms), len(Gcf.figs))
"""
