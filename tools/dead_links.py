"""Finds the links and pictures of built HTML pages that lead nowhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


class Links(HTMLParser):
    """What a page links to, and where it can be linked to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note one tag's links and anchors."""
        for name, value in attributes:
            if name in ("href", "src") and value and not ELSEWHERE.match(value):
                self.targets.append(value)
            elif name == "id" or (name == "name" and tag == "a"):
                self.anchors.add(value or "")


def linked_file(page: Path, target: str) -> Path:
    """Return the file that a relative link means as seen from a page."""
    path = unquote(re.split(r"[?#]", target, maxsplit=1)[0])
    return page.parent / path if path else page


def dead_links(page: Path) -> list[str]:
    """Return the relative links of a page to a file that is not there, or to a heading that its file has not."""
    dead = []
    for target in Links(page).targets:
        file, anchor = linked_file(page, target), unquote(target.partition("#")[2])
        known = file.is_file()
        if not known or (anchor and file.suffix == ".html" and anchor not in Links(file).anchors):
            dead.append(target)
    return dead
