"""Tables: labels and values in columns, as the transformations name, order and leave them out."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.console.boards.answers import Series
from tocsin.console.boards.drawn import Rows
from tocsin.console.boards.fields import mapped
from tocsin.console.boards.models import PanelModel, styled
from tocsin.console.boards.values import text_of

_VALUE = "Value"


def table(panel: PanelModel, found: Sequence[Series]) -> Rows:
    """Return a row for each series, with a column for each label and one for the value."""
    names = sorted({label for each in found for label in each.labels if label != "__name__"})
    columns = [*names, _VALUE]
    heads: dict[str, str] = {}
    for kind, options in panel.transformations:
        if kind == "filterFieldsByName":
            wanted = (options.get("include") or {}).get("names")
            unwanted = (options.get("exclude") or {}).get("names") or ()
            columns = [each for each in columns if (wanted is None or each in wanted) and each not in unwanted]
        elif kind == "organize":
            order, hidden = options.get("indexByName") or {}, options.get("excludeByName") or {}
            columns = sorted((each for each in columns if not hidden.get(each)), key=lambda each: order.get(each, 1000))
            heads |= {str(name): str(head) for name, head in (options.get("renameByName") or {}).items()}
    styles = {
        column: styled(panel, heads.get(column) or column, "number" if column == _VALUE else "string")
        for column in columns
    }
    columns = [each for each in columns if not styles[each].unseen]
    heads |= {column: styles[column].display for column in columns if styles[column].display}
    rows = [tuple(_cell(styles[column], each, column) for column in columns) for each in found]
    numeric = frozenset(index for index, column in enumerate(columns) if column == _VALUE)
    return Rows(tuple(heads.get(each) or each for each in columns), tuple(sorted(rows)), numeric)


def _cell(panel: PanelModel, each: Series, column: str) -> str:
    if column == _VALUE:
        return text_of(panel, each.reduced("last"))
    told = mapped(panel.mappings, each.labels.get(column, ""))
    return told[0] if told else each.labels.get(column, "")
