"""Reads the numbers of a legacy PyTorch state file with NumPy, and nothing else that the file may ask for.

The file is four pickles (magic number, protocol, system, tensors), a fifth with the order of the storages,
and then each storage as a count (int64) and its raw numbers. Nothing is unpickled before the checksum
agrees, and then only from names on a list.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ModelError
from .checksum import checked_bytes

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001


class _StorageRef(NamedTuple):
    key: str
    dtype: np.dtype[Any]
    length: int


@dataclass(frozen=True)
class _TensorRef:
    """Where a tensor lies in a storage: first element, shape and steps, counted in elements."""

    storage: _StorageRef
    offset: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]


def _tensor_ref(storage: _StorageRef, offset: int, shape: Any, steps: Any, *_: Any) -> _TensorRef:
    return _TensorRef(storage, int(offset), tuple(map(int, shape)), tuple(map(int, steps)))


_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor_ref,
    ("torch", "FloatStorage"): np.dtype("<f4"),
    ("torch", "LongStorage"): np.dtype("<i8"),
}


class _StateUnpickler(pickle.Unpickler):
    """An unpickler that knows four names and turns storages into references."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise ModelError(
                f"the weights file asks for {module}.{name}, which is not on the list of what it may use."
            )
        return _ALLOWED[module, name]

    def persistent_load(self, pid: Any) -> _StorageRef:
        match pid:
            case ("storage", np.dtype() as dtype, str(key), _, int(length), None):
                return _StorageRef(key, dtype, length)
        raise ModelError(f"the weights file names a storage in a way that is not known: {pid!r}.")


def read_state(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """Return the tensors of a legacy state file by name, as NumPy arrays in their own shapes.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        Its checksum in hexadecimal. The very bytes that agree with it are the ones that are read.

    Raises
    ------
    ModelError
        If the checksum differs, or the file is not such a state file.
    """
    return parse_state(checked_bytes(path, sha256))


def parse_state(content: bytes) -> dict[str, np.ndarray]:
    """Return the tensors in the bytes of a legacy state file. Call `read_state`, which checks them first."""
    stream = io.BytesIO(content)
    try:
        magic, protocol, system, named, keys = (_StateUnpickler(stream).load() for _ in range(5))
    except ModelError:
        raise
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise ModelError(f"the weights file is not a PyTorch state file: {error}.") from error
    if (magic, protocol) != (_MAGIC, _PROTOCOL) or not system["little_endian"]:
        raise ModelError(
            "the weights file is not a legacy, little-endian PyTorch state file of protocol 1001."
        )
    refs = {name: ref for name, ref in named.items() if isinstance(ref, _TensorRef)}
    storages = _storages(
        content, stream.tell(), keys, {ref.storage.key: ref.storage for ref in refs.values()}
    )
    return {name: _tensor(name, ref, storages[ref.storage.key]) for name, ref in refs.items()}


def _storages(
    content: bytes, at: int, keys: list[str], refs: dict[str, _StorageRef]
) -> dict[str, np.ndarray]:
    if set(keys) != set(refs):
        raise ModelError("the weights file lists other storages than its tensors use.")
    read = {}
    for key in keys:
        ref = refs[key]
        count = int.from_bytes(content[at : at + 8], "little", signed=True)
        end = at + 8 + count * ref.dtype.itemsize
        if count < 0 or count != ref.length or end > len(content):
            raise ModelError(
                f"the weights file is cut short: storage {key} should hold {ref.length} numbers."
            )
        read[key] = np.frombuffer(content, ref.dtype, count, at + 8)
        at = end
    return read


def _tensor(name: str, ref: _TensorRef, storage: np.ndarray) -> np.ndarray:
    last = ref.offset + sum((size - 1) * step for size, step in zip(ref.shape, ref.steps, strict=True))
    if min((ref.offset, *ref.steps, *ref.shape)) < 0 or last >= len(storage):
        raise ModelError(f"the weights file places {name} outside of its storage.")
    steps = [step * storage.itemsize for step in ref.steps]
    return np.lib.stride_tricks.as_strided(storage[ref.offset :], ref.shape, steps, writeable=False)
