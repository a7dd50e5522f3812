"""Queries about the proofs of content files.

A row belongs to one version of a file and one prover: the version of torch and of the proving code.
A new prover proves everything again, and what was settled last is what counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from quizzer.domain.proofs import Proof, ProofState, read_found, write_found
from quizzer.store.tables import ProofRow


def find_proofs(
    session: Session, revisions: Collection[str], *, waiting_since: datetime
) -> Mapping[str, Proof]:
    """Return what is known of the proofs of those versions, by revision.

    A version that waits, but whose worker gave no sign of life since `waiting_since`, is left out,
    as is one that no worker knows of.
    """
    rows = session.scalars(
        select(ProofRow)
        .where(ProofRow.revision.in_(sorted(revisions)))
        .order_by(ProofRow.at, ProofRow.id)
    )
    found: dict[str, Proof] = {}
    for row in rows:
        if row.state != ProofState.WAITING:
            found[row.revision] = _read_row(row)
        elif row.at >= waiting_since:
            found.setdefault(row.revision, Proof(state=ProofState.WAITING))
    return found


def confirm_passed(
    session: Session, revisions: Collection[str], *, prover: str, now: datetime
) -> frozenset[str]:
    """Make what this prover once passed the newest word again; return those revisions."""
    confirmed = session.scalars(
        update(ProofRow)
        .where(
            ProofRow.revision.in_(sorted(revisions)),
            ProofRow.prover == prover,
            ProofRow.state == ProofState.PASSED,
        )
        .values(at=now)
        .returning(ProofRow.revision)
        .execution_options(synchronize_session=False)
    )
    return frozenset(confirmed)


def mark_waiting(
    session: Session, revisions: Collection[str], *, prover: str, now: datetime
) -> None:
    """Say that a worker is alive and will prove those versions; what is settled stays."""
    for revision in sorted(revisions):
        row = _require_row(session, revision, prover)
        if row.state == ProofState.WAITING:
            row.at = now
    session.flush()


def record_proof(
    session: Session, *, revision: str, prover: str, proof: Proof, now: datetime
) -> None:
    """Store an outcome over an older one of the same version and prover."""
    row = _require_row(session, revision, prover)
    row.state, row.at = proof.state, now
    row.contradictions = [list(one) for one in proof.contradictions]
    row.found = {item_id: write_found(found) for item_id, found in proof.found.items()}
    session.flush()


def _require_row(session: Session, revision: str, prover: str) -> ProofRow:
    row = session.scalar(
        select(ProofRow).where(ProofRow.revision == revision, ProofRow.prover == prover)
    )
    if row is None:
        row = ProofRow(
            revision=revision,
            prover=prover,
            state=ProofState.WAITING,
            contradictions=[],
            found={},
        )
        session.add(row)
    return row


def _read_row(row: ProofRow) -> Proof:
    return Proof(
        state=ProofState(row.state),
        contradictions=tuple((line, code, message) for line, code, message in row.contradictions),
        found={item_id: read_found(found) for item_id, found in row.found.items()},
    )
