"""The weights reader: right numbers from a file written here byte by byte; all else is refused."""

import hashlib
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from cnnviz_widgets.demo import torch_state
from cnnviz_widgets.demo.torch_state import parse_state, read_state
from cnnviz_widgets.errors import ModelError

NUMBERS = np.arange(6, dtype="<f4")
HEAD = b"".join(
    pickle.dumps(part, 2)
    for part in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True, "protocol_version": 1001})
)


def text(word: str) -> bytes:
    return b"X" + struct.pack("<I", len(word)) + word.encode()


def whole_numbers(*values: int) -> bytes:
    return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"


def tensor(
    offset: int, shape: tuple[int, ...], steps: tuple[int, ...], storage_class: str = "FloatStorage"
) -> bytes:
    storage = (
        b"("
        + text("storage")
        + f"ctorch\n{storage_class}\n".encode()
        + text("7")
        + text("cpu")
        + b"K\x06Nt"
        + b"Q"
    )
    where = b"K" + bytes([offset]) + whole_numbers(*shape) + whole_numbers(*steps)
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + where + b"\x89}tR"


def state_file(value: bytes, tail: bytes = struct.pack("<q", 6) + NUMBERS.tobytes()) -> bytes:
    named = b"\x80\x02}" + text("weight") + value + b"s."
    return HEAD + named + pickle.dumps(["7"], 2) + tail


def test_a_tensor_is_read_in_the_order_of_its_steps() -> None:
    state = parse_state(state_file(tensor(0, (3, 2), (1, 3))))
    np.testing.assert_array_equal(state["weight"], [[0, 3], [1, 4], [2, 5]])


def test_a_tensor_may_begin_inside_its_storage() -> None:
    state = parse_state(state_file(tensor(4, (2,), (1,))))
    np.testing.assert_array_equal(state["weight"], [4, 5])


@pytest.mark.parametrize(("offset", "shape", "steps"), [(0, (7,), (1,)), (5, (2,), (1,)), (5, (2,), (-1,))])
def test_a_tensor_outside_of_its_storage_is_refused(
    offset: int, shape: tuple[int], steps: tuple[int]
) -> None:
    with pytest.raises(ModelError, match="outside of its storage"):
        parse_state(state_file(tensor(offset, shape, steps)))


@pytest.mark.parametrize(
    "name", ["os.system", "posix.system", "builtins.eval", "torch.load", "collections.Counter"]
)
def test_a_file_that_asks_for_anything_off_the_list_is_refused_by_name(name: str) -> None:
    module, function = name.split(".")
    call = f"c{module}\n{function}\n".encode() + b"(" + text("echo never") + b"tR"
    with pytest.raises(ModelError, match=f"asks for {name}, which is not on the list"):
        parse_state(state_file(call))


def test_a_refused_call_has_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    call = b"cos\nsystem\n(" + text(f"touch {trace}") + b"tR"
    with pytest.raises(ModelError, match=r"os\.system"):
        parse_state(state_file(call))
    assert not trace.exists()


def test_a_storage_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ModelError, match=r"torch\.HalfStorage"):
        parse_state(state_file(tensor(0, (6,), (1,), "HalfStorage")))


def test_a_file_cut_short_is_refused() -> None:
    with pytest.raises(ModelError, match="cut short"):
        parse_state(state_file(tensor(0, (6,), (1,)))[:-1])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip archive", HEAD])
def test_bytes_that_are_no_state_file_are_refused(content: bytes) -> None:
    with pytest.raises(ModelError, match="is not a PyTorch state file"):
        parse_state(content)


def test_another_protocol_is_refused() -> None:
    content = state_file(tensor(0, (6,), (1,))).replace(pickle.dumps(1001, 2), pickle.dumps(1002, 2), 1)
    with pytest.raises(ModelError, match="protocol 1001"):
        parse_state(content)


def test_a_file_with_the_right_checksum_is_read(tmp_path: Path) -> None:
    content = state_file(tensor(0, (6,), (1,)))
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_state(path, hashlib.sha256(content).hexdigest())["weight"], NUMBERS)


def test_a_tampered_file_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = state_file(tensor(0, (6,), (1,)))
    path = tmp_path / "weights.pth"
    path.write_bytes(content[:-1] + b"\x00")
    read: list[bytes] = []
    monkeypatch.setattr(torch_state, "parse_state", read.append)
    with pytest.raises(
        ModelError, match=r"was not read: its sha256 is [0-9a-f]{64}.*pip install --force-reinstall"
    ):
        read_state(path, hashlib.sha256(content).hexdigest())
    assert not read
