"""Which orders of many pieces a proof is asked about."""

from __future__ import annotations

import itertools

from quizzer.services.proving.asking import ALL_ORDERS_UP_TO, list_near_orders


def test_of_few_pieces_all_orders_are_tried():
    assert [list_near_orders(count) for count in range(ALL_ORDERS_UP_TO + 1)] == [None] * 8


def test_of_many_pieces_every_swap_and_every_move_is_tried_once():
    orders = list_near_orders(9)
    assert orders is not None
    own = list(range(9))
    swaps = set()
    for one, two in itertools.combinations(own, 2):
        swapped = own.copy()
        swapped[one], swapped[two] = two, one
        swaps.add(tuple(swapped))
    moves = set()
    for order in itertools.product(own, own):
        moved = own.copy()
        moved.insert(order[1], moved.pop(order[0]))
        moves.add(tuple(moved))
    assert set(orders) == (swaps | moves) - {tuple(own)}
    assert len(orders) == len(set(orders))
