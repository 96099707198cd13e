"""A model without a `call` of its own: which models it holds, and the line of code that puts them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import listed
from ..opening import functional, random_values
from ..opening.check import distance
from ..opening.untouched import untouched

MOST_LINES = 2


def has_call(model: Any) -> bool:
    """Return False for a model whose class does not say what it does with a picture."""
    import keras

    return type(model).call is not keras.Model.call


def parts_of(model: Any) -> dict[str, Any]:
    """Return the models that a model holds in its attributes, by name."""
    import keras

    return {
        name: part
        for name, part in vars(model).items()
        if isinstance(part, keras.Model) and not name.startswith("_")
    }


def without_call(model: Any) -> str:
    """Return what to do with a model that has no `call`: its parts, and the code that looks at them."""
    name = str(model.name) if str(model.name).isidentifier() else "model"
    parts = parts_of(model)
    begin = f"{name} has no `call`, so it is not said what it makes of a picture"
    if not parts:
        return f"{begin}, and holds no model that does. Give its class a `call(self, images)`."
    told = listed(f"{name}.{part}{_shapes(held)}" for part, held in parts.items())
    lines = [line for _, line in sorted(_joined(model, name, parts), key=lambda found: not found[0])]
    alone = [part for part, held in parts.items() if _takes_pictures(held)]
    cures = [f"Together: cnnviz.Probe({line})." for line in lines[:MOST_LINES]]
    cures += [f"One by itself: cnnviz.Probe({name}.{part})." for part in alone]
    return " ".join([f"{begin}. Its parts: {told}.", *cures])


def _shapes(part: Any) -> str:
    """Return what a part takes and gives, as far as that is known."""
    if functional(part) is None:
        return ""
    taken, given = (" and ".join(_sized(t.shape) for t in side) for side in (part.inputs, part.outputs))
    return f" from {taken} to {given}"


def _sized(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join(["N", *("any" if n is None else str(n) for n in shape[1:])]) + ")"


def _takes_pictures(part: Any) -> bool:
    inner = functional(part)
    return (
        inner is not None
        and len(inner.inputs) == 1
        and len(inner.inputs[0].shape) == 4
        and bool(part.weights)  # not a chain of augmentations
    )


def _joined(model: Any, name: str, parts: Mapping[str, Any]) -> Iterator[tuple[bool, str]]:
    """Return whether a picture comes out, and the code, for each two parts that were tried and fit."""
    for first, encoder in parts.items():
        for second, decoder in parts.items():
            if encoder is decoder or not _takes_pictures(encoder) or functional(decoder) is None:
                continue
            with untouched(model):
                key = _fitting(encoder, decoder)
            if key is not None:
                made = f"outputs{key or '[0]'}" if _is_chain(encoder) else f"output{key}"
                taken = "inputs" if _is_chain(encoder) else "input"
                code = f"keras.Model({name}.{first}.{taken}, {name}.{second}({name}.{first}.{made}))"
                yield len(decoder.outputs[0].shape) == 4, code


def _fitting(encoder: Any, decoder: Any) -> str | None:
    """Return how the output of one model that another takes is written, ``[2]`` for a third; None if none fits.

    Of several that fit it is the last, as what is sampled stands last; if that is drawn at random, the first.
    """
    import keras

    if len(decoder.inputs) != 1:
        return None
    wanted = tuple(decoder.inputs[0].shape[1:])
    picture = random_values(encoder.inputs)
    try:
        with keras.StatelessScope():
            made, again = (encoder(*picture, training=False) for _ in range(2))
            structure = None if _is_chain(encoder) else encoder.output
            named = list(_named(made, structure))
            fits = [(key, out) for key, out in named if _fits(tuple(out.shape[1:]), wanted)]
            if not fits:
                return None
            twice = dict(_named(again, structure))
            key, out = fits[-1] if not distance([twice[fits[-1][0]]], [fits[-1][1]]) else fits[0]
            decoder(out, training=False)
    except Exception:
        return None
    return key


def _named(made: Any, structure: Any) -> Iterator[tuple[str, Any]]:
    """Return each output with the way it is picked from `structure`: nothing for one alone, else its place or key."""
    if isinstance(structure, Mapping):
        yield from ((f"[{key!r}]", made[key]) for key in structure)
    elif isinstance(structure, list | tuple):
        yield from ((f"[{k}]", out) for k, out in enumerate(made))
    else:
        yield "", made


def _is_chain(part: Any) -> bool:
    """Return True for a Sequential, which has no ``output`` before its first call."""
    return hasattr(part, "pop")


def _fits(made: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(made) == len(wanted) and all(b is None or a == b for a, b in zip(made, wanted, strict=True))
