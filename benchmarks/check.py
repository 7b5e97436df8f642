"""How long it takes to judge rules that nobody has judged before: `make bench-check`.

The rules are those of the catalog, each again and again for services of other names, so that no expression is the same
as another and none is taken from a cache.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator

from services.catalog import CATALOG
from tocsin.checks import CHECKS, from_files
from tocsin.derive import AlertRule, Plan, Recording, derive
from tocsin.model import Observation, Passage, Place, SeenMetric, SeenRule
from tocsin.promql import parse


def rules(count: int) -> tuple[SeenRule, ...]:
    """Return *count* rules, each with an expression of its own."""
    return tuple(each for _, each in zip(range(count), _rules(derive(CATALOG)), strict=False))


def _rules(plan: Plan) -> Iterator[SeenRule]:
    found = [(group.owner, rule) for group in plan.groups for rule in group.rules if group.owner != "tocsin"]
    number = 0
    while True:
        number += 1
        for owner, rule in found:
            yield _seen(rule, rule.expr.replace(owner, f"{owner}-{number}"), f"{rule.name}_{number}", number)


def _seen(rule: AlertRule | Recording, expr: str, name: str, number: int) -> SeenRule:
    alert = isinstance(rule, AlertRule)
    return SeenRule(
        kind="alert" if alert else "recording",
        name=name if alert else rule.name,
        expr=Passage(expr),
        group=f"group-{number}",
        place=Place("rules.yaml", number, 1),
        ends=number,
        labels={label: Passage(value) for label, value in rule.labels.items()} | {"number": Passage(str(number))},
        lasting=120.0,
    )


def metrics() -> dict[str, SeenMetric]:
    """Return the metrics of the catalog, as an exposition shows them."""
    return {
        signal.name: SeenMetric(
            name=signal.name,
            kind=type(signal).__name__.lower(),
            labels={label.name: frozenset(label.domain or ("a", "b")) for label in signal.labels},
            bounds=tuple(getattr(signal, "buckets", ())),
            series=2,
        )
        for service in CATALOG.services
        for signal in service.exposed
    }


def judge(count: int) -> dict[str, float]:
    """Return the seconds of CPU that reading and judging *count* rules take, by part."""
    seen = Observation(rules=rules(count), metrics=metrics())
    parse.cache_clear()
    spent = {}
    began = time.process_time()
    case = from_files(seen, 15.0)
    spent["read and infer"] = time.process_time() - began
    for name, check in CHECKS.items():
        began = time.process_time()
        sum(1 for _ in check(case))
        spent[name] = time.process_time() - began
    return spent


def main() -> None:
    gc.disable()  # as the command does
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for count in (most // 4, most // 2, most):
        spent = judge(count)
        slowest = sorted(spent, key=lambda name: -spent[name])[:4]
        parts = ", ".join(f"{name} {spent[name]:.1f} s" for name in slowest)
        sys.stdout.write(f"{count:,} expressions: {sum(spent.values()):.1f} s ({parts})\n")


if __name__ == "__main__":
    main()
