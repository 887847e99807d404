// {{title}}: a close above its moving average is bought, one below sold.
//
// Ask for sets: `session.barsOf` reads the bars of all symbols at once. Numbers
// are decimals; add, compare and print them by their methods. The time is the
// session's: a plugin has no clock.

// @ts-check
import { Decimal, expert, log, required } from '../lombard/lombard.js';

/** How far from its average a close is that says something, in percent. */
const LEAST = Decimal.ONE;

export const analyze = expert((session, request) => {
  const days = Number(required('days'));
  const answers = session.barsOf(request.symbols, session.asOf(), days);
  const enough = answers.filter(({ symbol, bars }) => {
    if (bars.length === days) return true;
    log.info(`${symbol}: ${bars.length} of ${days} daily bars, nothing to say`);
    return false;
  });
  return enough.map(({ symbol, bars }) => recommendation(symbol, bars));
});

function recommendation(symbol, bars) {
  const average = Decimal.sum(bars.map(({ close }) => close)).div(bars.length);
  const close = Decimal.from(bars.at(-1).close);
  const gap = close.sub(average).mul(100).div(average).round(2);
  const distance = gap.abs();
  const says = distance.compare(LEAST) >= 0;
  const action = gap.isPositive() ? 'buy' : 'sell';
  return {
    symbol,
    action: says ? action : 'hold',
    // The further away, the surer, up to all there is.
    confidence: distance.compare(10) < 0 ? distance.mul(10) : 100,
    risk: 'medium',
    horizon: 'medium-term',
    expectedProfitPercent: says ? (distance.compare(100) < 0 ? distance : 100) : 0,
    explanation: `${symbol} closed at ${close}, ${gap} % from its ${bars.length}-day average ${average.round(2)}.`,
  };
}
