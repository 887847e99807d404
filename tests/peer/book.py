"""Floating P/L: what the orders of a transaction hold, and the sums of it.

Owns: the numbers of floating-pl-per-expert. Both patterns call this, so that
they differ in how they read and in nothing else. Must not know: sessions,
statements, or which pattern asks.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from models import Order, Transaction

# Decimals are shown exact, or rounded half to even to 9 places.
SHOWN = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Position:
    """What a transaction holds on one account."""

    account_id: int
    side: str
    open: Decimal
    cost: Decimal

    def floating_pl(self, price: Decimal) -> Decimal:
        gain = price * self.open - self.cost
        return gain if self.side == "buy" else -gain


@dataclass(slots=True)
class Profits:
    """The floating P/L of each expert."""

    labels: dict[int, str] = field(default_factory=dict)
    sums: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, expert_id: int, label: str, position: Position, price: Decimal | None) -> None:
        """Counts a position; one without a price adds nothing."""
        if price is not None and price > 0:
            self.labels[expert_id] = label
            self.sums[expert_id] += position.floating_pl(price)

    def rows(self) -> list[dict[str, object]]:
        """The rows from highest to lowest, ties by id."""
        ranked = sorted(self.sums.items(), key=lambda item: (-item[1], item[0]))
        return [
            {"id": expert_id, "expert": self.labels[expert_id], "pl": shown(pl)}
            for expert_id, pl in ranked
        ]

    def total(self) -> str:
        return shown(sum(self.sums.values(), Decimal()))


def accounts_of(orders: Sequence[Order]) -> list[int]:
    """The accounts that the orders were booked to: nearly always one."""
    return sorted({order.account_id for order in orders})


def position_on(
    account_id: int, transaction: Transaction, orders: Sequence[Order]
) -> Position | None:
    """What the transaction holds there; `orders` are all its, earliest first."""
    if not orders:
        return None
    side = transaction.side or orders[0].side
    entered = exited = paid = Decimal()
    for order in orders:
        filled, price = order.filled_quantity, order.fill_price
        if order.account_id != account_id or filled is None or filled <= 0 or price is None:
            continue
        if order.side == side:
            entered += filled
            paid += filled * price
        else:
            exited += filled
    left = entered - exited
    if left <= 0:
        return None
    return Position(account_id, side, left, left * paid / entered)


def shown(number: Decimal) -> str:
    """A decimal as Lombard writes it: no exponent, no trailing or signed zero."""
    rounded = number.quantize(SHOWN)
    return format(rounded.normalize() if rounded else Decimal(), "f")
