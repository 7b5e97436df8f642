"""A proof as JSON, for programs and for the console."""

from __future__ import annotations

import json

from tocsin.proof.proving import Proof, Verdict
from tocsin.proof.table import Row, Table, tables


def render(proof: Proof) -> str:
    """Return an object with alerts, matrix, blind spots and problems; times are seconds."""
    found = {
        "proved": list(proof.proved),
        "problems": [{"alert": subject, "message": message} for subject, message in proof.problems],
        "notes": [{"alert": alert, "message": message} for alert, message in proof.notes],
        "matrix": [_table(table) for table in tables(proof)],
        "unheard": [{"service": service, "fault": str(fault)} for service, fault in proof.unheard],
        "rehearsals": [_verdict(verdict) for verdict in proof.verdicts],
    }
    return json.dumps(found, indent=2) + "\n"


def _table(table: Table) -> dict[str, object]:
    return {"service": table.service, "alerts": list(table.alerts), "faults": [_row(row) for row in table.rows]}


def _row(row: Row) -> dict[str, object]:
    return {
        "fault": str(row.fault),
        "rings": [{"alert": cell.alert, "after": cell.after, "meant": cell.meant} for cell in row.ringing],
        "silent": [cell.alert for cell in row.silent],
        "unheard": row.blind,
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    rehearsal = verdict.rehearsal
    return {
        "alert": rehearsal.subject,
        "day": rehearsal.day.name,
        "fault": None if rehearsal.fault is None else str(rehearsal.fault),
        "rings": rehearsal.expected is not None,
        "after": verdict.after,
        "silent": verdict.silent,
        "problem": verdict.problem or None,
    }
