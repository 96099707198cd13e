"""Keeps TensorFlow's start-up messages off the notebook; what anybody else writes meanwhile is passed on."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_CHATTER = re.compile(
    rb"^(WARNING: All log messages before absl|[IWE]\d{4} \d\d:\d\d:\d+|\d{4}-\d\d-\d\d \d\d:.*tensorflow|"
    rb"To enable the following instructions|.*rebuild TensorFlow with)"
)


@contextmanager
def hushed() -> Iterator[None]:
    """Hold back what native code writes to the error stream, and afterwards pass on all but log lines.

    The messages are written by C++ before any setting can reach it, hence the detour over the file descriptor. If the
    body raises, everything is passed on: it may tell why.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        sys.stderr.flush()
        own = os.dup(2)
    except (OSError, ValueError, AttributeError):
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(own, 2)
            os.close(own)
            held.seek(0)
            for line in held:
                if failed or not _CHATTER.match(line):
                    os.write(2, line)
