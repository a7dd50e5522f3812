"""Learners and instructors."""

from __future__ import annotations

from dataclasses import dataclass

LEARNER = "learner"
INSTRUCTOR = "instructor"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person as the site knows them.

    Attributes:
        is_guest: known by a cookie alone, without a password.
        role: learner or instructor.
        session_version: sessions that carry an older one are over.
    """

    id: int
    name: str
    is_guest: bool
    role: str
    session_version: int
