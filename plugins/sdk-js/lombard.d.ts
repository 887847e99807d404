// Types of `lombard.js`: what the author of a plugin in JavaScript depends on.
//
// Owns: the face of the helper. Must not know: the modules of the host beyond
// their types, which are in `platform.d.ts`.

/// <reference path="./platform.d.ts" />

import type { AnalysisRequest, Recommendation } from 'lombard:platform/analysis@0.1.0';
import type { Session } from 'lombard:platform/session@0.1.0';
import type { Entry } from 'lombard:platform/settings@0.1.0';
import type {
  Decimal as WireDecimal,
  PluginError as PluginErrorPayload,
  Transaction,
  TransactionStatuses,
} from 'lombard:platform/types@0.1.0';
import type {
  BarSeries,
  Cell,
  Kind,
  LineSeries,
  RenderRequest,
  Table,
  View,
} from 'lombard:platform/views@0.1.0';

/** What a decimal can be made of: never a `number` with a fraction. */
export type DecimalLike = Decimal | WireDecimal | bigint | number | string;

/**
 * An exact number: `mantissa × 10^-scale`, of any size. Immutable.
 *
 * Sums, differences and products are exact; a quotient is rounded (half to
 * even) to 28 places. Money is always one of these, never a `number`.
 */
export class Decimal {
  static readonly ZERO: Decimal;
  static readonly ONE: Decimal;
  constructor(mantissa: bigint, scale?: number);
  /** What is a decimal, a record of the contract, text such as `-12.5`, or a whole number. */
  static from(value: DecimalLike): Decimal;
  /** Reads a number of the form `-12.5`; throws a `SyntaxError` for another form. */
  static parse(text: string): Decimal;
  /** The sum of all of these; 0 of none. */
  static sum(values: Iterable<DecimalLike>): Decimal;
  /** The digits, with the sign. */
  get mantissa(): bigint;
  /** How many of the digits stand behind the point. */
  get scale(): number;
  add(other: DecimalLike): Decimal;
  sub(other: DecimalLike): Decimal;
  mul(other: DecimalLike): Decimal;
  /** The quotient, rounded half to even; throws a `RangeError` for a divisor of 0. */
  div(other: DecimalLike, places?: number): Decimal;
  neg(): Decimal;
  abs(): Decimal;
  /** Below 0, 0 or above 0, as this is less than, equal to or more than the other. */
  compare(other: DecimalLike): number;
  equals(other: DecimalLike): boolean;
  isZero(): boolean;
  isPositive(): boolean;
  isNegative(): boolean;
  /** Rounded half to even to so many places; one that has fewer stays as it is. */
  round(places: number): Decimal;
  /** The same number without zeros at the end of its fraction. */
  normalized(): Decimal;
  /** Whether its whole part can be sent. */
  fits(): boolean;
  /**
   * The record of the contract: exact, or rounded half to even to 9 places, to
   * fewer where the digits before the point leave no room. Throws a `RangeError`
   * where even the whole part does not fit.
   */
  toWire(): WireDecimal;
  toString(): string;
  /** Its text: JSON's numbers are floats. */
  toJSON(): string;
}

/** A point in time as a cell: microseconds since 1970, UTC. */
export class Time {
  readonly micros: bigint;
  constructor(micros: bigint);
}

/**
 * What a cell can be made of: nothing, words, a whole number, an exact number, a
 * point in time. A number with a fraction is refused.
 */
export type CellValue = null | undefined | string | bigint | number | Decimal | WireDecimal | Time;

/** The cell of the contract for a value. */
export function cell(value: CellValue): Cell;

/** Key, heading, kind. */
export type ColumnSpec = readonly [key: string, label: string, kind: Kind];

/** A view that is being built; its parts are shown in the order they are added. */
export interface ViewBuilder {
  /** Adds a table. */
  table(table: TableBuilder): this;
  /** Adds one number that matters, or says that there is none. */
  stat(key: string, label: string, kind: Kind, value: CellValue): this;
  /** Adds stacked bars. */
  bars(bars: BarsBuilder): this;
  /** Adds lines over time. */
  lines(lines: LinesBuilder): this;
  /** Adds a paragraph. */
  text(text: string): this;
  /** Says that there is nothing to show, and why. */
  empty(why: string): this;
  /** Says that what is shown is not the whole, or not sure, and why. */
  warning(why: string): this;
  /** The view. */
  build(): View;
}

