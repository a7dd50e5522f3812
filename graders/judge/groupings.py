"""Judging what has no one order: items in any order, and groups in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from graders.judge.comparing import Tolerance, compare
from graders.judge.words import differ, name_of, short
from graders.model import Difference
from graders.wire import TensorValue

MOST_ITEMS = 100
"""Each is compared with each, so that their number is the square root of the judge's work."""


def require_items(expected: object) -> str:
    """Say why the reference's observation has no items to be put in order, or nothing."""
    if not isinstance(expected, list | tuple) or not 1 <= len(expected) <= MOST_ITEMS:
        return f"needs a list or tuple of 1 to {MOST_ITEMS} items"
    return ""


def judge_order(
    expected: object,
    got: object,
    _arguments: Mapping[str, float],
    tolerance: Tolerance | None,
) -> Difference | None:
    """Find a partner for each of the reference's items, none of them twice."""
    wanted: Sequence[object] = expected  # type: ignore[assignment]  # `require_items` says so
    if type(got) is not type(expected) or len(got) != len(wanted):  # type: ignore[arg-type]
        return differ("structure", "", name_of(expected), name_of(got))
    shown: Sequence[object] = got  # type: ignore[assignment]  # of the same type
    fits = [
        [j for j, item in enumerate(shown) if compare(one, item, tolerance) is None]
        for one in wanted
    ]
    alone = _match(fits)
    if not alone:
        return None
    note = f"in any order; {len(alone)} of {len(wanted)} items are missing"
    return differ("judged", "", _say_item(wanted[alone[0]]), "no such item", note=note)


def _match(fits: Sequence[Sequence[int]]) -> list[int]:
    """Return which of the items cannot be given a partner of their own (Kuhn's algorithm)."""
    owner: dict[int, int] = {}

    def find_place(item: int, tried: set[int]) -> bool:
        for place in fits[item]:
            if place not in tried:
                tried.add(place)
                if place not in owner or find_place(owner[place], tried):
                    owner[place] = item
                    return True
        return False

    return [item for item in range(len(fits)) if not find_place(item, set())]


def require_groups(expected: object) -> str:
    """Say why the reference's observation is no grouping, or nothing."""
    groups = _groups(expected)
    if groups is None or not any(groups):
        return "needs lists of names or whole numbers, or a tensor of labels of shape (n,)"
    most = Counter(name for group in groups for name in group).most_common(1)
    return f"needs each name once; {short(most[0][0])} is there twice" if most[0][1] > 1 else ""


def judge_partition(
    expected: object,
    got: object,
    _arguments: Mapping[str, float],
    _tolerance: Tolerance | None,
) -> Difference | None:
    """Compare which names are together; the order, and groups without a name, do not count."""
    wanted, shown = _groups(expected), _groups(got)
    is_same_form = isinstance(expected, TensorValue) is isinstance(got, TensorValue)
    if wanted is None or shown is None or not is_same_form:
        return differ("structure", "", name_of(expected), _say_groups(got))
    return _differ_in_names(wanted, shown) or _differ_in_company(wanted, shown)


Name = str | int
Groups = list[list[Name]]


def _groups(observation: object) -> Groups | None:
    """Return lists of names; of labels the indices that share one; None for anything else."""
    if isinstance(observation, TensorValue):
        return _groups_of_labels(observation)
    if not isinstance(observation, list | tuple):
        return None
    if not all(isinstance(group, list | tuple) for group in observation):
        return None
    groups = [list(group) for group in observation]
    plain = all(type(name) in (str, int) for group in groups for name in group)
    return groups if plain else None


def _groups_of_labels(labels: TensorValue) -> Groups | None:
    if labels.array is None or labels.array.ndim != 1 or labels.array.dtype.kind not in "iu":
        return None
    found: dict[int, list[Name]] = {}
    for index, label in enumerate(labels.array.tolist()):
        found.setdefault(label, []).append(index)
    return list(found.values())


def _differ_in_names(wanted: Groups, shown: Groups) -> Difference | None:
    there = Counter(name for group in shown for name in group)
    expected = {name for group in wanted for name in group}
    for name in (name for group in wanted for name in group):
        if there[name] != 1:
            told = "not at all" if not there[name] else f"{there[name]} times"
            return differ("judged", "", f"{short(name)} in one group", told)
    extra = [name for name in there if name not in expected]
    return differ("judged", "", "no others", f"{short(extra[0])} as well") if extra else None


def _differ_in_company(wanted: Groups, shown: Groups) -> Difference | None:
    """Compare two groupings of the same names: who is parted, who is put together."""
    found = {name: index for index, group in enumerate(shown) for name in group}
    for group in wanted:
        for one, other in pairwise(group):
            if found[one] != found[other]:
                both = f"{short(one)} and {short(other)}"
                return differ("judged", "", f"{both} in the same group", "in two groups")
    own = {name: index for index, group in enumerate(wanted) for name in group}
    for group in shown:
        for one, other in pairwise(group):
            if own[one] != own[other]:
                both = f"{short(one)} and {short(other)}"
                return differ("judged", "", f"{both} in two groups", "in the same group")
    return None


def _say_item(value: object) -> str:
    plain = value is None or isinstance(value, bool | int | float | str)
    return short(value) if plain else name_of(value)


def _say_groups(value: object) -> str:
    return (
        f"{name_of(value)}, which is no grouping"
        if isinstance(value, list | tuple)
        else name_of(value)
    )
