// What the author of a Lombard plugin in JavaScript depends on.
//
// Owns: exact decimals, the builder of views, settings by type, log lines, and
// the wrapping of `render` and `analyze` that hands errors over as the contract
// wants them. Must not know: what a plugin computes. There is no I/O but the
// host's functions; types are in `lombard.d.ts` beside this file.

import { write } from 'lombard:platform/log@0.1.0';
import * as raw from 'lombard:platform/settings@0.1.0';

/** Places kept of a calculated number that is sent, as in the host. */
const SENT_PLACES = 9;
/** The most places that a decimal of the contract has. */
const MAX_SCALE = 28;
const I64_MAX = 2n ** 63n - 1n;
const I64_MIN = -(2n ** 63n);

/**
 * `dividend / divisor` to the nearest whole number, half to even.
 *
 * @param {bigint} dividend
 * @param {bigint} divisor
 */
function divideHalfEven(dividend, divisor) {
  if (divisor < 0n) [dividend, divisor] = [-dividend, -divisor];
  let quotient = dividend / divisor;
  const rest = dividend % divisor;
  const twice = 2n * (rest < 0n ? -rest : rest);
  if (twice > divisor || (twice === divisor && quotient % 2n !== 0n)) {
    quotient += dividend < 0n ? -1n : 1n;
  }
  return quotient;
}

const power = (exponent) => 10n ** BigInt(exponent);

/**
 * An exact number: `mantissa × 10^-scale`, of any size. Immutable.
 *
 * Sums, differences and products are exact; a quotient is rounded (half to
 * even) to 28 places. Money is always one of these, never a `number`.
 */
export class Decimal {
  #mantissa;
  #scale;

  static ZERO = new Decimal(0n, 0);
  static ONE = new Decimal(1n, 0);

  constructor(mantissa, scale = 0) {
    if (typeof mantissa !== 'bigint') throw new TypeError('a mantissa is a bigint');
    if (!Number.isInteger(scale) || scale < 0) throw new RangeError(`a scale of ${scale}`);
    this.#mantissa = mantissa;
    this.#scale = scale;
    Object.freeze(this);
  }

  /** What is a decimal, a record of the contract, text such as `-12.5`, or a whole number. */
  static from(value) {
    if (value instanceof Decimal) return value;
    if (typeof value === 'bigint') return new Decimal(value, 0);
    if (typeof value === 'string') return Decimal.parse(value);
    if (typeof value === 'number') {
      if (Number.isSafeInteger(value)) return new Decimal(BigInt(value), 0);
      throw new TypeError(`${value} is no whole number: write a decimal as text, such as '12.5'`);
    }
    if (typeof value?.mantissa === 'bigint') return new Decimal(value.mantissa, value.scale);
    throw new TypeError(`${String(value)} is no decimal`);
  }

