// The contract as componentize-js gives it to a plugin: the modules that the
// host provides, one for each interface of `wit/`.
//
// Owns: the types of what crosses the boundary. Must not know: the helper.
//
// A record is an object with names in camel case, an enum a string, a variant an
// object of `tag` and `val`, a set of flags an object of booleans, a 64-bit whole
// number a `bigint`. An option that is absent is `undefined`. Where WIT says
// `result`, a function returns the value or throws an error with the `payload`.

/** The values that cross the boundary. */
declare module 'lombard:platform/types@0.1.0' {
  /**
   * An exact number: `mantissa × 10^-scale`, the form of FIX SBE decimals.
   *
   * Money, prices, quantities and percentages are all of this kind and
   * never a float. A scale above 28 is refused by the host.
   */
  export interface Decimal {
    /** The digits, with the sign. */
    mantissa: bigint;
    /** How many of the digits stand behind the point, 0 to 28. */
    scale: number;
  }
  /** Microseconds since 1970-01-01T00:00:00Z, without leap seconds. */
  export type Timestamp = bigint;
  /** Names an account. Never 0, never given again to another account. */
  export type AccountId = bigint;
  /** Names an expert instance. Never 0, never given again to another. */
  export type ExpertId = bigint;
  /** Names a transaction. Never 0. */
  export type TransactionId = bigint;
  /** Names an order. Never 0. */
  export type OrderId = bigint;

  /** Which way an order or a transaction goes. */
  export type Side =
    /** Long, or covering a short. */
    | 'buy'
    /** Short, or closing a long. */
    | 'sell';

  /** Where a transaction stands. */
  export type TransactionStatus =
    /** Its entry has not been executed yet. */
    | 'waiting'
    /** It holds a position. */
    | 'opened'
    /** Its exit is under way; it still holds its position. */
    | 'closing'
    /** It is over. */
    | 'closed';

  /** A set of transaction states, to ask for several at once. */
  export interface TransactionStatuses {
    /** Those `waiting`. */
    waiting?: boolean;
    /** Those `opened`. */
    opened?: boolean;
    /** Those `closing`. */
    closing?: boolean;
    /** Those `closed`. */
    closed?: boolean;
  }

  /**
   * What an order's state amounts to. Brokers have many names, which come
   * and go; each belongs to one of these.
   */
  export type OrderPhase =
    /** Not at the broker yet. */
    | 'unsent'
    /** At the broker, and more of it may be executed. */
    | 'working'
    /** Executed in full. */
    | 'filled'
    /** Over, or on its way to be; it may hold a partial fill. */
    | 'ended';

  /** The state of an order: the closed phase and the broker's own name. */
  export interface OrderStatus {
    /** What the name amounts to. Decide by this. */
    phase: OrderPhase;
    /** The name, such as `pending_new`, in snake case. Show this. */
    name: string;
  }

  /** How an order is to be executed. The direction stands in its `side`. */
  export type OrderType =
    /** At once, at what the market gives. */
    | 'market'
    /** At `limit-price` or better. */
    | 'limit'
    /** At the market once `stop-price` is reached. */
    | 'stop'
    /** At `limit-price` or better once `stop-price` is reached. */
    | 'stop-limit'
    /** A stop that follows the market. */
    | 'trailing-stop'
    /** A type this version of the contract has no word for. */
    | 'other';

  /** An account at a broker. */
  export interface Account {
    /** Its name for the host. */
    id: AccountId;
    /** Its name for people. Two accounts may share one. */
    name: string;
    /** The broker's provider, such as `paper`. */
    provider: string;
    /** ISO 4217 code of its cash and of its instruments' prices. */
    currency: string;
  }

  /** An instance of an expert plugin, working for one account. */
  export interface Expert {
    /** Its name for the host. */
    id: ExpertId;
    /** The account it works for. */
    account: AccountId;
    /** The plugin it is an instance of. It need not be installed. */
    plugin: string;
    /** The name people gave it. */
    alias?: string | undefined;
    /** Whether it may run. */
    enabled: boolean;
    /** The share of the account's balance it may use, in percent. 0 is 0. */
    virtualEquityPercent: Decimal;
  }

