"""What a tree of widgets shows: which parts are visible, and all of its HTML."""

from typing import Any


def visible(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def markups(widget: Any) -> list[str]:
    """Return all HTML in a tree of widgets."""
    own = [widget.value] if type(widget).__name__ == "HTML" else []
    return own + [text for child in getattr(widget, "children", ()) for text in markups(child)]