  /** Reads a number of the form `-12.5`: no exponent, no spaces, no names. */
  static parse(text) {
    const parts = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (!parts) throw new SyntaxError(`\`${text}\` is not a decimal number such as 12.5`);
    const [, sign, whole, fraction = ''] = parts;
    const mantissa = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -mantissa : mantissa, fraction.length);
  }

  /** The sum of all of these; 0 of none. */
  static sum(values) {
    let sum = Decimal.ZERO;
    for (const value of values) sum = sum.add(value);
    return sum;
  }

  get mantissa() {
    return this.#mantissa;
  }

  get scale() {
    return this.#scale;
  }

  add(other) {
    const [one, two, scale] = this.#aligned(other);
    return new Decimal(one + two, scale);
  }

  sub(other) {
    const [one, two, scale] = this.#aligned(other);
    return new Decimal(one - two, scale);
  }

  mul(other) {
    const factor = Decimal.from(other);
    return new Decimal(this.#mantissa * factor.#mantissa, this.#scale + factor.#scale);
  }

  /** The quotient, rounded half to even; throws a `RangeError` for a divisor of 0. */
  div(other, places = MAX_SCALE) {
    const divisor = Decimal.from(other);
    if (divisor.isZero()) throw new RangeError('a division by 0');
    const shift = places + divisor.#scale - this.#scale;
    const [up, down] = shift >= 0 ? [power(shift), 1n] : [1n, power(-shift)];
    const quotient = divideHalfEven(this.#mantissa * up, divisor.#mantissa * down);
    return new Decimal(quotient, places).normalized();
  }

  neg() {
    return new Decimal(-this.#mantissa, this.#scale);
  }

  abs() {
    return this.isNegative() ? this.neg() : this;
  }

  /** Below 0, 0 or above 0, as this is less than, equal to or more than the other. */
  compare(other) {
    const [one, two] = this.#aligned(other);
    return one < two ? -1 : Number(one > two);
  }

  equals(other) {
    return this.compare(other) === 0;
  }

  isZero() {
    return this.#mantissa === 0n;
  }

  isPositive() {
    return this.#mantissa > 0n;
  }

  isNegative() {
    return this.#mantissa < 0n;
  }

  /** Rounded half to even to so many places; one that has fewer stays as it is. */
  round(places) {
    if (this.#scale <= places) return this;
    return new Decimal(divideHalfEven(this.#mantissa, power(this.#scale - places)), places);
  }

  /** The same number without zeros at the end of its fraction. */
  normalized() {
    let [mantissa, scale] = [this.#mantissa, this.#scale];
    while (scale > 0 && mantissa % 10n === 0n) {
      mantissa /= 10n;
      scale -= 1;
    }
    return new Decimal(mantissa, scale);
  }

  /** Whether its whole part can be sent. */
  fits() {
    return this.abs().compare(I64_MAX) <= 0;
  }

  /**
   * The record of the contract: exact, or rounded half to even to 9 places, to
   * fewer where the digits before the point leave no room. A `RangeError` where
   * even the whole part does not fit.
   */
  toWire() {
    const exact = this.normalized();
    const isSent = ({ mantissa }) => mantissa >= I64_MIN && mantissa <= I64_MAX;
    const wire = (number) => ({ mantissa: number.mantissa, scale: number.scale });
    if (exact.scale <= MAX_SCALE && isSent(exact)) return wire(exact);
    for (let places = SENT_PLACES; places >= 0; places -= 1) {
      const rounded = exact.round(places).normalized();
      if (isSent(rounded)) return wire(rounded);
    }
    throw new RangeError(`\`${this}\` is out of range: a decimal has at most 18 digits, all told`);
  }

  toString() {
    const sign = this.isNegative() ? '-' : '';
    const digits = String(this.abs().#mantissa).padStart(this.#scale + 1, '0');
    const point = digits.length - this.#scale;
    return this.#scale === 0 ? sign + digits : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }

  toJSON() {
    return this.toString();
  }

  /** Throws: arithmetic and comparison by operators would go by way of floats. */
  [Symbol.toPrimitive](hint) {
    if (hint === 'string') return this.toString();
    throw new TypeError('use add, sub, mul, div and compare with decimals, not operators');
  }

  #aligned(value) {
    const other = Decimal.from(value);
    const scale = Math.max(this.#scale, other.#scale);
    const at = (number) => number.#mantissa * power(scale - number.#scale);
    return [at(this), at(other), scale];
  }
}

/** A point in time as a cell: microseconds since 1970, UTC. */
export class Time {
  constructor(micros) {
    if (typeof micros !== 'bigint') throw new TypeError('a time is microseconds, as a bigint');
    this.micros = micros;
    Object.freeze(this);
  }
}

/** The cell of the contract for a value; see `CellValue` for what is what. */
export function cell(value) {
  if (value === null || value === undefined) return { tag: 'absent' };
  if (typeof value === 'string') return { tag: 'text', val: value };
  if (typeof value === 'bigint') return { tag: 'integer', val: value };
  if (value instanceof Time) return { tag: 'time', val: value.micros };
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return { tag: 'integer', val: BigInt(value) };
  }
  return { tag: 'decimal', val: Decimal.from(value).toWire() };
}

const column = ([key, label, kind]) => ({ key, label, kind });

/** A view that is being built; its parts are shown in the order they are added. */
class ViewBuilder {
  #view;

  constructor(title) {
    this.#view = { title, blocks: [] };
  }

  table(table) {
    return this.#add('table', table.build());
  }

  stat(key, label, kind, value) {
    return this.#add('stat', { key, label, kind, value: cell(value) });
  }

  bars(bars) {
    return this.#add('bars', bars.build());
  }

  lines(lines) {
    return this.#add('lines', lines.build());
  }

  text(text) {
    return this.#add('text', text);
  }

  empty(why) {
    return this.#add('empty', why);
  }

  warning(why) {
    return this.#add('warning', why);
  }

  build() {
    return this.#view;
  }

  #add(tag, val) {
    this.#view.blocks.push({ tag, val });
    return this;
  }
}

class TableBuilder {
  #table;

  constructor(columns) {
    this.#table = { columns: columns.map(column), rows: [] };
  }

  row(id, ...cells) {
    const { columns, rows } = this.#table;
    if (cells.length !== columns.length) {
      throw new RangeError(`a row of ${cells.length} cells in a table of ${columns.length} columns`);
    }
    rows.push({ id: id === null || id === undefined ? undefined : BigInt(id), cells: cells.map(cell) });
    return this;
  }

  build() {
    return this.#table;
  }
}

class BarsBuilder {
  #series;

  constructor(label, kind, parts) {
    this.#series = { label, kind, parts: [...parts], stacks: [] };
  }

  bar(label, ...lengths) {
    const { parts, stacks } = this.#series;
    if (lengths.length !== parts.length) {
      throw new RangeError(`a bar of ${lengths.length} lengths for ${parts.length} parts`);
    }
    const length = (value) => (value === null || value === undefined ? undefined : Decimal.from(value).toWire());
    stacks.push({ label, lengths: lengths.map(length) });
    return this;
  }

  build() {
    return this.#series;
  }
}

class LinesBuilder {
  #series;

  constructor(label, kind) {
    this.#series = { label, kind, lines: [] };
  }

  line(label, points) {
    const point = ([at, value]) => ({ at, value: Decimal.from(value).toWire() });
    this.#series.lines.push({ label, points: Array.from(points, point) });
    return this;
  }

  build() {
    return this.#series;
  }
}

/** Begins a view with its heading. */
export const view = (title) => new ViewBuilder(title);

/** Begins a table with its columns: key, heading, kind. */
export const table = (columns) => new TableBuilder(columns);

/** Begins stacked bars with what they show and the names of their parts. */
export const bars = (label, kind, parts) => new BarsBuilder(label, kind, parts);

/** Begins lines over time with what they show. */
export const lines = (label, kind) => new LinesBuilder(label, kind);

/** Writes to the host's log, tagged there with plugin, version and call. */
export const log = Object.freeze({
  debug: (message) => write('debug', String(message)),
  info: (message) => write('info', String(message)),
  warn: (message) => write('warn', String(message)),
  error: (message) => write('error', String(message)),
});

/** Why a plugin could not do its work, in the form that the contract wants. */
export class PluginError extends Error {
  constructor(tag, val) {
    super(typeof val === 'string' ? val : `${val.tag}: ${val.val ?? ''}`);
    this.name = 'PluginError';
    this.payload = { tag, val };
  }

  /** The request asks for what this plugin can't do. */
  static request(why) {
    return new PluginError('request', why);
  }

  /** Anything else, for people. */
  static other(why) {
    return new PluginError('other', why);
  }
}

/** Has an error of `settings` told as one. */
function asked(question) {
  try {
    return question();
  } catch (error) {
    if (error?.payload?.tag) throw new PluginError('settings', error.payload);
    throw error;
  }
}

/** A value of the contract as one of JavaScript. */
function lifted(value) {
  switch (value?.tag) {
    case undefined:
      return undefined;
    case 'decimal':
      return Decimal.from(value.val);
    case 'json':
      return JSON.parse(value.val);
    default:
      return value.val;
  }
}

/** The caller's own settings, and those of the account it works for. */
export const settings = Object.freeze({
  get: (key) => lifted(asked(() => raw.get(key))),
  getAccount: (key) => lifted(asked(() => raw.getAccount(key))),
  all: () => new Map(asked(() => raw.all()).map(({ key, value }) => [key, lifted(value)])),
  save: (patch) => asked(() => raw.save(patch)),
  replace: (entries) => asked(() => raw.replace(entries)),
});

/** A setting that has to have a value; the manifest gives it a default. */
export function required(key) {
  const value = settings.get(key);
  if (value === undefined) {
    throw new PluginError('settings', { tag: 'invalid', val: `\`${key}\` has no value` });
  }
  return value;
}

/** Transactions that are not closed: one that is closing still holds its position. */
export const OPEN = Object.freeze({ waiting: true, opened: true, closing: true, closed: false });

/** The most transactions that the host gives at once. */
const PAGE = 100_000;

/** Every transaction in one of these states, however many pages they are. */
export function transactionsIn(session, statuses = OPEN, { expert, symbol } = {}) {
  const read = (after) => session.transactions({ statuses, expert, symbol }, after, PAGE);
  let all = [];
  let page = read(undefined);
  while (page.length === PAGE) {
    all = all.concat(page);
    page = read(page.at(-1).id);
  }
  return all.concat(page);
}

/** The ids of some records, in the form that crosses the boundary in one piece. */
export const idsOf = (records) => BigUint64Array.from(records, (record) => record.id);

/** What the host is told of an error that nobody caught. */
function told(error) {
  if (error instanceof PluginError) return error;
  if (error?.payload?.tag) return new PluginError('session', error.payload);
  return PluginError.other(`${error?.name ?? 'error'}: ${error?.message ?? error}`);
}

function guarded(work) {
  try {
    return work();
  } catch (error) {
    throw told(error);
  }
}

/** Makes the export `render` of a function from session and request to a view. */
export const widget = (render) => (session, request) =>
  guarded(() => {
    const shown = render(session, request);
    return shown instanceof ViewBuilder ? shown.build() : shown;
  });

/** Makes the export `analyze` of a function from session and request to recommendations. */
export const expert = (analyze) => (session, request) =>
  guarded(() =>
    Array.from(analyze(session, request), (one) => ({
      ...one,
      confidence: Decimal.from(one.confidence).toWire(),
      expectedProfitPercent: Decimal.from(one.expectedProfitPercent).toWire(),
    })),
  );