  /** One trade from its entry to its exit. */
  export interface Transaction {
    /** Its name for the host. */
    id: TransactionId;
    /** The expert it belongs to; absent for a trade by hand. */
    expert?: ExpertId | undefined;
    /** The instrument. */
    symbol: string;
    /**
     * Which way it goes, where that was said. Where it was not, it goes
     * the way of its earliest order, by creation, then id.
     */
    side?: Side | undefined;
    /** How much was meant to be traded. */
    quantity: Decimal;
    /** The price it was meant to open at. */
    openPrice?: Decimal | undefined;
    /** Where it stands. */
    status: TransactionStatus;
    /** When it was made. */
    createdAt: Timestamp;
  }

  /** An order at a broker, or on its way there. */
  export interface Order {
    /** Its name for the host. */
    id: OrderId;
    /** The transaction it belongs to. */
    transaction: TransactionId;
    /**
     * The account it is booked to. The orders of one transaction may be
     * booked to several.
     */
    account: AccountId;
    /** The instrument. */
    symbol: string;
    /** Which way it goes. */
    side: Side;
    /** How it is to be executed. */
    orderType: OrderType;
    /** Where it stands. */
    status: OrderStatus;
    /** How much it asks for. */
    quantity: Decimal;
    /** How much of it was executed; absent where the broker said nothing. */
    filledQuantity?: Decimal | undefined;
    /** The average price of what was executed. */
    fillPrice?: Decimal | undefined;
    /** Its limit, where it has one. */
    limitPrice?: Decimal | undefined;
    /** Its stop, where it has one. */
    stopPrice?: Decimal | undefined;
    /** The order that has to be executed before this one is sent. */
    dependsOn?: OrderId | undefined;
    /** When it was made, where that is known. Unknown sorts first. */
    createdAt?: Timestamp | undefined;
  }

  /**
   * Decimals of many rows.
   *
   * Both lists have one length, that of the table they belong to.
   */
  export interface DecimalColumn {
    /** The digits of each, with the sign. */
    mantissas: BigInt64Array;
    /**
     * How many of the digits stand behind the point, 0 to 28; 255 where
     * the row has no value, with a mantissa of 0.
     */
    scales: Uint8Array;
  }

  /**
   * Transactions, column by column.
   *
   * All columns have one length: the values at one place of each are one
   * `transaction`. A column crosses the boundary in one piece, and a text
   * once for all rows that have it, so that thousands of rows cost little
   * more than one; a handful is as well off as records.
   */
  export interface TransactionTable {
    /** The texts of the other columns, each once. */
    texts: string[];
    /** `id` of each. */
    ids: BigUint64Array;
    /** `expert` of each; 0 where there is none. */
    experts: BigUint64Array;
    /** `symbol` of each, as its place in `texts`. */
    symbols: Uint32Array;
    /** `side` of each. */
    sides: Array<Side | undefined>;
    /** `quantity` of each. */
    quantities: DecimalColumn;
    /** `open-price` of each. */
    openPrices: DecimalColumn;
    /** `status` of each. */
    statuses: TransactionStatus[];
    /** `created-at` of each. */
    createdAt: BigInt64Array;
  }

  /**
   * Orders, column by column, as in `transaction-table`: the values at one
   * place of each column are one `order`.
   */
  export interface OrderTable {
    /** The texts of the other columns, each once. */
    texts: string[];
    /** `id` of each. */
    ids: BigUint64Array;
    /** `transaction` of each. */
    transactions: BigUint64Array;
    /** `account` of each. */
    accounts: BigUint64Array;
    /** `symbol` of each, as its place in `texts`. */
    symbols: Uint32Array;
    /** `side` of each. */
    sides: Side[];
    /** `order-type` of each. */
    orderTypes: OrderType[];
    /** The phase of the `status` of each. */
    phases: OrderPhase[];
    /** The name of the `status` of each, as its place in `texts`. */
    statusNames: Uint32Array;
    /** `quantity` of each. */
    quantities: DecimalColumn;
    /** `filled-quantity` of each. */
    filledQuantities: DecimalColumn;
    /** `fill-price` of each. */
    fillPrices: DecimalColumn;
    /** `limit-price` of each. */
    limitPrices: DecimalColumn;
    /** `stop-price` of each. */
    stopPrices: DecimalColumn;
    /** `depends-on` of each; 0 where there is none. */
    dependsOn: BigUint64Array;
    /**
     * `created-at` of each; the smallest number there is where it is
     * unknown.
     */
    createdAt: BigInt64Array;
  }

