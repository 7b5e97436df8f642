"""Fuzzes each kind of text in turn, from what this repository writes; ends with 1 at the first traceback or hang."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

HERE = Path(__file__).parent
RULES = HERE.parent / "monitoring/prometheus/rules"
SLOWEST = 5
"""Seconds that one text may take before it counts as a hang."""

BOARD = json.dumps(
    {
        "title": "Shop",
        "templating": {"list": [{"name": "job", "query": "label_values(up, job)"}]},
        "panels": [
            {
                "title": "Rate",
                "type": "timeseries",
                "fieldConfig": {"defaults": {"unit": "s"}},
                "datasource": {"type": "prometheus"},
                "targets": [{"expr": 'sum(rate(a_total{job=~"$job"}[$__rate_interval]))'}],
            }
        ],
    }
)
EXPOSITION = '# HELP a_total A.\n# TYPE a_total counter\na_total{b="c"} 1\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\n'


def seeds(folder: Path) -> None:
    """Write what each kind begins with."""
    files = {f"rules/{path.name}": path.read_text() for path in RULES.glob("*.yaml")}
    documents = [yaml.safe_load(text) for text in files.values()]
    exprs = {rule["expr"] for document in documents for group in document["groups"] for rule in group["rules"]}
    files |= {f"expression/{number}": expr for number, expr in enumerate(sorted(exprs))}
    files |= {"dashboard/board.json": BOARD, "exposition/metrics.txt": EXPOSITION}
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def main() -> None:
    """Fuzz for as long as the command line says."""
    parser = argparse.ArgumentParser(description="Fuzz what reads a stranger's text.")
    parser.add_argument("--seconds", type=int, default=240, help="about how long, in all")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds(folder)
        kinds = sorted(path.name for path in folder.iterdir())
        for kind in kinds:
            sys.stdout.write(f"{kind}: {given.seconds // len(kinds)} s ...\n")
            sys.stdout.flush()
            limits = (f"-max_total_time={given.seconds // len(kinds)}", f"-timeout={SLOWEST}", "-max_len=100000")
            command = [
                sys.executable,
                str(HERE / "judging.py"),
                kind,
                *limits,
                "-verbosity=0",
                f"-artifact_prefix={kind}-",
            ]
            ran = subprocess.run([*command, str(folder / kind)], stderr=subprocess.PIPE, text=True, check=False)
            if ran.returncode:
                sys.exit(
                    f"{ran.stderr[-5000:]}\n{kind}: a text was not answered; it is in the file that is named above."
                )
    sys.stdout.write("Every text was answered.\n")


if __name__ == "__main__":
    main()
