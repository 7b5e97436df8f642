"""docs/ is a site: every page is found in it, every link leads somewhere, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.site import DOCS, build, navigated

FETCHING = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
"""Relations of a link that a browser follows by itself."""

ELSEWHERE = re.compile(r"(?:https?:)?//")


class Fetched(HTMLParser):
    """What a browser fetches of a page by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "link" and FETCHING & set(said.get("rel", "").split()):
            self.addresses.append(said.get("href", ""))
        if tag != "a":
            self.addresses.extend(said[name] for name in ("src", "srcset", "poster", "data") if name in said)
        self.addresses.extend(re.findall(r"url\(\s*['\"]?([^'\")]+)", said.get("style", "")))


def elsewhere(file: Path) -> list[str]:
    """Return the addresses on other machines that a browser fetches of a page or a style sheet."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".css":
        fetched = re.findall(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", text)
        return [address for pair in fetched for address in pair if ELSEWHERE.match(address)]
    return [address for address in Fetched(text).addresses if ELSEWHERE.match(address)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    said = build(folder)
    assert said.returncode == 0, said.stderr
    return folder


def test_every_page_is_in_the_navigation() -> None:
    checks = {f"checks/{file.parent.name}/{file.name}" for file in (DOCS / "checks").glob("*/*.md")}
    pages = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    left = sorted(pages - checks - navigated())
    assert left == [], f"put {', '.join(left)} into `nav` in mkdocs.yml, where its readers look for it"


def test_the_site_has_every_page_and_those_of_the_checks_in_its_navigation(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).as_posix().replace("README.md", "index.md").replace(".md", ".html")
        assert (site / name).is_file()
        assert f'href="{name}"' in index


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    files = [file for file in site.rglob("*") if file.suffix in {".html", ".css"}]
    assert len(files) > len(list(DOCS.rglob("*.md")))
    assert {str(file.relative_to(site)): elsewhere(file) for file in files if elsewhere(file)} == {}


def test_every_item_of_a_list_is_one(site: Path) -> None:
    merged = re.compile(r"<p>[^<]*(?:<(?!/?(?:p|li|pre)\b)[^>]*>[^<]*)*\n- ")
    assert [file.name for file in site.rglob("*.html") if merged.search(file.read_text(encoding="utf-8"))] == []


def test_code_within_a_list_is_code(site: Path) -> None:
    code = re.findall(r"<pre>(.+?)</pre>", (site / "drill.html").read_text(encoding="utf-8"), re.DOTALL)
    assert [block for block in code if "SYNC_INTERVAL" in block]


def test_no_page_has_a_drawing_that_the_theme_would_fetch_a_library_for(site: Path) -> None:
    assert [file for file in site.rglob("*.html") if 'class="mermaid"' in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<link rel="stylesheet" href="https://fonts.example/css">'),
        ("a.html", '<link rel="preconnect" href="//fonts.example">'),
        ("a.html", '<script src="https://cdn.example/a.js"></script>'),
        ("a.html", '<img alt="" src="http://pictures.example/a.png">'),
        ("a.html", '<p style="background: url(https://pictures.example/a.png)">'),
        ("a.css", "@font-face{src:url(https://fonts.example/a.woff2)}"),
        ("a.css", "@import '//styles.example/a.css';"),
    ],
)
def test_what_comes_from_elsewhere_is_found(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert elsewhere(tmp_path / name)


def test_a_link_to_another_machine_is_no_fetching(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a href="https://example.com">there</a><img alt="" src="pictures/a.png">')
    assert elsewhere(tmp_path / "a.html") == []
