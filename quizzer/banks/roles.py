"""Where a code block with a role may stand."""

from __future__ import annotations

from collections.abc import Mapping

from quizzer.banks.items import STEM, Draft
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Kind

PLACES: Mapping[str, tuple[str, ...]] = {
    "verify": ("Check",),
    "variants": ("Check",),
    "parsons": ("Answer",),
    "starter": (STEM, "Check"),
    "solution": ("Check",),
    "tests": ("Check",),
}
KINDS: Mapping[str, Kind] = {
    "parsons": Kind.PARSONS,
    "starter": Kind.CODE,
    "solution": Kind.CODE,
    "tests": Kind.CODE,
}
_ONCE = ("verify", "variants")


def check_places(draft: Draft, complaints: Complaints) -> None:
    """Complain about roles in the wrong place, unless a broken code block put them there."""
    if complaints.has_errors_between(draft.line, draft.last_line):
        return
    seen: dict[str, int] = {}
    for place, fence in draft.blocks:
        allowed = PLACES.get(fence.role)
        if allowed is None:
            continue
        if place not in allowed:
            complaints.add(
                fence.line,
                "E150",
                f"a `{fence.role}` block stands in {' or '.join(map(_describe, allowed))}.",
            )
        elif fence.role in _ONCE and fence.role in seen:
            complaints.add(
                fence.line,
                "E168",
                f"an item has one `{fence.role}` block; join it with line {seen[fence.role]}.",
            )
        else:
            seen[fence.role] = fence.line
    _check_forgotten(draft, complaints)


def check_kind(draft: Draft, kind: Kind, complaints: Complaints) -> bool:
    """Whether all roles go with the kind; complains about those that do not."""
    foreign = [fence for _, fence in draft.blocks if KINDS.get(fence.role, kind) is not kind]
    for fence in foreign:
        complaints.add(
            fence.line,
            "E150",
            f"a `{fence.role}` block goes with `kind: {KINDS[fence.role]}`, not with `{kind}`.",
        )
    return not foreign


def _describe(place: str) -> str:
    return f"`### {place}`" if place else "the stem"


def _check_forgotten(draft: Draft, complaints: Complaints) -> None:
    """Complain about a proof whose role was forgotten, so that it would not run."""
    check = draft.find_section("Check")
    if check is None or any(fence.role not in ("", "variants") for fence in check.fences):
        return
    for fence in check.fences:
        if fence.language == "python" and not fence.role:
            complaints.add(
                fence.line,
                "E150",
                "nothing runs this; give it a role, as in ```` ```python verify ````.",
            )
