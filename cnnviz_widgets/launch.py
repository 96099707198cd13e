"""Starts JupyterLab or Voila on the quickstart notebook, for this machine's user only."""

import http.client
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Literal

from cnnviz_widgets.errors import MissingPackageError, SettingError

LOOPBACK = "127.0.0.1"
FIRST_PORT = 8888
NOTEBOOK = "00_quickstart.ipynb"
APPS = {"lab": ("jupyterlab", "JupyterLab"), "voila": ("voila", "Voila")}
PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Launch:
    """What the user asked for.

    Parameters
    ----------
    app
        ``"lab"`` for JupyterLab, ``"voila"`` for the notebook as an app.
    browser
        Whether to open a browser.
    port
        Port to listen on; ``None`` for the first free one from 8888.
    folder
        Where an installed package puts the user's copy of the notebook.
    """

    app: Literal["lab", "voila"] = "lab"
    browser: bool = True
    port: int | None = None
    folder: Path = Path("cnnviz-quickstart")


def launch(how: Launch) -> int:
    """Serve the quickstart until the user stops it, and return the server's exit code.

    Raises
    ------
    MissingPackageError
        When JupyterLab or Voila is not installed.
    SettingError
        When the port or the folder cannot be used.
    """
    require(how.app)
    port = free_port(how.port)
    notebook = quickstart(how.folder)
    token = secrets.token_hex(24)
    print(f"Starting {APPS[how.app][1]} ...", flush=True)
    with configuration(token, autosave=not in_checkout()) as config:
        return serve(command(how, port, notebook), environment(config), how.app, port, token)


def require(app: str) -> None:
    """Raise `MissingPackageError` unless the app's package is installed."""
    package, name = APPS[app]
    if importlib.util.find_spec(package) is None:
        raise MissingPackageError(
            f"{name} is not installed. Install it with: pip install 'cnnviz_widgets[lab,demo]'"
        )


def free_port(wanted: int | None) -> int:
    """Return the port wanted if it is free, or the first free one from 8888 when none is.

    Raises
    ------
    SettingError
        When the port wanted is in use, or no port can be.
    """
    if wanted is None:
        found = next((port for port in range(FIRST_PORT, FIRST_PORT + 100) if is_free(port)), None)
        if found is None:
            raise SettingError(
                f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free. Name one with --port."
            )
        return found
    if not 1 <= wanted <= 65535:
        raise SettingError(f"--port must be from 1 to 65535; got {wanted}.")
    if not is_free(wanted):
        raise SettingError(f"Port {wanted} is in use. Name another with --port, or leave --port out.")
    return wanted


def is_free(port: int) -> bool:
    """Tell whether this machine's loopback address can listen on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def in_checkout() -> bool:
    """Tell whether the package runs from its source tree."""
    return (PACKAGE.parent / "pyproject.toml").is_file() and (PACKAGE.parent / "notebooks").is_dir()


def quickstart(folder: Path) -> Path:
    """Return the notebook to open: the source tree's own, or the user's copy of the packaged one.

    A copy that the user has changed is never written over.
    """
    if in_checkout():
        return PACKAGE.parent / "notebooks" / NOTEBOOK
    packaged, copy = PACKAGE / "notebooks" / NOTEBOOK, folder.expanduser().resolve() / NOTEBOOK
    if copy.exists():
        if copy.read_bytes() != packaged.read_bytes():
            print(f"{copy} differs from the packaged notebook and is kept; delete it for a new copy.")
        return copy
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packaged, copy)
    except OSError as error:
        raise SettingError(
            f"--folder must be a folder that you can write to; {copy.parent} is not: {error.strerror}."
        ) from error
    print(f"Copied the quickstart notebook to {copy}.")
    return copy


def address(app: str, port: int, token: str) -> str:
    """Return the address to open in a browser."""
    path = f"lab/tree/{NOTEBOOK}" if app == "lab" else ""
    return f"http://{LOOPBACK}:{port}/{path}?token={token}"


def command(how: Launch, port: int, notebook: Path) -> list[str]:
    """Return the server's command line, without the token, which other users could read there."""
    package, _ = APPS[how.app]
    options: dict[str, object] = {
        "ip": LOOPBACK,
        "port": port,
        "port_retries": 0,
        "open_browser": how.browser,
    }
    if how.app == "voila":
        options["auto_token"] = True
        name, rest = "Voila", [str(notebook)]
    else:
        options |= {"root_dir": notebook.parent, "answer_yes": True}
        name, rest = "ServerApp", [f"--LabApp.default_url=/lab/tree/{NOTEBOOK}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options["allow_root"] = True  # containers run as root, and the server is loopback only
    line = [sys.executable, "-m", package, *rest, "--Application.log_level=WARN"]
    return line + [f"--{name}.{option}={value}" for option, value in options.items()]


def environment(config: Path) -> dict[str, str]:
    """Return the server's environment: our configuration first, and this Python's own kernel."""
    paths = [str(config), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **os.environ,
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path),
    }


@contextmanager
def configuration(token: str, autosave: bool) -> Iterator[Path]:
    """Give a folder, for this user's eyes, with the token and defaults that JupyterLab's own settings go before.

    News would be asked for over the network, and saving by itself would change a source tree. The shim for
    settings of the old Notebook reads every deprecated setting, which prints a warning.
    """
    defaults = {
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
            "doNotDisturbMode": True,
        },
        "@jupyterlab/docmanager-extension:plugin": {"autosave": autosave},
    }
    with tempfile.TemporaryDirectory(prefix="cnnviz-") as folder:
        labconfig = Path(folder) / "labconfig"
        labconfig.mkdir()
        server = {
            "IdentityProvider": {"token": token},
            "ServerApp": {"jpserver_extensions": {"notebook_shim": False}},
        }
        for name in ("jupyter_server_config.json", "voila.json"):
            (Path(folder) / name).write_text(json.dumps(server))
        (labconfig / "default_setting_overrides.json").write_text(json.dumps(defaults))
        yield Path(folder)


def serve(line: list[str], variables: dict[str, str], app: str, port: int, token: str) -> int:
    """Run the server, say where once it answers, end it when told to end, and return its exit code."""

    def told_to_end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, told_to_end)
    with subprocess.Popen(line, env=variables) as server:
        try:
            while server.poll() is None and not answers(port):
                time.sleep(0.1)
            if server.poll() is None:
                print(f"Open {address(app, port, token)} (stop with Ctrl+C)", flush=True)
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            server.wait()
            return 0


def answers(port: int) -> bool:
    """Tell whether the server answers; without the token it sends us to its login page and starts nothing."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
