"""Builds the documentation as plain HTML: the pages of docs/ and the reference of every public name.

A warning, a page that cannot be read, a dead link, a missing picture or a public name without a docstring ends it
with an error.
"""

import html
import inspect
import os
import re
import shutil
import sys
import warnings
from pathlib import Path
from types import ModuleType

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import markdown2
import pdoc
from dead_links import Links, dead_links, linked_file

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ["fenced-code-blocks", "header-ids", "tables", "strike", "task_list"]
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.55 system-ui, sans-serif;
  color: #1f2328; background: #fff; }}
nav {{ color: #5c6370; margin-bottom: 2rem; }} a {{ color: #b9420b; }} img {{ max-width: 100%; }}
pre {{ overflow-x: auto; padding: .8rem; background: #f4f4f2; border-radius: 6px; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
td, th {{ border: 1px solid #d9dce1; padding: .25rem .6rem; text-align: left; vertical-align: top; }}
@media (prefers-color-scheme: dark) {{
  body {{ color: #e6e6e6; background: #16181c; }} a {{ color: #ffab6b; }} pre {{ background: #22252b; }} }}
</style></head><body><nav>{menu}</nav>
{body}
</body></html>
"""


def sources() -> list[Path]:
    """Return the pages, the README first."""
    first = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    return [page for page in first if page.exists()] + sorted((ROOT / "docs").rglob("*.md"))


def place(page: Path) -> Path:
    """Return where a page goes, seen from the output's top."""
    inside = page.relative_to(ROOT).with_suffix(".html")
    return inside.with_name("index.html") if page == ROOT / "README.md" else inside


def title(page: Path) -> str:
    """Return a page's first heading."""
    found = re.search(r"^#\s+(.+)$", page.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{page.relative_to(ROOT)} has no heading; start it with '# Title'.")
    return found[1]


def link(page: Path, target: Path) -> str:
    """Return the address of a target as seen from a page."""
    return Path(os.path.relpath(target, place(page).parent)).as_posix()


def write_page(page: Path, pages: list[Path], out: Path) -> None:
    """Write one page, its links to other pages made links to their HTML."""
    places = [(title(one), place(one)) for one in pages] + [("Reference", Path("api/index.html"))]
    menu = " · ".join(f'<a href="{link(page, where)}">{html.escape(name)}</a>' for name, where in places)
    body = str(markdown2.markdown(page.read_text(), extras=EXTRAS))
    body = re.sub(r'href="(?![a-z]+:)([^"#]+)\.md(#[^"]*)?"', r'href="\1.html\2"', body)
    body = re.sub(r'href="([^":]*)README\.html', r'href="\1index.html', body)
    target = out / place(page)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(PAGE.format(title=html.escape(title(page)), menu=menu, body=body))


def copy_linked(page: Path, out: Path) -> None:
    """Copy the pictures and other files of the source tree that a page shows or links to."""
    for link in Links(out / place(page)).targets:
        file = linked_file(page, link).resolve()
        if file.is_file() and file.is_relative_to(ROOT) and file != page:
            target = out / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def check_links(pages: list[Path], out: Path) -> None:
    """End with an error that names every link of the pages that leads nowhere."""
    dead = [f"{page.relative_to(ROOT)}: {link}" for page in pages for link in dead_links(out / place(page))]
    if dead:
        raise SystemExit("These links lead nowhere:\n  " + "\n  ".join(dead).replace(".html", ".md"))


def undocumented(package: ModuleType) -> list[str]:
    """Return the public names, and the public methods of public classes, without a docstring."""
    missing = []
    for name in package.__all__:
        thing = getattr(package, name)
        if not (inspect.isclass(thing) or inspect.isroutine(thing)):
            continue
        methods = inspect.getmembers(thing, inspect.isfunction) if inspect.isclass(thing) else []
        parts = [(f"{name}.{n}", m) for n, m in methods if n[0] != "_" and ours(m)]
        missing += [n for n, part in [(name, thing), *parts] if not inspect.getdoc(part)]
    return missing


def ours(thing: object) -> bool:
    """Tell whether a function is defined in this package."""
    return getattr(thing, "__module__", "").startswith("cnnviz_widgets")


def main(out: Path) -> None:
    """Build everything into a folder."""
    import cnnviz_widgets

    missing = undocumented(cnnviz_widgets)
    if missing:
        raise SystemExit("No docstring: " + ", ".join(missing))
    shutil.rmtree(out, ignore_errors=True)
    pages = sources()
    for page in pages:
        write_page(page, pages, out)
        copy_linked(page, out)
    pdoc.render.configure(docformat="numpy", show_source=False, footer_text="cnnviz_widgets")
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module="pdoc")
        pdoc.pdoc("cnnviz_widgets", "!cnnviz_widgets.__main__", output_directory=out / "api")
    check_links(pages, out)
    print(f"{len(pages)} pages and the reference are in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs"))
