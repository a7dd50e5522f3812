"""An author's own judge: what it is asked, and what its answer becomes.

It runs in the reference's worker on plain data. Its answer is shown to the learner, and what it
says may quote `got`, so it is cleaned like everything that a submission says.
"""

from __future__ import annotations

from graders.judge.forgeries import find_opaque
from graders.judge.places import family
from graders.judge.words import NOTE_CHARS, differ, name_of, short
from graders.model import Difference
from graders.text import printable


def frame_own(expected: object, got: object) -> Difference | None:
    """Refuse what an author's judge need not be asked about; None where it is to be asked.

    Both must be plain data of the same kind: a dict of the same keys, or both a list, a tensor, a
    number. How long a list is and what is in it is the judge's own to say.
    """
    opaque = find_opaque(got)
    if opaque is not None:
        return differ("structure", "", "plain data", printable(opaque))
    if family(expected) != family(got):
        return differ("structure", "", name_of(expected), name_of(got))
    if isinstance(expected, dict) and isinstance(got, dict):
        odd = [key for key in (*expected, *got) if key not in expected or key not in got]
        told = ("present", "missing") if odd and odd[0] in expected else ("absent", "present")
        return differ("structure", f"[{short(odd[0])}]", *told) if odd else None
    return None


def read_own_verdict(answer: object) -> Difference | None:
    """Turn the answer of an author's judge into a difference; None where it is satisfied.

    Raises:
        ValueError: if it is neither None nor a sentence.
    """
    if answer is None:
        return None
    if not isinstance(answer, str) or not answer.strip():
        raise ValueError(f"a judge returns None or a sentence, not {name_of(answer)}")
    return differ(
        "judged", "", "", "", note=" ".join(printable(answer[:NOTE_CHARS], keep="\n\t").split())
    )
