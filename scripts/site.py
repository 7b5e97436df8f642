"""Hooks of MkDocs: what the site has beyond docs/, and where its links lead.

Sources: MkDocs's documentation, "Plugins" (events) and "Configuration" (hooks).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]

OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/RESULTS.md": "benchmarks.md",
}
"""Files of the repository, and the pages that they are on the site."""

_FILES = {page: file for file, page in OUTSIDE.items()}
_LINK = re.compile(
    r"^```.*?^```$|^ {4}.*?$|(?<!\[)`[^`\n]+`"  # code, which has no links
    r"|(?<!!)\[([^\]]+)\]\(([^)#\s]+)(#[^)]*)?\)"
    r"|!\[([^\]]*)\]\(([^)\s]+)\)",
    re.MULTILINE | re.DOTALL,
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of the checks below their index, family by family."""
    below: dict[str, list[str]] = {}
    for file in sorted((ROOT / "docs" / "checks").glob("*/*.md")):
        below.setdefault(file.parent.name, []).append(f"checks/{file.parent.name}/{file.name}")
    checks: list[Any] = next(section["Checks"] for section in config.nav or [] if "Checks" in section)
    checks.extend({family: pages} for family, pages in below.items())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside of docs/."""
    for file, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / file).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Lead links to where the site has what they mean; what it has not is named without a link."""
    here = page.file.src_uri
    home = posixpath.dirname(_FILES.get(here, f"docs/{here}"))

    def led(link: re.Match[str]) -> str:
        target = link[2] or link[5]
        if not target or ":" in target:
            return link[0]
        meant = posixpath.normpath(posixpath.join(home, target))
        if not (ROOT / meant).exists():
            raise PluginError(
                f"{posixpath.join(home, posixpath.basename(here))} links to {target}, which is not there."
            )
        where = OUTSIDE.get(meant) or (meant.removeprefix("docs/") if meant.startswith("docs/") else "")
        if not where or (ROOT / meant).is_dir():
            return f"{link[1]} (`{meant}`)"
        relative = posixpath.relpath(where, posixpath.dirname(here) or ".")
        return f"![{link[4]}]({relative})" if link[5] else f"[{link[1]}]({relative}{link[3] or ''})"

    return "\n".join(_indented(_LINK.sub(led, markdown).split("\n")))


def _indented(lines: list[str]) -> Iterator[str]:
    """Yield *lines* with what belongs to an item of a list indented by four, and a line between it and the next item.

    So Python-Markdown wants it, which is no CommonMark.
    """
    inside = fenced = False
    before = ""
    for line in lines:
        if inside and line.startswith("- ") and before.startswith("  "):
            yield ""
        before = line
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if line and not line.startswith(" ") and not fenced:
            inside = line.startswith("- ")
        yield f"  {line}" if inside and line.startswith("  ") else line
