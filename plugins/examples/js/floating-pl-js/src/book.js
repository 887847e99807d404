// Positions and what they are worth.
//
// Owns: which fills count, what a position cost, and the words for what can't
// be counted. Must not know: the session, experts' names, or how a view looks.

import { Decimal } from '../lombard/lombard.js';

/** What names an instrument in a map. */
export const keyOf = ({ account, symbol }) => `${account}/${symbol}`;

/** In the order in which faults are told of one transaction on one account. */
const CAUSES = ['no price', 'fill without price', 'too large'];

/**
 * What these transactions hold, by transaction, then account; and what of them
 * can't be counted.
 */
export function positionsOf(transactions, orders) {
  const ofTransaction = new Map(transactions.map(({ id }) => [id, []]));
  // The session gives them by transaction, the earliest first.
  for (const order of orders) ofTransaction.get(order.transaction)?.push(order);
  const positions = [];
  const faults = [];
  for (const transaction of transactions) {
    const own = ofTransaction.get(transaction.id);
    const side = transaction.side ?? own[0]?.side;
    for (const [account, fills] of fillsOf(transaction, own, side, faults)) {
      const open = fills.entered.sub(fills.exited);
      if (!open.isPositive()) continue;
      // Multiplied before it is divided, so that an exact result stays exact.
      const cost = open.equals(fills.entered) ? fills.paid : open.mul(fills.paid).div(fills.entered);
      if (cost.fits()) positions.push({ transaction, account, side, open, cost });
      else faults.push({ transaction, account, cause: 'too large' });
    }
  }
  return { positions, faults };
}

/** The fills of one transaction, summed per account, by account. */
function fillsOf(transaction, orders, side, faults) {
  const ofAccount = new Map();
  for (const { account, side: way, filledQuantity, fillPrice } of orders) {
    const filled = Decimal.from(filledQuantity ?? 0n);
    if (!filled.isPositive()) continue;
    if (fillPrice === undefined) {
      faults.push({ transaction, account, cause: 'fill without price' });
      continue;
    }
    const none = { entered: Decimal.ZERO, exited: Decimal.ZERO, paid: Decimal.ZERO };
    const fills = ofAccount.get(account) ?? none;
    ofAccount.set(account, fills);
    if (way === side) {
      fills.entered = fills.entered.add(filled);
      fills.paid = fills.paid.add(filled.mul(fillPrice));
    } else {
      fills.exited = fills.exited.add(filled);
    }
  }
  return [...ofAccount].sort(([one], [other]) => Number(one - other));
}

/**
 * Floating P/L per expert, and the accounts with a part in it. What can't be
 * counted is added to the faults, which are in their order afterwards.
 */
export function pricedWith(quotes, positions, faults) {
  const prices = new Map(quotes.map(({ instrument, price }) => [keyOf(instrument), price]));
  const sums = new Map();
  const summed = new Set();
  for (const { transaction, account, side, open, cost } of positions) {
    const price = prices.get(keyOf({ account, symbol: transaction.symbol }));
    if (price === undefined) {
      faults.push({ transaction, account, cause: 'no price' });
      continue;
    }
    const gain = open.mul(price).sub(cost);
    const pl = side === 'buy' ? gain : gain.neg();
    const sum = (sums.get(transaction.expert) ?? Decimal.ZERO).add(pl);
    if (pl.fits() && sum.fits()) {
      sums.set(transaction.expert, sum);
      summed.add(account);
    } else {
      faults.push({ transaction, account, cause: 'too large' });
    }
  }
  inOrder(faults);
  return { sums, summed };
}

/** By transaction, account and cause, each once. */
function inOrder(faults) {
  const rank = ({ cause }) => CAUSES.indexOf(cause);
  const compare = (one, other) =>
    Number(one.transaction.id - other.transaction.id) ||
    Number(one.account - other.account) ||
    rank(one) - rank(other);
  const sorted = faults.sort(compare);
  const isNew = (fault, at) => at === 0 || compare(sorted[at - 1], fault) !== 0;
  faults.splice(0, faults.length, ...sorted.filter(isNew));
}

/** A fault in words, such as `transaction 12: no price for XYZ on account Alpha (1)`. */
export function faultText({ transaction: { id, symbol }, account, cause }, accounts) {
  const known = accounts.get(account);
  const where = known ? `account ${known.name} (${account})` : `account ${account}`;
  switch (cause) {
    case 'no price':
      return `transaction ${id}: no price for ${symbol} on ${where}`;
    case 'fill without price':
      return `transaction ${id}: a fill without a price on ${where} is left out`;
    default:
      return `transaction ${id}: left out, its numbers on ${where} are too large`;
  }
}
