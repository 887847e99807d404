// Floating profit or loss of open positions, per expert.
//
// Owns: which sets the widget reads, and its view. Must not know: how a
// position is worked out of fills; that is in `book.js`.

import { Decimal, OPEN, idsOf, table, transactionsIn, view, widget } from '../lombard/lombard.js';
import { faultText, keyOf, positionsOf, pricedWith } from './book.js';

export const render = widget((session, request) => {
  const transactions = transactionsIn(session, OPEN).filter((one) => one.expert !== undefined);
  const orders = session.ordersOf(idsOf(transactions));
  const experts = session.experts();
  const { positions, faults } = positionsOf(transactions, orders);
  const quotes = session.quotes(instrumentsOf(positions));
  const { sums, summed } = pricedWith(quotes, positions, faults);

  const labels = new Map(experts.map(({ id, alias, plugin }) => [id, `${alias ?? plugin}-${id}`]));
  const rows = [...sums].map(([id, pl]) => ({ id, pl, label: labels.get(id) ?? `expert ${id}` }));
  rows.sort((one, other) => other.pl.compare(one.pl) || Number(one.id - other.id));
  const total = Decimal.sum(rows.map(({ pl }) => pl));
  const needsAccounts = faults.length > 0 || summed.size > 1 || !total.fits();
  const accounts = needsAccounts ? session.accounts() : [];
  return shown(rows, total, faults, summed, accounts, request.maxRows ?? rows.length);
});

/** Each instrument of these positions once, by account, then symbol. */
function instrumentsOf(positions) {
  const distinct = new Map();
  for (const { account, transaction } of positions) {
    const instrument = { account, symbol: transaction.symbol };
    distinct.set(keyOf(instrument), instrument);
  }
  const byName = (one, other) => Number(one.account - other.account) || (one.symbol < other.symbol ? -1 : 1);
  return [...distinct.values()].sort(byName);
}

function shown(rows, total, faults, summed, accounts, room) {
  const list = table([
    ['expert', 'Expert', 'text'],
    ['pl', 'P/L', 'money'],
  ]);
  for (const { id, label, pl } of rows.slice(0, room)) list.row(id, label, pl);
  const result = view('Floating P/L per expert').table(list);
  const hidden = rows.length - Math.min(room, rows.length);
  if (hidden === 1) result.text('1 more row is not shown');
  if (hidden > 1) result.text(`${hidden} more rows are not shown`);
  if (rows.length === 0) result.empty('no open position with a price');
  result.stat('total', 'Total P/L', 'money', total.fits() ? total : null);

  const byId = new Map(accounts.map((account) => [account.id, account]));
  for (const fault of faults) result.warning(faultText(fault, byId));
  if (!total.fits()) result.warning('the total is too large a number');
  const used = accounts.filter(({ id }) => summed.has(id)).map(({ currency }) => currency);
  const currencies = [...new Set(used)].sort();
  if (currencies.length > 1) {
    const names = currencies.join(', ');
    result.warning(`amounts in different currencies are added up without conversion: ${names}`);
  }
  return result;
}