  /** Transactions with all their orders. */
  export interface BookTable {
    /** The transactions. */
    transactions: TransactionTable;
    /**
     * Their orders. Its own `texts` are empty: its columns name places in
     * those of `transactions`.
     */
    orders: OrderTable;
  }

  /** An instrument as one account sees it. */
  export interface Instrument {
    /** The account whose broker is asked. */
    account: AccountId;
    /** The symbol at that broker. */
    symbol: string;
  }

  /** What a broker gives for an instrument now. */
  export interface Quote {
    /** The instrument that was asked for. */
    instrument: Instrument;
    /**
     * The price, always above 0; absent where the broker has none or
     * can't be reached.
     */
    price?: Decimal | undefined;
    /**
     * When the broker took it; absent where its figures have no time of
     * their own, as those of the paper broker.
     */
    takenAt?: Timestamp | undefined;
  }

  /** The cash of an account. */
  export interface Balance {
    /** The account that was asked for. */
    account: AccountId;
    /** The cash; absent where the broker can't be reached. */
    cash?: Decimal | undefined;
    /**
     * When the broker took it; absent where its figures have no time of
     * their own, as those of the paper broker.
     */
    takenAt?: Timestamp | undefined;
  }

  /** What an account holds of a symbol, over all its transactions. */
  export interface Position {
    /** The symbol. */
    symbol: string;
    /** How much: above 0 long, below 0 short, never 0. */
    quantity: Decimal;
  }

  /** What was traded of a symbol on one day. */
  export interface Bar {
    /** Midnight UTC of the trading day. */
    day: Timestamp;
    /** First price. */
    open: Decimal;
    /** Highest price. */
    high: Decimal;
    /** Lowest price. */
    low: Decimal;
    /** Last price. */
    close: Decimal;
    /** How much was traded, in units of the instrument. */
    volume: Decimal;
  }

  /** Why the host could not answer a call of `session`. */
  export type SessionError =
    /**
     * The plugin was not granted this; names the grant, such as
     * `read:orders`.
     */
    | { tag: 'denied'; val: string }
    /** An argument is out of its documented range; says which and why. */
    | { tag: 'invalid'; val: string }
    /**
     * A limit of the host was reached; names the limit, its value and
     * what was asked.
     */
    | { tag: 'limit'; val: string }
    /**
     * The host can't read now (no connection in time, say); asking again
     * in a later call may work.
     */
    | { tag: 'unavailable'; val: string }
    /** Anything else, for people. */
    | { tag: 'other'; val: string };

  /** Why the host could not answer a call of `settings`. */
  export type SettingsError =
    /** Neither the manifest nor the host declares this key. */
    | { tag: 'undeclared'; val: string }
    /** The plugin was not granted this; names the grant. */
    | { tag: 'denied'; val: string }
    /** A value does not fit its definition; says key and reason. */
    | { tag: 'invalid'; val: string }
    /** The caller has no account to have settings of. */
    | { tag: 'no-account' }
    /** The host can't answer now. */
    | { tag: 'unavailable'; val: string }
    /** Anything else, for people. */
    | { tag: 'other'; val: string };

  /** Why a plugin could not do its work. */
  export type PluginError =
    /** A call of `session` failed and nothing useful was left to do. */
    | { tag: 'session'; val: SessionError }
    /** A call of `settings` failed and nothing useful was left to do. */
    | { tag: 'settings'; val: SettingsError }
    /** The request asks for what this plugin can't do; says why. */
    | { tag: 'request'; val: string }
    /** Anything else, for people. */
    | { tag: 'other'; val: string };
}

