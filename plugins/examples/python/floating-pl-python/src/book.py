"""Positions and what they are worth.

Owns: which fills count, what a position cost, and the words for what can't be
counted. Must not know: the session, experts' names, or how a view looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from lombard import fits, from_wire, maybe
from wit_world.imports import types

ZERO = Decimal(0)


class Cause(IntEnum):
    """Why something can't be counted, in the order in which that is told."""

    NO_PRICE = 0
    FILL_WITHOUT_PRICE = 1
    TOO_LARGE = 2


@dataclass(frozen=True, order=True)
class Fault:
    """A part of a transaction, on an account, that can't be counted."""

    transaction: int
    account: int
    cause: Cause
    symbol: str

    def text(self, names: dict[int, str]) -> str:
        """In words, such as `transaction 12: no price for XYZ on account Alpha (1)`."""
        where = names.get(self.account, f"account {self.account}")
        match self.cause:
            case Cause.NO_PRICE:
                what = f"no price for {self.symbol} on {where}"
            case Cause.FILL_WITHOUT_PRICE:
                what = f"a fill without a price on {where} is left out"
            case _:
                what = f"left out, its numbers on {where} are too large"
        return f"transaction {self.transaction}: {what}"


@dataclass
class Fills:
    """The fills of one transaction on one account."""

    entered: Decimal = ZERO
    exited: Decimal = ZERO
    paid: Decimal = ZERO


@dataclass(frozen=True)
class Position:
    """What a transaction holds on an account; `open` is above 0."""

    transaction: types.Transaction
    account: int
    is_long: bool
    open: Decimal
    cost: Decimal

    def fault(self, cause: Cause) -> Fault:
        """A fault of just this position."""
        return Fault(self.transaction.id, self.account, cause, self.transaction.symbol)

    def floating_pl(self, price: Decimal) -> Decimal:
        """What it would give or take to close it at this price."""
        gain = price * self.open - self.cost
        return gain if self.is_long else -gain


def positions_of(
    transactions: Iterable[types.Transaction], orders: Iterable[types.Order]
) -> tuple[list[Position], set[Fault]]:
    """What these transactions hold, by transaction, then account; and what of
    them can't be counted."""
    of_transaction: dict[int, list[types.Order]] = defaultdict(list)
    # The session gives them by transaction, the earliest first.
    for order in orders:
        of_transaction[order.transaction].append(order)
    positions: list[Position] = []
    faults: set[Fault] = set()
    for transaction in transactions:
        own = of_transaction[transaction.id]
        if not own:
            continue
        side = own[0].side if transaction.side is None else transaction.side
        for account, fills in sorted(fills_of(transaction, own, side, faults).items()):
            open = fills.entered - fills.exited
            if open <= 0:
                continue
            # Multiplied before it is divided, so that an exact result stays exact.
            exact = open == fills.entered
            cost = fills.paid if exact else open * fills.paid / fills.entered
            position = Position(transaction, account, side is types.Side.BUY, open, cost)
            if fits(cost):
                positions.append(position)
            else:
                faults.add(position.fault(Cause.TOO_LARGE))
    return positions, faults


def fills_of(
    transaction: types.Transaction,
    orders: Iterable[types.Order],
    side: types.Side,
    faults: set[Fault],
) -> dict[int, Fills]:
    """The fills of one transaction, summed per account."""
    of_account: dict[int, Fills] = {}
    for order in orders:
        filled = maybe(order.filled_quantity) or ZERO
        if filled <= 0:
            continue
        if order.fill_price is None:
            cause = Cause.FILL_WITHOUT_PRICE
            faults.add(Fault(transaction.id, order.account, cause, transaction.symbol))
            continue
        fills = of_account.setdefault(order.account, Fills())
        if order.side == side:
            fills.entered += filled
            fills.paid += filled * from_wire(order.fill_price)
        else:
            fills.exited += filled
    return of_account


def priced_with(
    quotes: Iterable[types.Quote], positions: Iterable[Position], faults: set[Fault]
) -> tuple[dict[int, Decimal], set[int]]:
    """Floating P/L per expert, and the accounts with a part in it; what can't
    be counted is added to the faults."""
    prices = {
        (one.instrument.account, one.instrument.symbol): from_wire(one.price)
        for one in quotes
        if one.price is not None
    }
    sums: dict[int, Decimal] = {}
    summed: set[int] = set()
    for position in positions:
        price = prices.get((position.account, position.transaction.symbol))
        if price is None:
            faults.add(position.fault(Cause.NO_PRICE))
            continue
        expert = position.transaction.expert
        assert expert is not None
        pl = position.floating_pl(price)
        total = sums.get(expert, ZERO) + pl
        if fits(pl) and fits(total):
            sums[expert] = total
            summed.add(position.account)
        else:
            faults.add(position.fault(Cause.TOO_LARGE))
    return sums, summed
