"""What the tests of the choices share: an ear that forgets, and which buttons are on."""

from typing import Any


def nothing(*_: Any) -> None:
    """Take what a control gives."""


def on(buttons: Any) -> list[int]:
    return [k for k, made in enumerate(buttons) if "cv-on" in made._dom_classes]