/** Reading the book through what the host lends. */
declare module 'lombard:platform/session@0.1.0' {
  import type {
    Account,
    AccountId,
    Balance,
    Bar,
    BookTable,
    Decimal,
    Expert,
    ExpertId,
    Instrument,
    Order,
    OrderId,
    OrderTable,
    Position,
    Quote,
    Timestamp,
    Transaction,
    TransactionId,
    TransactionStatuses,
    TransactionTable,
  } from 'lombard:platform/types@0.1.0';

  /** Which transactions to read. Each part that is there narrows. */
  export interface TransactionFilter {
    /** Those in one of these states. The empty set finds none. */
    statuses: TransactionStatuses;
    /** Those of this expert. */
    expert?: ExpertId | undefined;
    /** Those on this symbol, letter for letter. */
    symbol?: string | undefined;
  }

  /** A recommendation that an expert made earlier, as the host stored it. */
  export interface PastRecommendation {
    /** The expert that made it. */
    expert: ExpertId;
    /** What it was about. */
    symbol: string;
    /** `buy`, `sell` or `hold`. */
    action: string;
    /** How sure the expert was, 0 to 100. */
    confidence: Decimal;
    /** When the analysis was asked for. */
    createdAt: Timestamp;
  }

  /** What an account holds. */
  export interface AccountPositions {
    /** The account that was asked for. */
    account: AccountId;
    /**
     * What it holds, by symbol; absent where it is unknown or its broker
     * can't be reached.
     */
    positions?: Position[] | undefined;
  }

  /** The daily bars of a symbol. */
  export interface SymbolBars {
    /** The symbol that was asked for. */
    symbol: string;
    /** Its bars, oldest first; empty where it is unknown. */
    bars: Bar[];
  }

  /**
   * The host's database and brokers, lent for one call.
   *
   * There is no way to make one, to keep one or to give one back early: the
   * host makes it before the call and ends it after, however the call ends.
   * A connection is taken at the first read that needs one.
   *
   * All reads of one call see one state of the database. Every method that
   * returns a set reads it with a number of statements that does not depend
   * on how many rows it has. A look-up of one row that belongs to a set that
   * was read before reads the whole set, and an id that is not there is
   * remembered too: a loop of look-ups costs calls, but no statements.
   */
  export class Session {
    private constructor();

    /**
     * The time of this call, the same however often it is asked for.
     *
     * Plugins have no other clock, so that a call can be repeated.
     */
    asOf(): Timestamp;

    /**
     * Transactions that pass `filter`, by rising id, beginning behind
     * `after`; at most `limit` of them.
     *
     * Fewer than `limit` means that there are no more. Needs
     * `read:transactions`. `invalid` where `limit` is 0; above the host's
     * own bound (100,000) it is that bound.
     */
    transactions(filter: TransactionFilter, after: TransactionId | undefined, limit: number): Transaction[];

    /** The same as `transactions`, column by column. */
    transactionTable(filter: TransactionFilter, after: TransactionId | undefined, limit: number): TransactionTable;

    /**
     * One transaction; none where no such id is known.
     *
     * Needs `read:transactions`.
     */
    transaction(id: TransactionId): Transaction | undefined;

    /**
     * These transactions, by rising id; an unknown id adds nothing, one
     * that is named twice counts once.
     *
     * Needs `read:transactions`. `limit` where more than 100,000 ids are
     * named.
     */
    transactionsById(ids: BigUint64Array | bigint[]): Transaction[];

    /**
     * All orders of all these transactions, by transaction, then
     * creation (unknown first), then id.
     *
     * An id without orders, or an unknown one, adds nothing; one that is
     * named twice counts once. Needs `read:orders`. `limit` where more
     * than 100,000 ids are named.
     */
    ordersOf(transactions: BigUint64Array | bigint[]): Order[];

    /** The same as `orders-of`, column by column. */
    orderTable(transactions: BigUint64Array | bigint[]): OrderTable;

    /**
     * The transactions of `transaction-table`, with all orders of those in
     * the answer, in the order of `orders-of`.
     *
     * Both in one call, for who needs both. Needs `read:transactions` and
     * `read:orders`.
     */
    bookTable(filter: TransactionFilter, after: TransactionId | undefined, limit: number): BookTable;