/** A table that is being built. */
export interface TableBuilder {
  /** Adds a row: what it is about, and a cell for each column. */
  row(id: bigint | number | null | undefined, ...cells: CellValue[]): this;
  /** The table. */
  build(): Table;
}

/** Stacked bars that are being built. */
export interface BarsBuilder {
  /** Adds a bar with a length for each part. */
  bar(label: string, ...lengths: Array<DecimalLike | null | undefined>): this;
  /** The bars. */
  build(): BarSeries;
}

/** Lines that are being built. */
export interface LinesBuilder {
  /** Adds a line of points (time, value) by rising time. */
  line(label: string, points: Iterable<readonly [at: bigint, value: DecimalLike]>): this;
  /** The lines. */
  build(): LineSeries;
}

/** Begins a view with its heading. */
export function view(title: string): ViewBuilder;
/** Begins a table with its columns: key, heading, kind. */
export function table(columns: readonly ColumnSpec[]): TableBuilder;
/** Begins stacked bars with what they show and the names of their parts. */
export function bars(label: string, kind: Kind, parts: Iterable<string>): BarsBuilder;
/** Begins lines over time with what they show. */
export function lines(label: string, kind: Kind): LinesBuilder;

/**
 * Writes to the host's log, tagged there with plugin, version and call. Above 200
 * lines a call the rest is dropped: count in loops, don't print.
 */
export const log: {
  /** For whoever is looking for a fault in the plugin. */
  debug(message: unknown): void;
  /** Worth knowing. */
  info(message: unknown): void;
  /** Something is not as it should be; the plugin goes on. */
  warn(message: unknown): void;
  /** Something failed. */
  error(message: unknown): void;
};

/** Why a plugin could not do its work, in the form that the contract wants. */
export class PluginError extends Error {
  readonly payload: PluginErrorPayload;
  constructor(tag: PluginErrorPayload['tag'], val: PluginErrorPayload['val']);
  /** The request asks for what this plugin can't do. */
  static request(why: string): PluginError;
  /** Anything else, for people. */
  static other(why: string): PluginError;
}

/** A setting's value: a decimal as a `Decimal`, JSON read, a whole number as a `bigint`. */
export type SettingValue = any;

/** The caller's own settings, and those of the account it works for. */
export const settings: {
  /** What was saved, else its default, else `undefined`. */
  get(key: string): SettingValue;
  /** The same of the account. Needs `read:account-settings`; a widget has none. */
  getAccount(key: string): SettingValue;
  /** Every declared setting that has a value, by key; secrets are left out. */
  all(): Map<string, SettingValue>;
  /** Saves these and leaves the others; all or none. Needs `write:settings`. */
  save(patch: Entry[]): void;
  /** Saves these and removes every other one. Needs `write:settings`. */
  replace(entries: Entry[]): void;
};

/** A setting that has to have a value; the manifest gives it a default. */
export function required(key: string): SettingValue;

/** Transactions that are not closed: one that is closing still holds its position. */
export const OPEN: Readonly<TransactionStatuses>;

/** Every transaction in one of these states, however many pages they are. */
export function transactionsIn(
  session: Session,
  statuses?: TransactionStatuses,
  narrowed?: { expert?: bigint; symbol?: string },
): Transaction[];

/** The ids of some records, in the form that crosses the boundary in one piece. */
export function idsOf(records: Iterable<{ id: bigint }>): BigUint64Array;

/** A recommendation whose numbers may be decimals. */
export type RecommendationLike = Omit<Recommendation, 'confidence' | 'expectedProfitPercent'> & {
  confidence: DecimalLike;
  expectedProfitPercent: DecimalLike;
};

/** Makes the export `render` of a function from session and request to a view. */
export function widget(
  render: (session: Session, request: RenderRequest) => ViewBuilder | View,
): (session: Session, request: RenderRequest) => View;

/** Makes the export `analyze` of a function from session and request to recommendations. */
export function expert(
  analyze: (session: Session, request: AnalysisRequest) => Iterable<RecommendationLike>,
): (session: Session, request: AnalysisRequest) => Recommendation[];
