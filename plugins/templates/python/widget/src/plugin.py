"""{{title}}: the open trades per symbol, the largest first.

Ask for sets: `session.orders_of(ids)` reads the orders of all trades at once.
Numbers are `decimal.Decimal`; `from_wire` makes one of what the host gives.
"""

from collections import defaultdict
from decimal import Decimal

from lombard import INTEGER, QUANTITY, TEXT, ViewBuilder, from_wire, log, table, transactions_in
from lombard import view, widget
from wit_world.imports.session import Session
from wit_world.imports.views import RenderRequest


def render(session: Session, request: RenderRequest) -> ViewBuilder:
    trades = transactions_in(session)
    log.debug(f"{len(trades)} open trades")

    sizes: dict[str, list[Decimal]] = defaultdict(list)
    for trade in trades:
        sizes[trade.symbol].append(from_wire(trade.quantity))
    sums = [(symbol, len(all), sum(all, Decimal(0))) for symbol, all in sizes.items()]
    sums.sort(key=lambda row: (-row[2], row[0]))

    rows = table(("symbol", "Symbol", TEXT), ("trades", "Trades", INTEGER), ("size", "Size", QUANTITY))
    room = len(sums) if request.max_rows is None else request.max_rows
    for symbol, count, size in sums[:room]:
        rows.row(None, symbol, count, size)

    shown = view("{{title}}").table(rows).stat("trades", "Open trades", INTEGER, len(trades))
    if not sums:
        shown.empty("no open trade")
    if len(sums) > room:
        shown.text(f"{len(sums) - room} more rows are not shown")
    return shown


WitWorld = widget(render)
