"""Floating profit or loss of open positions, per expert.

Owns: which sets the widget reads, and its view. Must not know: how a position
is worked out of fills; that is in `book`.
"""

from __future__ import annotations

from decimal import Decimal

from book import Fault, positions_of, priced_with
from lombard import MONEY, TEXT, ViewBuilder, fits, table, transactions_in, view, widget
from wit_world.imports import types
from wit_world.imports.session import Session
from wit_world.imports.views import RenderRequest


def render(session: Session, request: RenderRequest) -> ViewBuilder:
    transactions = [one for one in transactions_in(session) if one.expert is not None]
    orders = session.orders_of([one.id for one in transactions])
    experts = session.experts()
    positions, faults = positions_of(transactions, orders)
    instruments = sorted({(one.account, one.transaction.symbol) for one in positions})
    quotes = session.quotes([types.Instrument(*instrument) for instrument in instruments])
    sums, summed = priced_with(quotes, positions, faults)

    labels = {one.id: f"{one.plugin if one.alias is None else one.alias}-{one.id}" for one in experts}
    rows = sorted(sums.items(), key=lambda row: (-row[1], row[0]))
    total = sum(sums.values(), Decimal(0))
    needs_accounts = faults or len(summed) > 1 or not fits(total)
    accounts = session.accounts() if needs_accounts else []

    room = len(rows) if request.max_rows is None else request.max_rows
    list_ = table(("expert", "Expert", TEXT), ("pl", "P/L", MONEY))
    for id, pl in rows[:room]:
        list_.row(id, labels.get(id, f"expert {id}"), pl)
    result = view("Floating P/L per expert").table(list_)
    hidden = len(rows) - min(room, len(rows))
    if hidden == 1:
        result.text("1 more row is not shown")
    elif hidden > 1:
        result.text(f"{hidden} more rows are not shown")
    if not rows:
        result.empty("no open position with a price")
    result.stat("total", "Total P/L", MONEY, total if fits(total) else None)
    for warning in warnings(faults, total, summed, accounts):
        result.warning(warning)
    return result


def warnings(
    faults: set[Fault], total: Decimal, summed: set[int], accounts: list[types.Account]
) -> list[str]:
    """What is missing from the numbers, or not sure about them."""
    names = {one.id: f"account {one.name} ({one.id})" for one in accounts}
    texts = [fault.text(names) for fault in sorted(faults)]
    if not fits(total):
        texts.append("the total is too large a number")
    currencies = sorted({one.currency for one in accounts if one.id in summed})
    if len(currencies) > 1:
        added = "amounts in different currencies are added up without conversion"
        texts.append(f"{added}: {', '.join(currencies)}")
    return texts


WitWorld = widget(render)