    /** One order; none where no such id is known. Needs `read:orders`. */
    order(id: OrderId): Order | undefined;

    /**
     * These orders, by rising id; an unknown id adds nothing, one that
     * is named twice counts once.
     *
     * Needs `read:orders`. `limit` where more than 100,000 ids are named.
     */
    ordersById(ids: BigUint64Array | bigint[]): Order[];

    /** All accounts, by id. Needs `read:accounts`. */
    accounts(): Account[];

    /**
     * One account; none where no such id is known. Needs
     * `read:accounts`.
     */
    account(id: AccountId): Account | undefined;

    /**
     * The cash of these accounts, one answer for each, in their order.
     *
     * An account that is unknown, or whose broker can't be reached, has
     * no cash in its answer and takes nothing from the others. Needs
     * `read:balances`.
     */
    balances(accounts: BigUint64Array | bigint[]): Balance[];

    /**
     * What the account holds, by symbol.
     *
     * Empty where it holds nothing; `unavailable` where its broker can't
     * be reached; `invalid` for an unknown account. Needs
     * `read:positions`.
     */
    positions(account: AccountId): Position[];

    /**
     * What these accounts hold, one answer for each, in their order. An
     * account whose broker can't be reached takes nothing from the others.
     *
     * Needs `read:positions`. `limit` where more than 100,000 are named.
     */
    positionsOf(accounts: BigUint64Array | bigint[]): AccountPositions[];

    /**
     * Current prices, one answer for each instrument, in their order.
     *
     * An instrument without a price (unknown, 0 or less, broker can't be
     * reached) has none in its answer and takes nothing from the others.
     * Needs `read:prices`. `limit` where more than 100,000 are named.
     */
    quotes(instruments: Instrument[]): Quote[];

    /** All expert instances, by id. Needs `read:experts`. */
    experts(): Expert[];

    /**
     * One expert instance; none where no such id is known. Needs
     * `read:experts`.
     */
    expert(id: ExpertId): Expert | undefined;

    /**
     * The last `limit` daily bars of a symbol up to and including the day
     * of `until`, oldest first.
     *
     * Empty for an unknown symbol. Days without trading have no bar.
     * Needs `read:bars`. `invalid` where `limit` is 0; above the host's
     * own bound (100,000) it is that bound.
     */
    bars(symbol: string, until: Timestamp, limit: number): Bar[];

    /**
     * The same for each of these symbols, in their order.
     *
     * Needs `read:bars`. `invalid` where `limit` is 0; `limit` where more
     * than 100,000 symbols are named or more than 1,000,000 bars could be
     * in the answer.
     */
    barsOf(symbols: string[], until: Timestamp, limit: number): SymbolBars[];

    /**
     * The last `limit` recommendations of an expert, newest first, then
     * by symbol. Needs `read:recommendations`. `invalid` where `limit`
     * is 0.
     */
    recommendations(expert: ExpertId, limit: number): PastRecommendation[];

    /**
     * The last `limit` recommendations of each of these experts, expert
     * after expert in their order, each newest first, then by symbol.
     *
     * Needs `read:recommendations`. `invalid` where `limit` is 0; `limit`
     * where more than 100,000 experts are named or more than 1,000,000
     * recommendations could be in the answer.
     */
    recommendationsOf(experts: BigUint64Array | bigint[], limit: number): PastRecommendation[];
  }
}

/**
 * The caller's own settings, and those of the account it works for.
 *
 * For an expert these are the settings of its instance, for a widget the
 * parameters of this render. Secrets are declared by key only: reading one
 * answers `denied`, whatever was granted. One call sees one state of them,
 * its own saves included.
 */
declare module 'lombard:platform/settings@0.1.0' {
  import type {
    Decimal,
  } from 'lombard:platform/types@0.1.0';

