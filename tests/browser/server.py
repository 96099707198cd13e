"""JupyterLab and Voila as real processes of their own, with folders of their own."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

LAB_FLAGS = (
    "--no-browser",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.token=",
    "--ServerApp.password=",
    "--ServerApp.disable_check_xsrf=True",
    "--ServerApp.allow_root=True",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.news_url=None",
)
VOILA_FLAGS = ("--no-browser", "--Voila.ip=127.0.0.1", "--Voila.port_retries=0")
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


@dataclass(frozen=True)
class Server:
    """A running server: where it is, the folder it serves, its process and its log."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """End the server, which ends its kernels."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def end_kernels(self) -> None:
        """End every kernel that a notebook has started."""
        for session in self.get("api/sessions"):
            request = urllib.request.Request(f"{self.url}api/sessions/{session['id']}", method="DELETE")
            urllib.request.urlopen(request, timeout=60).close()

    def get(self, path: str) -> list[dict[str, str]]:
        """Return the server's JSON answer to a GET request."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            found: list[dict[str, str]] = json.load(answer)
        return found


def start_lab(folder: Path, private: Path) -> Server:
    """Start JupyterLab on a folder; its own settings and logs go to `private`."""
    labconfig = private / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    (labconfig / "default_setting_overrides.json").write_text(json.dumps(SETTINGS))
    port = unused_port()
    command = ["jupyterlab", *LAB_FLAGS, f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}"]
    return start(command, port, "api/status", folder, private)


def start_voila(folder: Path, private: Path) -> Server:
    """Start Voila on a folder; a notebook is at ``voila/render/NAME.ipynb``."""
    port = unused_port()
    command = ["voila", *VOILA_FLAGS, f"--Voila.port={port}", str(folder)]
    return start(command, port, "", folder, private)


def start(command: list[str], port: int, answers: str, folder: Path, private: Path) -> Server:
    """Start a Jupyter program and wait until it answers."""
    private.mkdir(parents=True, exist_ok=True)
    log = private / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=environment(private), stdout=output, stderr=output
        )
    server = Server(f"http://127.0.0.1:{port}/", folder, process, log)
    try:
        wait_for_answer(server, answers)
    except BaseException:
        server.stop()
        raise
    return server


def environment(private: Path) -> dict[str, str]:
    """Return an environment in which Jupyter reads and writes nothing of the user's."""
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    # Kernels choose their backend themselves, as they do for a user.
    inherited = {
        name: value for name, value in os.environ.items() if name not in {"MPLBACKEND", "JUPYTER_TOKEN"}
    }
    return {
        **inherited,
        **{name: str(private / folder) for name, folder in own.items()},
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


def wait_for_answer(server: Server, path: str, seconds: float = 120) -> None:
    """Return once the server answers; raise with its log when it ends or never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.process.poll() is None:
        try:
            urllib.request.urlopen(server.url + path, timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server did not answer at {server.url}:\n{server.log.read_text()[-4000:]}")


def unused_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
