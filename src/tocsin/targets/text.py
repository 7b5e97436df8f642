"""The notice on top of what is written; and YAML as people write it: insertion order, no aliases, blocks."""

from __future__ import annotations

import yaml

NOTICE_TEXT = "Written by `tocsin build` from the catalog: change the declaration, not this file."
NOTICE = f"# {NOTICE_TEXT}\n"
NOTICE_SQL = f"-- {NOTICE_TEXT}\n"
NOTICE_MARKDOWN = f"<!-- {NOTICE_TEXT} -->\n"
NOTICE_SLASHES = f"// {NOTICE_TEXT}\n"


class _Dumper(yaml.SafeDumper):
    """Spells texts of several lines as literal blocks, and repeats what stands twice."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        """See PyYAML."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def to_yaml(*documents: object) -> str:
    """Spell *documents* as one file of YAML, with a notice on top."""
    return NOTICE + yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
