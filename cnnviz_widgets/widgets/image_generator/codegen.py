"""The lines that make a generated picture again, a picture from the middle of a climb too."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...explanation import GeneratedImage
from ...export import code
from ...images.image import Image
from ...objectives import ClassScore, Objective, Several
from .run import NUMBERS

WIDTH = 88
WENT_ON = "# The climb went on from an earlier picture with other settings; these lines climb with the last ones alone."


def code_of(made: GeneratedImage, probe: Mapping[str, Any], gone_on: bool) -> str:
    """Return runnable Python that makes a picture again.

    Parameters
    ----------
    made : GeneratedImage
        The picture; of one that is not the last of its climb, the lines stop where it stood.
    probe : mapping
        Settings of the `Probe`.
    gone_on : bool
        Whether the climb went on from an earlier one, so that the lines make another picture.
    """
    bare = replace(made, recipe=_opened(made.recipe, made.image))
    lines = code(bare, probe=probe).split("\n")
    at = next(k for k, line in enumerate(lines) if line.startswith("made = "))
    if made.done < 1:
        recipe, _, given = lines[at].removeprefix("made = ").rpartition("(")
        given = given if "," in given else "probe, None)"
        step = len(made.curve)
        lines[at] = f"made = next(m for m in {recipe}.explain({given} if len(m.curve) >= {step})"
    lines[at] = _wrapped(lines[at])
    return "\n".join([WENT_ON, *lines] if gone_on else lines)


def _opened(recipe: Any, image: Image) -> Any:
    """Return a method without the settings that it chooses by itself."""
    opened = recipe.replace(
        **{name: None for name, spec in recipe.specs().items() if spec.kind in NUMBERS and spec.automatic}
    )
    chosen = opened.fitted(image)
    own = {
        name: getattr(recipe, name)
        for name in recipe.specs()
        if getattr(chosen, name) != getattr(recipe, name)
    }
    if getattr(recipe, "rivals", "") == "held down":
        own["target"] = _named(recipe.target)
    return opened.replace(**own)


def _named(target: Objective | None) -> Objective | None:
    """Return a target as it is asked for where a class's rivals are held down: then that makes it a log-probability."""
    if isinstance(target, Several):
        return Several(tuple(filter(None, map(_named, target.objectives))))
    if isinstance(target, ClassScore) and target.of == "log-probability":
        return replace(target, of="logit")
    return target


def _wrapped(line: str) -> str:
    """Return a line that is too long as several, one for each setting of the call in it that has most of them."""
    if len(line) <= WIDTH:
        return line
    calls = [node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call)]
    call = max(calls, key=lambda one: len(one.args) + len(one.keywords))
    raw, before, parts = line.encode(), 0, []
    inside: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    for given in sorted(inside, key=lambda one: one.col_offset):
        parts.append(raw[before : given.col_offset].decode().rstrip())
        before = given.col_offset
    ended = raw[before : call.end_col_offset].decode().removesuffix(")")
    return "\n    ".join([*parts, ended + ","]) + "\n)" + raw[call.end_col_offset :].decode()
