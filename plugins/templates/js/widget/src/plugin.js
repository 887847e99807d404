// {{title}}: the open trades per symbol, the largest first.
//
// Ask for sets: `session.ordersOf(idsOf(trades))` reads the orders of all trades
// at once. Numbers are decimals; add, compare and print them by their methods.

// @ts-check
import { Decimal, log, table, transactionsIn, view, widget } from '../lombard/lombard.js';

export const render = widget((session, request) => {
  const trades = transactionsIn(session);
  log.debug(`${trades.length} open trades`);

  const symbols = new Map();
  for (const { symbol, quantity } of trades) {
    const sum = symbols.get(symbol) ?? { trades: 0, size: Decimal.ZERO };
    symbols.set(symbol, { trades: sum.trades + 1, size: sum.size.add(quantity) });
  }
  const sums = [...symbols].sort(
    ([one, { size }], [other, { size: against }]) => against.compare(size) || (one < other ? -1 : 1),
  );

  const rows = table([
    ['symbol', 'Symbol', 'text'],
    ['trades', 'Trades', 'integer'],
    ['size', 'Size', 'quantity'],
  ]);
  const room = request.maxRows ?? sums.length;
  for (const [symbol, { trades, size }] of sums.slice(0, room)) rows.row(null, symbol, trades, size);

  const shown = view('{{title}}').table(rows).stat('trades', 'Open trades', 'integer', trades.length);
  if (sums.length === 0) shown.empty('no open trade');
  if (sums.length > room) shown.text(`${sums.length - room} more rows are not shown`);
  return shown;
});
