"""The built documentation has no link that leads nowhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.dead_links import dead_links


def page(folder: Path, body: str) -> Path:
    made = folder / "index.html"
    made.write_text(f'<h1 id="top">Title</h1>{body}')
    return made


@pytest.mark.parametrize(
    "body",
    [
        '<a href="nowhere.html">x</a>',
        '<img src="pictures/nowhere.png">',
        '<a href="#nowhere">x</a>',
        '<a href="other.html#nowhere">x</a>',
        '<a href="folder">x</a>',
    ],
)
def test_a_link_to_no_file_or_no_heading_is_dead(tmp_path: Path, body: str) -> None:
    (tmp_path / "other.html").write_text('<h2 id="there">There</h2>')
    (tmp_path / "folder").mkdir()
    assert len(dead_links(page(tmp_path, body))) == 1


@pytest.mark.parametrize(
    "body",
    [
        '<a href="#top">x</a>',
        '<a href="a%20file.html#there">x</a>',
        '<img src="a file.html">',
        '<a href="https://example.org/nowhere">x</a>',
        '<a href="mailto:a@example.org">x</a>',
        '<code>&lt;a href="nowhere.html"&gt;</code>',
    ],
)
def test_a_link_that_leads_somewhere_or_elsewhere_is_not_dead(tmp_path: Path, body: str) -> None:
    (tmp_path / "a file.html").write_text('<h2 id="there">There</h2>')
    assert dead_links(page(tmp_path, body)) == []


@pytest.mark.slow
def test_the_documentation_builds(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, str(root / "tools" / "build_docs.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "api" / "cnnviz_widgets.html").stat().st_size > 100_000


def test_the_build_ends_with_an_error_that_names_the_page_and_the_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    monkeypatch.syspath_prepend(str(root / "tools"))
    from tools import build_docs

    monkeypatch.setattr(build_docs, "ROOT", tmp_path)
    readme, picture = tmp_path / "README.md", tmp_path / "shown.png"
    picture.write_bytes(b"")
    readme.write_text("# Title\n\n[gone](docs/gone.md) ![shown](shown.png) ![lost](lost.png)\n")
    (tmp_path / "out" / "api").mkdir(parents=True)
    (tmp_path / "out" / "api" / "index.html").write_text("")
    build_docs.write_page(readme, [readme], tmp_path / "out")
    build_docs.copy_linked(readme, tmp_path / "out")
    with pytest.raises(SystemExit, match=r"nowhere:\n  README\.md: docs/gone\.md\n  README\.md: lost\.png$"):
        build_docs.check_links([readme], tmp_path / "out")
