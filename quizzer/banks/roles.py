"""Where a code block with a role may stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from quizzer.banks.items import Draft
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Fence, Kind

STEM = ""
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
    for place, fence in _list_blocks(draft):
        allowed = PLACES.get(fence.role, (place,))
        if place not in allowed:
            complaints.add(
                fence.line,
                "E150",
                f"a `{fence.role}` block stands in {' or '.join(map(_describe, allowed))}.",
            )
    for role in _ONCE:
        inside = [fence for place, fence in _list_blocks(draft) if place in PLACES[role]]
        for fence in [fence for fence in inside if fence.role == role][1:]:
            first = draft.list_blocks(role)[0].line
            complaints.add(fence.line, "E168", f"an item has one `{role}` block; see line {first}.")
    _check_forgotten(draft, complaints)


def check_kind(draft: Draft, kind: Kind, complaints: Complaints) -> bool:
    """Whether all roles go with the kind; complains about those that do not."""
    foreign = [
        fence
        for role, wanted in KINDS.items()
        for fence in draft.list_blocks(role)
        if kind is not wanted
    ]
    for fence in foreign:
        complaints.add(
            fence.line,
            "E150",
            f"a `{fence.role}` block goes with `kind: {KINDS[fence.role]}`, not with `{kind}`.",
        )
    return not foreign


def _list_blocks(draft: Draft) -> Iterator[tuple[str, Fence]]:
    yield from ((STEM, fence) for fence in draft.fences)
    for section in draft.sections:
        yield from ((section.name, fence) for fence in section.fences)


def _describe(place: str) -> str:
    return f"`### {place}`" if place else "the stem"


def _check_forgotten(draft: Draft, complaints: Complaints) -> None:
    """Complain about a proof whose role was forgotten, so that it would not run."""
    check = draft.find_section("Check")
    if check is None or any(fence.role for fence in check.fences):
        return
    for fence in check.fences:
        if fence.language == "python":
            complaints.add(
                fence.line,
                "E150",
                "nothing runs this; give it a role, as in ```` ```python verify ````.",
            )