  /** A setting's value, of the type its definition says. */
  export type Value =
    /** Text. */
    | { tag: 'str'; val: string }
    /** A whole number. */
    | { tag: 'int'; val: bigint }
    /** A binary floating-point number; never money. */
    | { tag: 'float'; val: number }
    /** An exact number. */
    | { tag: 'decimal'; val: Decimal }
    /** Yes or no. */
    | { tag: 'bool'; val: boolean }
    /** A JSON document, as text. */
    | { tag: 'json'; val: string }
    /** Texts in their order. */
    | { tag: 'list'; val: string[] };

  /** A key and its value. */
  export interface Entry {
    /** A declared key. */
    key: string;
    /** A value that fits its definition. */
    value: Value;
  }

  /**
   * The value of a setting: what was saved, else its default, else none.
   *
   * `undeclared` for a key that neither the manifest nor the host declares.
   */
  export function get(key: string): Value | undefined;

  /** Every declared setting that has a value, by key; secrets are left out. */
  export function all(): Entry[];

  /**
   * The value of a setting of the account the caller works for: what was
   * saved, else its default, else none.
   *
   * `no-account` for a widget. Needs `read:account-settings`.
   */
  export function getAccount(key: string): Value | undefined;

  /**
   * Saves these settings and leaves the others as they are.
   *
   * All are saved or, where one does not fit its definition, none. When it
   * returns, every later read in the host sees the new values. Needs
   * `write:settings`; a widget has none to save and is `denied`.
   */
  export function save(patch: Entry[]): void;

  /**
   * Saves these settings and removes every other saved one (secrets stay).
   *
   * Atomic as `save` is. Needs `write:settings`.
   */
  export function replace(entries: Entry[]): void;
}

/** Words for the operator. */
declare module 'lombard:platform/log@0.1.0' {
  /** How much a message matters. */
  export type Level =
    /** For whoever is looking for a fault in the plugin. */
    | 'debug'
    /** Worth knowing. */
    | 'info'
    /** Something is not as it should be; the plugin goes on. */
    | 'warn'
    /** Something failed. */
    | 'error';

  /**
   * Writes a message to the host's log, tagged with plugin, version and
   * call.
   *
   * Control characters are shown escaped. Above 4 KiB a message is cut;
   * above 200 messages a call the rest is counted and dropped. It never
   * fails.
   */
  export function write(level: Level, message: string): void;
}

/**
 * What a widget shows: data, never markup. The host draws it in the terminal,
 * in the browser and as JSON.
 */
declare module 'lombard:platform/views@0.1.0' {
  import type {
    Decimal,
    Timestamp,
  } from 'lombard:platform/types@0.1.0';

  /** How a widget is asked to draw. */
  export interface RenderRequest {
    /**
     * The most table rows that the place it is drawn in can show; absent
     * where there is room for all. A widget that leaves rows out says so
     * in a `text` block.
     */
    maxRows?: number | undefined;
  }

  /** What a value means, and so how it is written. */
  export type Kind =
    /** Words. */
    | 'text'
    /** A whole number. */
    | 'integer'
    /** An amount of money. */
    | 'money'
    /** A percentage, 100 for the whole. */
    | 'percent'
    /** An amount of an instrument. */
    | 'quantity'
    /** A point in time. */
    | 'time';

  /** One value. */
  export type Cell =
    /** There is none. Drawn as a dash, null in JSON. */
    | { tag: 'absent' }
    /** Words. */
    | { tag: 'text'; val: string }
    /** A whole number. */
    | { tag: 'integer'; val: bigint }
    /** An exact number. The host shows at most 9 places. */
    | { tag: 'decimal'; val: Decimal }
    /** A point in time. */
    | { tag: 'time'; val: Timestamp };

  /** A column of a table. */
  export interface Column {
    /** Its key in JSON, unique in the table: a to z, 0 to 9, `_`. */
    key: string;
    /** Its heading. */
    label: string;
    /** What its values mean. */
    kind: Kind;
  }

  /** A row of a table. */
  export interface Row {
    /** What the row is about, where that has an id. */
    id?: bigint | undefined;
    /** One value for each column, in their order. */
    cells: Cell[];
  }

  /** Rows and columns. */
  export interface Table {
    /** The columns, in the order they are shown. */
    columns: Column[];
    /** The rows, in the order they are shown. */
    rows: Row[];
  }

