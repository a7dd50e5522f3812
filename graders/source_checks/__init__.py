"""What can be said of a submission before any of it runs, from its bytes and its syntax tree.

These findings inform the learner. They are not the security: the jail is.
"""

from graders.source_checks.checking import (
    MAX_BYTES,
    SourceFinding,
    check_source,
    defined_names,
    say_disguised,
    say_missing,
    say_no_function,
)

__all__ = [
    "MAX_BYTES",
    "SourceFinding",
    "check_source",
    "defined_names",
    "say_disguised",
    "say_missing",
    "say_no_function",
]
