"""The kernel client itself, on a plain slider."""

import pytest

from tests.kernel.client import KernelClient

SLIDER = """
import ipywidgets, threading
seen = []
slider = ipywidgets.IntSlider()
slider.observe(lambda change: seen.append((change["new"], threading.current_thread().name)), "value")
slider.on_msg(lambda widget, content, buffers: seen.append((content["kind"], bytes(buffers[0]))))
print(slider.model_id)
"""


def test_code_prints_and_its_errors_are_raised(kernel: KernelClient) -> None:
    assert kernel.run("print(6 * 7)") == "42\n"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        kernel.run("1 / 0")


def test_a_comm_update_sets_the_value_on_the_main_thread(kernel: KernelClient) -> None:
    slider = kernel.run(SLIDER).strip()
    kernel.comm_update(slider, {"value": 7})
    kernel.drain()
    assert kernel.run("print(seen)") == "[(7, 'MainThread')]\n"
    assert any(data.get("state") == {"value": 7} for data in kernel.comm_messages(slider))


def test_a_custom_message_brings_its_buffers(kernel: KernelClient) -> None:
    slider = kernel.run(SLIDER).strip()
    kernel.comm_custom(slider, {"kind": "picture"}, [b"bytes"])
    kernel.drain()
    assert kernel.run("print(seen)") == "[('picture', b'bytes')]\n"


def test_a_comm_update_on_a_subshell_is_done_while_a_cell_runs(kernel: KernelClient, subshell: str) -> None:
    slider = kernel.run(SLIDER).strip()
    kernel.wait(kernel.comm_update(slider, {"value": 1}, subshell))
    kernel.run("gate = threading.Event()")
    cell = kernel.send_code("gate.wait(60)")
    kernel.wait(kernel.comm_update(slider, {"value": 2}, subshell))
    assert cell in kernel.pending
    kernel.run("gate.set()", subshell=subshell)
    kernel.wait(cell)
    assert "(2, 'subshell-" in kernel.run("print(seen)")
