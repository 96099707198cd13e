"""The talk of an image generator with its network: what is refused meanwhile ends no climb."""

from __future__ import annotations

from collections.abc import Callable

import traitlets

from ...images.image import Image
from ...jobs import Job
from ...session import Answerable, Session, one_sentence


class GeneratorSession(Session):
    """Asks for climbs; a slip of the reader's does not end the one that goes on.

    Attributes
    ----------
    refused : str
        Why the reader's last wish cannot be met, in one sentence; empty again with the next one.
    remark : str
        What to mind of that wish, in HTML; empty again with the next one.
    """

    refused = traitlets.Unicode("")
    remark = traitlets.Unicode("")

    def ask(
        self, image: Image, method: Answerable, first: Callable[[], None] | None = None, rest: float = 0.0
    ) -> Job:
        """Ask a question as every session does, and forget what was refused before it."""
        with self.lock:
            self.forgive()
            self.progress = 0.0
            return super().ask(image, method, first, rest)

    def cancel(self) -> bool:
        """Stop computing as every session does, and forget what was refused before."""
        with self.lock:
            self.forgive()
            return super().cancel()

    def refuse(self, error: Exception) -> None:
        """Say what cannot be; a climb goes on, and a picture stays as it is."""
        with self.lock:
            self.refused = one_sentence(error)

    def fail(self, error: Exception) -> None:
        """Show why the question that the controls stand for cannot be asked; the one before is dropped."""
        with self.lock:
            self.forgive()
            super().fail(error)

    def forgive(self) -> None:
        """Let go of what was said of the reader's last wish."""
        self.refused = self.remark = ""
