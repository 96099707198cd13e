"""The Explorer in a real kernel: busy cells, two threads, the user's own plots, what is left in the kernel."""

from collections.abc import Iterator

import pytest

from tests.kernel.cells import ASYNC, BUSY, GATED, LEFT, MINUTE, PLOTS, SETUP, SHOW, Busy, errors, opened
from tests.kernel.client import KernelClient

SOON = 20  # seconds; a control that a busy cell holds up waits for MINUTE
CONTROLS = {
    "canvas": "explorer.canvas.widget", "opacity": "desk.style.sliders['opacity']", "tabs": "desk.chooser.tabs",
    "depth": "desk.depth.slider", "search": "desk.verdict.search", "cat": "desk.strip.thumbs[1]",
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


def test_cancel_from_the_page_stops_within_a_step_while_a_cell_runs(
    ready: KernelClient, lane: str, primed: dict[str, str]
) -> None:
    ready.run(GATED)
    ready.wait(ready.comm_custom(primed["canvas"], {"type": "initialized"}, subshell=lane), SOON)
    with Busy(ready, lane, BUSY):
        ready.wait(ready.comm_custom(primed["cancel"], {"event": "click"}, subshell=lane), SOON)
        ready.run("steps[1].release(); assert explorer.wait(20)", subshell=lane)
    assert ready.run("print(explorer.explanation.done, explorer.session.state)") == "0.25 cancelled\n"
    assert ready.run("print(explorer.status)") == "Stopped. The map is from 1 of 4 parts.\n"


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
