"""What the editor of queries completes: words of BigQuery's SQL that are understood here, and what a store holds."""

from __future__ import annotations

from typing import Any

from tocsin.derive.questions import QUESTIONS
from tocsin.logs.database import TABLE
from tocsin.logs.functions import FUNCTIONS
from tocsin.model import COLUMNS

KEYWORDS = (
    *("SELECT", "DISTINCT", "FROM", "WHERE", "GROUP BY", "HAVING", "QUALIFY", "ORDER BY", "ASC", "DESC", "LIMIT"),
    *("OFFSET", "WITH", "AS", "JOIN", "LEFT JOIN", "INNER JOIN", "FULL JOIN", "CROSS JOIN", "ON", "USING"),
    *("UNION ALL", "UNION DISTINCT", "EXCEPT DISTINCT", "INTERSECT DISTINCT", "AND", "OR", "NOT", "IN", "BETWEEN"),
    *("LIKE", "IS NULL", "IS NOT NULL", "EXISTS", "TRUE", "FALSE", "NULL", "CASE", "WHEN", "THEN", "ELSE", "END"),
    *("OVER", "PARTITION BY", "ROWS", "INTERVAL", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"),
    *("BOOL", "FLOAT64", "INT64", "STRING", "TIMESTAMP"),
)
"""Words that are offered beside the functions."""


def words() -> dict[str, Any]:
    """Return all words, by what they are, as static/modules/sql.js takes them."""
    tables = ((TABLE, "Every record that is kept."), *((each.name, each.title) for each in QUESTIONS))
    calls = sorted(FUNCTIONS.values(), key=lambda function: function.name)
    return {
        "keywords": [word for word in KEYWORDS if word not in FUNCTIONS],
        "functions": [{"name": each.name, "example": each.example, "bare": not each.most} for each in calls],
        "tables": [{"name": name, "help": help_} for name, help_ in tables],
        "columns": [{"name": each.name, "type": each.type, "help": each.help} for each in COLUMNS],
    }
