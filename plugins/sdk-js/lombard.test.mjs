// The helper's own tests: `node --test plugins/sdk-js`.
//
// Owns: decimals, views and errors beside a host that is made up. Must not know:
// components.

import assert from 'node:assert/strict';
import { register } from 'node:module';
import { test } from 'node:test';

// In place of the host: `globalThis.host` answers.
const hooks = `
export async function resolve(name, context, next) {
  return name.startsWith('lombard:platform/') ? { url: 'fake:' + name, shortCircuit: true } : next(name, context);
}
export async function load(url, context, next) {
  if (!url.startsWith('fake:')) return next(url, context);
  const source = url.includes('/log@')
    ? 'export const write = (level, message) => globalThis.host.lines.push([level, message]);'
    : 'export const get = (key) => globalThis.host.get(key);' +
      'export const all = () => []; export const getAccount = get; export const save = get; export const replace = get;';
  return { format: 'module', shortCircuit: true, source };
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
globalThis.host = { lines: [], get: () => undefined };

const { Decimal, PluginError, Time, bars, cell, expert, idsOf, lines, log, required, settings, table, transactionsIn, view, widget } =
  await import('./lombard.js');

const wire = (text) => Decimal.parse(text).toWire();

test('arithmetic is exact', () => {
  assert.equal(String(Decimal.parse('0.1').add('0.2')), '0.3');
  assert.equal(String(Decimal.parse('-1.50').mul('0.004')), '-0.00600');
  assert.equal(String(Decimal.parse('10').sub('0.000000001')), '9.999999999');
  assert.equal(String(Decimal.ONE.div(3)), `0.${'3'.repeat(28)}`);
  assert.equal(String(Decimal.parse('2.5').div('0.5')), '5');
  assert.throws(() => Decimal.ONE.div(0), RangeError);
});

test('halves are rounded to the even neighbour', () => {
  const rounded = (text, places) => String(Decimal.parse(text).round(places));
  assert.equal(rounded('0.125', 2), '0.12');
  assert.equal(rounded('0.135', 2), '0.14');
  assert.equal(rounded('-0.125', 2), '-0.12');
  assert.equal(rounded('-0.1251', 2), '-0.13');
  assert.equal(rounded('2.5', 0), '2');
});

test('a float is never taken for a decimal', () => {
  assert.throws(() => Decimal.from(0.1), TypeError);
  assert.throws(() => Decimal.ONE + 1, TypeError);
  assert.throws(() => Decimal.ONE < Decimal.ZERO, TypeError);
  for (const bad of ['', '.', '1.', '.5', '1e3', 'NaN', ' 1', '--1']) {
    assert.throws(() => Decimal.parse(bad), SyntaxError, bad);
  }
});

test('what is sent is exact, or has nine places or fewer', () => {
  assert.deepEqual(wire('1250.00'), { mantissa: 1250n, scale: 0 });
  assert.deepEqual(wire('0.000000000000000001'), { mantissa: 1n, scale: 18 });
  assert.deepEqual(Decimal.ONE.div(3).toWire(), { mantissa: 333333333n, scale: 9 });
  assert.deepEqual(wire('123456789012345.123456789'), { mantissa: 1234567890123451235n, scale: 4 });
  assert.deepEqual(wire('-9223372036854775808'), { mantissa: -(2n ** 63n), scale: 0 });
  assert.throws(() => wire('9223372036854775808'), RangeError);
  const back = Decimal.from({ mantissa: -15n, scale: 1 });
  assert.equal(String(back), '-1.5');
});

test('blocks stand in the order they were added', () => {
  const made = view('Title')
    .table(table([['symbol', 'Symbol', 'text'], ['size', 'Size', 'quantity']]).row(1n, 'AAPL', Decimal.parse('2.5')))
    .stat('total', 'Total', 'money', null)
    .bars(bars('Use', 'money', ['filled', 'pending']).bar('A-1', Decimal.ONE, null))
    .lines(lines('Close', 'money').line('AAPL', [[0n, Decimal.ONE]]))
    .text('words')
    .empty('nothing')
    .warning('careful')
    .build();
  assert.deepEqual(made.blocks.map(({ tag }) => tag), ['table', 'stat', 'bars', 'lines', 'text', 'empty', 'warning']);
  assert.deepEqual(made.blocks[0].val.rows[0], {
    id: 1n,
    cells: [{ tag: 'text', val: 'AAPL' }, { tag: 'decimal', val: { mantissa: 25n, scale: 1 } }],
  });
  assert.throws(() => table([['a', 'A', 'text']]).row(1, 'x', 'y'), RangeError);
});

test('a cell is of the kind of its value', () => {
  assert.deepEqual(cell(undefined), { tag: 'absent' });
  assert.deepEqual(cell(7), { tag: 'integer', val: 7n });
  assert.deepEqual(cell(new Time(5n)), { tag: 'time', val: 5n });
  assert.throws(() => cell(1.5), TypeError);
});

test('errors that nobody caught are told as the contract wants them', () => {
  const payload = (fault) => {
    try {
      widget(() => { throw fault; })(null, {});
    } catch (error) {
      return error.payload;
    }
    return undefined;
  };
  const denied = Object.assign(new Error('denied'), { payload: { tag: 'denied', val: 'read:orders' } });
  assert.deepEqual(payload(denied), { tag: 'session', val: denied.payload });
  assert.deepEqual(payload(new TypeError('no')), { tag: 'other', val: 'TypeError: no' });
  assert.deepEqual(payload(PluginError.request('no')), { tag: 'request', val: 'no' });
  host.get = () => { throw Object.assign(new Error('x'), { payload: { tag: 'undeclared', val: 'k' } }); };
  assert.throws(() => settings.get('k'), (error) => error.payload.tag === 'settings');
});

test('settings come as values of JavaScript', () => {
  const answers = { d: { tag: 'decimal', val: { mantissa: 5n, scale: 1 } }, j: { tag: 'json', val: '[1]' }, i: { tag: 'int', val: 3n } };
  host.get = (key) => answers[key];
  assert.equal(String(settings.get('d')), '0.5');
  assert.deepEqual(settings.get('j'), [1]);
  assert.equal(required('i'), 3n);
  assert.throws(() => required('none'), PluginError);
});

test('all pages of transactions are read', () => {
  const asked = [];
  const session = {
    transactions: (_, after, limit) => {
      asked.push(after);
      return after === undefined ? Array.from({ length: limit }, (_, at) => ({ id: BigInt(at + 1) })) : [{ id: 100_001n }];
    },
  };
  assert.equal(idsOf(transactionsIn(session)).at(-1), 100_001n);
  assert.deepEqual(asked, [undefined, 100_000n]);
});

test('recommendations take decimals, and log lines their level', () => {
  const analyze = expert(() => [{ symbol: 'A', confidence: Decimal.parse('50'), expectedProfitPercent: '1.5' }]);
  assert.deepEqual(analyze(null, {})[0].expectedProfitPercent, { mantissa: 15n, scale: 1 });
  log.warn(Decimal.ONE);
  assert.deepEqual(host.lines, [['warn', '1']]);
});
