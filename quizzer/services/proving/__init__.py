"""Proofs: what an author claims is run in the jail, and compared outside with what is ticked."""

from quizzer.services.proving.cache import ProofCache
from quizzer.services.proving.explaining import Explanation, explain_item
from quizzer.services.proving.prover import Proved, prove, prove_and_find
from quizzer.services.proving.rounds import ProvingRounds

__all__ = [
    "Explanation",
    "ProofCache",
    "Proved",
    "ProvingRounds",
    "explain_item",
    "prove",
    "prove_and_find",
]