  /** One number that matters. */
  export interface Stat {
    /** Its key in JSON, unique in the view. */
    key: string;
    /** What it is. */
    label: string;
    /** What its value means. */
    kind: Kind;
    /** The value. */
    value: Cell;
  }

  /** One stacked bar. */
  export interface Stack {
    /** What the bar is about. */
    label: string;
    /** One length for each part, in their order; absent counts as 0. */
    lengths: Array<Decimal | undefined>;
  }

  /** Horizontal bars, each stacked of the same parts. */
  export interface BarSeries {
    /** What it shows. */
    label: string;
    /** What the lengths mean. */
    kind: Kind;
    /** The names of the parts. */
    parts: string[];
    /** The bars, in the order they are shown. */
    stacks: Stack[];
  }

  /** One point of a line. */
  export interface Point {
    /** When. */
    at: Timestamp;
    /** How much. */
    value: Decimal;
  }

  /** One line. */
  export interface Line {
    /** What it is. */
    label: string;
    /** Its points, by rising time. */
    points: Point[];
  }

  /** Lines over time. */
  export interface LineSeries {
    /** What it shows. */
    label: string;
    /** What the values mean. */
    kind: Kind;
    /** The lines. */
    lines: Line[];
  }

  /** A part of a view. */
  export type Block =
    /** One number that matters. */
    | { tag: 'stat'; val: Stat }
    /** Rows and columns. */
    | { tag: 'table'; val: Table }
    /** Stacked bars. */
    | { tag: 'bars'; val: BarSeries }
    /** Lines over time. */
    | { tag: 'lines'; val: LineSeries }
    /** A paragraph. */
    | { tag: 'text'; val: string }
    /** There is nothing to show, and why. */
    | { tag: 'empty'; val: string }
    /** What is shown is not the whole, or not sure; says what and why. */
    | { tag: 'warning'; val: string };

  /** What a widget shows. */
  export interface View {
    /** Its heading. */
    title: string;
    /** Its parts, in the order they are shown. */
    blocks: Block[];
  }
}

/** What an expert is asked and what it answers. */
declare module 'lombard:platform/analysis@0.1.0' {
  import type {
    Decimal,
  } from 'lombard:platform/types@0.1.0';

  /** What the recommendations are for. */
  export type UseCase =
    /** Looking for what to buy or sell. */
    | 'enter-market'
    /** Looking after what is held. */
    | 'open-positions';

  /** One analysis. */
  export interface AnalysisRequest {
    /** The symbols to look at; never empty, none twice. */
    symbols: string[];
    /** What for. */
    useCase: UseCase;
  }

  /** What to do. */
  export type Action =
    /** Buy, or hold more. */
    | 'buy'
    /** Sell, or go short. */
    | 'sell'
    /** Leave it as it is. */
    | 'hold';

  /** How much can go wrong. */
  export type RiskLevel =
    /** Less than usual for the market. */
    | 'low'
    /** As usual. */
    | 'medium'
    /** More than usual. */
    | 'high';

  /** How long it should take. */
  export type TimeHorizon =
    /** Days to weeks. */
    | 'short-term'
    /** Weeks to months. */
    | 'medium-term'
    /** Months to years. */
    | 'long-term';

  /**
   * What an expert thinks of one symbol.
   *
   * The host refuses one about a symbol it did not ask for, a second one
   * about the same symbol, a confidence outside 0 to 100, an expected
   * profit outside -100 to 10,000, and an explanation that is blank or
   * longer than 16 KiB.
   */
  export interface Recommendation {
    /** One of the symbols of the request. */
    symbol: string;
    /** What to do. */
    action: Action;
    /** How sure the expert is, 0 to 100. */
    confidence: Decimal;
    /** How much can go wrong. */
    risk: RiskLevel;
    /** How long it should take. */
    horizon: TimeHorizon;
    /** The profit to expect over the horizon, in percent of the price. */
    expectedProfitPercent: Decimal;
    /** Why, in words for a person. */
    explanation: string;
  }
}
