"""Which version of each file is in service: the newest one whose proofs have passed.

Nothing waits for ever: on a site without a worker that proves, versions come into service unproved
after a while, and say so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from quizzer.banks.problems import Parsed, Problem, Value
from quizzer.domain.items import Bank
from quizzer.domain.proofs import Proof, ProofState, complete_bank

PATIENCE_S = 60.0

Gate = Callable[[Collection[str]], Mapping[str, Proof]]
"""Tells what is known of the proofs of some revisions; leaves out what no worker knows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of the proofs at one moment.

    Attributes:
        proofs: by revision.
        overdue: the revisions that have waited too long without a sign of life from a worker.
        is_anybody_proving: whether it makes sense for others to wait.
    """

    proofs: Mapping[str, Proof]
    overdue: frozenset[str]
    is_anybody_proving: bool

    def find_state(self, revision: str) -> ProofState:
        """Return the state of a revision's proofs."""
        proof = self.proofs.get(revision)
        return proof.state if proof is not None else ProofState.WAITING

    def is_waiting_in_vain(self, revision: str) -> bool:
        """Whether nobody will prove a revision, as far as one can tell."""
        is_unknown = revision not in self.proofs
        return is_unknown and (revision in self.overdue or not self.is_anybody_proving)


@dataclass(slots=True)
class Patience:
    """Measures how long revisions have waited without a sign of life from a worker.

    Attributes:
        since: by revision, seconds of the clock at which the wait began.
        last_sign_s: when a worker was last seen to take up a revision that waited.
        in_vain_s: when the latest wait began that was in vain.
    """

    gate: Gate
    since: dict[str, float] = field(default_factory=dict)
    last_sign_s: float = -math.inf
    in_vain_s: float | None = None

    def ask(self, newest: Collection[str], served: Collection[str], *, now_s: float) -> Standing:
        """Ask the gate.

        Args:
            newest: revisions of the files as they are, which workers can prove.
            served: revisions in service, which may lie in no file any more.
            now_s: seconds of the clock.
        """
        proofs = dict(self.gate({*newest, *served}))
        if any(revision in proofs for revision in self.since):
            self.last_sign_s = now_s
        unknown = [revision for revision in newest if revision not in proofs]
        self.since = {revision: self.since.get(revision, now_s) for revision in unknown}
        overdue = {name: since for name, since in self.since.items() if now_s - since >= PATIENCE_S}
        if overdue:
            self.in_vain_s = max(overdue.values())
        return Standing(
            proofs=proofs,
            overdue=frozenset(overdue),
            is_anybody_proving=self.in_vain_s is None or self.last_sign_s > self.in_vain_s,
        )


def keep_good(
    newest: Mapping[str, Parsed[Value]], served: Mapping[str, Parsed[Value]]
) -> dict[str, Parsed[Value]]:
    """Return what comes into service where nothing is proved: each file's last good version."""
    return {
        path: one if one.value is not None else _keep(served.get(path), one)
        for path, one in newest.items()
    }


def keep_proved(
    newest: Mapping[str, Parsed[Value]],
    served: Mapping[str, Parsed[Value]],
    standing: Standing,
    *,
    is_start: bool,
) -> dict[str, Parsed[Value]]:
    """Return what comes into service, with the problems of the newest version, by path.

    Args:
        newest: the files as they are now.
        served: what was in service until now.
        standing: what is known of the proofs of both.
        is_start: whether nothing was in service before; then a file need not wait.
    """
    admitted: dict[str, Parsed[Value]] = {}
    for path, one in newest.items():
        before = served.get(path)
        if before and standing.find_state(before.revision) is ProofState.FAILED:
            before = None
        if one.value is None:
            admitted[path] = _keep(before, one)
        else:
            admitted[path] = _admit(path, one, before, standing, is_start=is_start)
    return admitted


def _admit(
    path: str,
    newest: Parsed[Value],
    before: Parsed[Value] | None,
    standing: Standing,
    *,
    is_start: bool,
) -> Parsed[Value]:
    """Return the newest version, which has no errors of its own, or the one before it."""
    state = standing.find_state(newest.revision)
    if state is ProofState.PASSED:
        return _complete(newest, standing.proofs[newest.revision])
    if state is ProofState.FAILED:
        found = standing.proofs[newest.revision].contradictions
        return _keep(before, newest, *(Problem(path, *one) for one in found))
    if standing.is_waiting_in_vain(newest.revision):
        message = "not proved: no worker has come to it; in service all the same."
        return _keep(newest, newest, Problem(path, 1, "W221", message))
    if is_start or (before and before.revision == newest.revision):
        message = "waits for its proofs; in service meanwhile."
        return _keep(newest, newest, Problem(path, 1, "W220", message))
    stays = "the version before it stays" if before and before.value else "not in service yet"
    return _keep(before, newest, Problem(path, 1, "W220", f"waits for its proofs; {stays}."))


def _complete(proved: Parsed[Value], proof: Proof) -> Parsed[Value]:
    """Add what the proofs found: values of variables, and right orders that nobody wrote."""
    if not (proof.found and isinstance(proved.value, Bank)):
        return proved
    return replace(proved, value=cast("Value", complete_bank(proved.value, proof.found)))


def _keep(version: Parsed[Value] | None, newest: Parsed[Value], *more: Problem) -> Parsed[Value]:
    """Return a version, if there is one, with the problems of the newest."""
    return Parsed(
        value=version.value if version else None,
        text=version.text if version else "",
        problems=(*newest.problems, *more),
    )
