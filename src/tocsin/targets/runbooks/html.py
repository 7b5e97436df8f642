"""A static page: no scripts, one small sheet, readable on a phone, in light surroundings and in dark ones."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt

from tocsin.derive.prose import anchor
from tocsin.targets.text import NOTICE_TEXT

# Raw HTML stays text; addresses that would run script are refused by the parser itself.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")

_SHEET = """\
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1f2933; --soft: #5b6774; --line: #d9dfe5; --shade: #f3f5f7; --link: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #14191f; --ink: #e4e9ee; --soft: #9aa6b2; --line: #2d3640; --shade: #1c232b; --link: #7fb8f5; }
}
body {
  margin: 0 auto; padding: 1rem; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.15rem; margin-top: 2rem; }
a { color: var(--link); } nav, footer { color: var(--soft); font-size: .9rem; }
code, pre { font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; background: var(--shade); }
code { padding: .1em .3em; border-radius: 4px; overflow-wrap: anywhere; }
pre { padding: .75rem; border-radius: 6px; white-space: pre-wrap; } pre code { padding: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
li { margin: .3rem 0; }
@media print { body { max-width: none; } }
"""


def sheet() -> str:
    """Return the style sheet of all pages."""
    return f"/* {NOTICE_TEXT} */\n{_SHEET}"


def document(title: str, text: str, *, depth: int) -> str:
    """Return a page whose Markdown is *text*, *depth* folders below the first one."""
    home = "../" * depth
    above = f'<nav><a href="{home or "./"}">Runbooks</a></nav>\n' if depth else ""
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{escape(title)}</title>\n<link rel="stylesheet" href="{home}runbooks.css">\n'
        f"</head>\n<body>\n{above}<main>\n{_rendered(text)}</main>\n"
        f"<footer><p>{escape(NOTICE_TEXT)}</p></footer>\n</body>\n</html>\n"
    )


def _rendered(text: str) -> str:
    tokens = _MARKDOWN.parse(text)
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(inside.content))
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))
