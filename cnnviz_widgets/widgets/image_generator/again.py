"""The lines that make a generated picture again, a picture from the middle of a climb too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...explanation import GeneratedImage
from ...export import code

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
    lines = code(made, probe=probe).split("\n")
    if made.done < 1:
        at = next(k for k, line in enumerate(lines) if line.startswith("made = "))
        recipe, _, given = lines[at].removeprefix("made = ").rpartition("(")
        given = given if "," in given else "probe, None)"
        step = len(made.curve)
        lines[at] = f"made = next(m for m in {recipe}.explain({given} if len(m.curve) >= {step})"
    return "\n".join([WENT_ON, *lines] if gone_on else lines)
