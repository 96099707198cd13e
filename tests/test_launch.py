"""The command that opens the quickstart."""

import http.client
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz_widgets import launch
from cnnviz_widgets.__main__ import main
from cnnviz_widgets.errors import MissingPackageError, SettingError


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that the package came from a wheel, with its notebook inside."""
    package = tmp_path / "site-packages" / "cnnviz_widgets"
    (package / "notebooks").mkdir(parents=True)
    (package / "notebooks" / launch.NOTEBOOK).write_text("packaged")
    monkeypatch.setattr(launch, "PACKAGE", package)
    return package


def test_a_port_in_use_is_refused_by_name(busy_port: int) -> None:
    with pytest.raises(SettingError, match=f"Port {busy_port} is in use. Name another with --port"):
        launch.free_port(busy_port)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_out_of_range_is_refused(port: int) -> None:
    with pytest.raises(SettingError, match=f"--port must be from 1 to 65535; got {port}"):
        launch.free_port(port)


def test_without_a_port_the_first_free_one_is_taken(busy_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "FIRST_PORT", busy_port)
    assert busy_port < launch.free_port(None) < busy_port + 100


@pytest.mark.parametrize(("app", "name"), [("lab", "JupyterLab"), ("voila", "Voila")])
def test_a_missing_package_names_the_extra(app: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.importlib.util, "find_spec", lambda package: None)
    with pytest.raises(MissingPackageError, match=rf"{name} is not installed.*cnnviz_widgets\[lab,demo\]"):
        launch.require(app)


def test_a_source_tree_serves_its_own_notebook(tmp_path: Path, root: Path) -> None:
    assert launch.quickstart(tmp_path / "unused") == root / "notebooks" / launch.NOTEBOOK
    assert not (tmp_path / "unused").exists()


def test_an_installed_package_serves_a_copy_and_says_so(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = launch.quickstart(tmp_path / "mine")
    assert capsys.readouterr().out == f"Copied the quickstart notebook to {copy}.\n"
    assert copy == tmp_path / "mine" / launch.NOTEBOOK
    assert copy.read_text() == "packaged"


def test_an_edited_copy_is_kept_and_said_so(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    launch.quickstart(tmp_path / "mine").write_text("edited")
    assert launch.quickstart(tmp_path / "mine").read_text() == "edited"
    assert "differs from the packaged notebook and is kept" in capsys.readouterr().out


def test_a_folder_that_is_a_file_is_refused(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(SettingError, match="--folder must be a folder that you can write to"):
        launch.quickstart(tmp_path / "mine" / "deeper")


@pytest.mark.parametrize("app", ["lab", "voila"])
def test_the_servers_listen_on_loopback_only(app: str, tmp_path: Path) -> None:
    how = launch.Launch(app=app)  # type: ignore[arg-type]
    line = launch.command(how, 8888, tmp_path / launch.NOTEBOOK)
    assert any(part.endswith(".ip=127.0.0.1") for part in line)


@pytest.mark.parametrize("name", ["jupyter_server_config.json", "voila.json"])
def test_the_token_is_told_by_a_file_that_only_this_user_reads(name: str) -> None:
    with launch.configuration("secret", autosave=True) as folder:
        assert json.loads((folder / name).read_text())["IdentityProvider"] == {"token": "secret"}
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()


@pytest.mark.parametrize("app", ["lab", "voila"])
def test_the_servers_log_only_warnings(app: str, tmp_path: Path) -> None:
    how = launch.Launch(app=app)  # type: ignore[arg-type]
    assert "--Application.log_level=WARN" in launch.command(how, 8888, tmp_path / launch.NOTEBOOK)


def test_a_server_that_ends_at_once_gives_its_exit_code_and_no_address(
    busy_port: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "answers", lambda port: False)
    monkeypatch.setattr(launch.signal, "signal", lambda number, handler: None)
    line = [sys.executable, "-c", "raise SystemExit(3)"]
    assert launch.serve(line, dict(launch.os.environ), "lab", busy_port, "secret") == 3
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("autosave", [False, True])
def test_the_defaults_ask_for_no_news_and_save_as_told(autosave: bool) -> None:
    with launch.configuration("secret", autosave) as folder:
        defaults = json.loads((folder / "labconfig" / "default_setting_overrides.json").read_text())
    assert defaults["@jupyterlab/docmanager-extension:plugin"] == {"autosave": autosave}
    assert defaults["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    assert not folder.exists()


def test_a_wrong_port_is_one_line_and_exit_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "99999", "--no-browser"]) == 2
    assert capsys.readouterr().err == "cnnviz: --port must be from 1 to 65535; got 99999.\n"


def test_the_help_names_every_option() -> None:
    run = subprocess.run([sys.executable, "-m", "cnnviz_widgets", "--help"], capture_output=True, text=True)
    assert run.returncode == 0
    for option in ("--voila", "--no-browser", "--port", "--folder"):
        assert option in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--voila"]])
def test_the_command_is_quiet_and_serves_only_to_those_with_the_token(
    options: list[str], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "cnnviz_widgets", "--no-browser", *options]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=output, text=True)
    try:
        assert server.stdout is not None
        started, ready = server.stdout.readline(), server.stdout.readline()
        assert started.startswith("Starting ")
        says = r"Open http://127\.0\.0\.1:(\d+)(/\S*)\?token=([0-9a-f]{48}) \(stop with Ctrl\+C\)\n"
        found = re.fullmatch(says, ready)
        assert found, ready + log.read_text()
        assert [line for line in log.read_text().splitlines() if "[I " in line or "Deprecat" in line] == []
        port, page, token = int(found[1]), found[2], found[3]
        assert status(port, page) == 302
        assert status(port, f"{page}?token={'0' * 48}") == 302
        assert status(port, f"{page}?token={token}") == 200
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert server.returncode == 0


def status(port: int, page: str) -> int:
    """Return the HTTP status of a page, redirections not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", page)
        return connection.getresponse().status
    finally:
        connection.close()
