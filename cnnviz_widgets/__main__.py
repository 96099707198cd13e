"""The command ``cnnviz``, also ``python -m cnnviz_widgets``: opens the quickstart in a browser."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cnnviz_widgets.errors import CnnvizError
from cnnviz_widgets.launch import Launch, launch


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    options = argparse.ArgumentParser(
        prog="cnnviz",
        description="Open the cnnviz_widgets quickstart in JupyterLab, on this machine only.",
    )
    options.add_argument("--voila", action="store_true", help="serve it as an app, without code, with Voila")
    options.add_argument("--no-browser", action="store_true", help="print the address and open nothing")
    options.add_argument(
        "--port", type=int, default=None, help="port to listen on; the first free one from 8888 if not given"
    )
    options.add_argument(
        "--folder",
        type=Path,
        default=Path("cnnviz-quickstart"),
        help="where your copy of the notebook is kept (default: %(default)s)",
    )
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    chosen = parser().parse_args(arguments)
    how = Launch(
        app="voila" if chosen.voila else "lab",
        browser=not chosen.no_browser,
        port=chosen.port,
        folder=chosen.folder,
    )
    try:
        return launch(how)
    except CnnvizError as error:
        print(f"cnnviz: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
