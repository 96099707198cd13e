"""All checks of one map, one after the other, cheap ones first."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import SettingError, did_you_mean, listed
from ..explanation import ColourMap, Heatmap
from ..probe import Probe, as_probe
from ..probe.randomised import RandomisedCopy
from . import completeness, curves, flat, randomised, saturation
from .finding import Finding
from .maps import checkable
from .report import Trust, TrustOptions

CHECKS = ("flat", "saturation", "completeness", "deletion", "insertion", "randomised")


def check(
    model: Any,
    explanation: Any,
    checks: Sequence[str] = CHECKS,
    *,
    copy: RandomisedCopy | None = None,
    **options: Any,
) -> Iterator[Trust]:
    """Check how far a map can be trusted, growing what is known step by step.

    Parameters
    ----------
    model : Probe, keras.Model or path
        What made the map.
    explanation : Heatmap or ColourMap
        The finished map.
    checks : sequence of str
        Which of ``flat``, ``saturation``, ``completeness``, ``deletion``, ``insertion`` and ``randomised``.
    copy : RandomisedCopy, optional
        Copy of the network for ``randomised``, if there is one already: it saves compiling one anew.
    **options
        Settings of `TrustOptions`.

    Examples
    --------
    >>> *_, trust = cnnviz.trust.check(probe, heat)  # doctest: +SKIP
    >>> print(*trust.words, sep=" ")  # doctest: +SKIP

    Returns
    -------
    iterator of Trust
        It computes when it is asked for the next; whoever stops asking stops the work. The last one has ``done`` 1.

    Raises
    ------
    SettingError
        If the explanation is not one finished map of a target, a check is not known, or an option is out of its range.
    """
    fitting, wanted = checkable(explanation), _wanted(checks)
    return _run(as_probe(model), fitting, wanted, copy, TrustOptions().replace(**options))


def _wanted(checks: Sequence[str]) -> list[str]:
    """Return the checks that are asked for, cheap ones first."""
    if isinstance(checks, str) or not checks:
        raise SettingError(f"checks must be a list of some of {listed(CHECKS)}; got {checks!r}.")
    for name in checks:
        if name not in CHECKS:
            raise SettingError(
                f"checks must be some of {listed(CHECKS)}; got {name!r}.{did_you_mean(name, CHECKS)}"
            )
    return [name for name in CHECKS if name in checks]


def _run(
    probe: Probe,
    explanation: Heatmap | ColourMap,
    wanted: list[str],
    copy: RandomisedCopy | None,
    options: TrustOptions,
) -> Iterator[Trust]:
    trust = Trust(explanation, options)
    for number, name in enumerate(wanted):
        for finding in _looks(probe, explanation, copy, options)[name]():
            done = (number + finding.done) / len(wanted)
            progress = "" if done == 1 else f"{name} {finding.done:.0%}"
            found: Any = {name: finding}
            trust = dataclasses.replace(trust, **found, done=done, progress=progress)
            yield trust


def _looks(
    probe: Probe, explanation: Heatmap | ColourMap, copy: RandomisedCopy | None, options: TrustOptions
) -> dict[str, Callable[[], Iterator[Finding]]]:
    """Return how each check is run."""
    how = options.steps, options.orders, options.seed
    return {
        "flat": lambda: flat.look(explanation),
        "saturation": lambda: saturation.look(probe, explanation),
        "completeness": lambda: completeness.look(explanation),
        "deletion": lambda: curves.look(probe, explanation, "deletion", options.deletion, *how),
        "insertion": lambda: curves.look(probe, explanation, "insertion", options.insertion, *how),
        "randomised": lambda: randomised.look(
            explanation, lambda: copy or RandomisedCopy(probe, options.seed), options.cascade
        ),
    }
