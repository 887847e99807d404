"""What the author of a Lombard plugin in Python depends on.

Owns: exact decimals over the wire form, the builder of views, settings by type,
log lines, and the classes that hand `render` and `analyze` to the host with
their errors as the contract wants them. Must not know: what a plugin computes.
There is no I/O but the host's functions.

    from lombard import MONEY, TEXT, table, view, widget

    def render(session, request):
        rows = table(("symbol", "Symbol", TEXT), ("price", "Price", MONEY))
        return view("Prices").table(rows)

    WitWorld = widget(render)
"""

from __future__ import annotations

import decimal
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from componentize_py_types import Err
from wit_world.imports import log as _log
from wit_world.imports import settings as _settings
from wit_world.imports import types

try:
    from wit_world.imports import views
except ImportError:  # An expert has no views.
    views = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from wit_world.imports.session import Session

__all__ = [
    "INTEGER",
    "MONEY",
    "OPEN",
    "PERCENT",
    "QUANTITY",
    "TEXT",
    "TIME",
    "Decimal",
    "Time",
    "ViewBuilder",
    "bars",
    "cell",
    "expert",
    "fits",
    "from_wire",
    "lines",
    "log",
    "maybe",
    "other_error",
    "request_error",
    "settings",
    "table",
    "to_wire",
    "transactions_in",
    "view",
    "widget",
]

# Sums and products of a book are exact with this; a quotient has more digits
# than are ever sent. Floats are kept out: one beside a decimal is an error.
_CONTEXT = decimal.Context(
    prec=60,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[
        decimal.InvalidOperation,
        decimal.DivisionByZero,
        decimal.Overflow,
        decimal.FloatOperation,
    ],
)
decimal.setcontext(_CONTEXT)
decimal.DefaultContext = _CONTEXT

#: Places kept of a calculated number that is sent, as in the host.
_SENT_PLACES = 9
#: The most places that a decimal of the contract has.
_MAX_SCALE = 28
_I64_MAX = 2**63 - 1
_I64_MIN = -(2**63)
#: The most transactions that the host gives at once.
_PAGE = 100_000

#: Transactions that are not closed: one that is closing still holds its
#: position.
OPEN = (
    types.TransactionStatuses.WAITING
    | types.TransactionStatuses.OPENED
    | types.TransactionStatuses.CLOSING
)

# What values mean, for columns and stats.
if views is not None:
    TEXT = views.Kind.TEXT
    INTEGER = views.Kind.INTEGER
    MONEY = views.Kind.MONEY
    PERCENT = views.Kind.PERCENT
    QUANTITY = views.Kind.QUANTITY
    TIME = views.Kind.TIME
else:
    TEXT = INTEGER = MONEY = PERCENT = QUANTITY = TIME = None


# Decimals


def from_wire(wire: types.Decimal) -> Decimal:
    """The number that a record of the contract stands for, exactly."""
    sign = int(wire.mantissa < 0)
    return Decimal((sign, tuple(map(int, str(abs(wire.mantissa)))), -wire.scale))


def maybe(wire: types.Decimal | None) -> Decimal | None:
    """The same for one that may be absent."""
    return None if wire is None else from_wire(wire)


def to_wire(number: Decimal | int) -> types.Decimal:
    """The record of the contract: exact, or rounded half to even to 9 places,
    to fewer where the digits before the point leave no room.

    Raises `OverflowError` where even the whole part does not fit, and
    `ValueError` for what is no finite number.
    """
    if isinstance(number, float):
        raise TypeError("a float is never money: use a Decimal")
    exact = Decimal(number)
    if not exact.is_finite():
        raise ValueError(f"{exact} is not a number that can be sent")
    sent = _sent(exact)
    if sent is not None:
        return sent
    for places in range(_SENT_PLACES, -1, -1):
        with decimal.localcontext(_CONTEXT) as context:
            # As many digits as there are: nothing is rounded but the places.
            context.prec = max(_CONTEXT.prec, exact.adjusted() + places + 2)
            sent = _sent(exact.quantize(Decimal((0, (1,), -places))))
        if sent is not None:
            return sent
    raise OverflowError(f"`{number}` is out of range: a decimal has at most 18 digits, all told")


def fits(number: Decimal) -> bool:
    """Whether the whole part of a number can be sent."""
    return abs(number) <= _I64_MAX


def _sent(number: Decimal) -> types.Decimal | None:
    """The shortest record of just this number, where there is one."""
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    mantissa = int("".join(map(str, digits)))
    if mantissa == 0:
        return types.Decimal(0, 0)
    while exponent < 0 and mantissa % 10 == 0:
        mantissa //= 10
        exponent += 1
    if exponent > 18 or exponent < -_MAX_SCALE:
        return None
    mantissa *= 10 ** max(exponent, 0)
    mantissa = -mantissa if sign else mantissa
    if not _I64_MIN <= mantissa <= _I64_MAX:
        return None
    return types.Decimal(mantissa, max(-exponent, 0))


# Views


@dataclass(frozen=True)
class Time:
    """A point in time as a cell: microseconds since 1970, UTC."""

    micros: int


#: What a cell can be made of: nothing, words, a whole number, an exact number,
#: a point in time.
CellValue: TypeAlias = "None | str | int | Decimal | Time"
#: Key, heading, kind.
Column: TypeAlias = "tuple[str, str, views.Kind]"


def cell(value: CellValue) -> views.Cell:
    """The cell of the contract for a value. Floats and booleans are refused."""
    match value:
        case None:
            return views.Cell_Absent()
        case str():
            return views.Cell_Text(value)
        case bool() | float():
            raise TypeError(f"{value!r} is no cell: use a Decimal, an int or a str")
        case int():
            return views.Cell_Integer(value)
        case Decimal():
            return views.Cell_Decimal(to_wire(value))
        case Time(micros):
            return views.Cell_Time(micros)
    raise TypeError(f"{value!r} is no cell")


class TableBuilder:
    """A table that is being built."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self._table = views.Table([views.Column(*column) for column in columns], [])

    def row(self, id: int | None, *cells: CellValue) -> TableBuilder:
        """Adds a row: what it is about, and a cell for each column."""
        if len(cells) != len(self._table.columns):
            columns = len(self._table.columns)
            raise ValueError(f"a row of {len(cells)} cells in a table of {columns} columns")
        self._table.rows.append(views.Row(id, [cell(value) for value in cells]))
        return self

    def build(self) -> views.Table:
        """The table."""
        return self._table


class BarsBuilder:
    """Stacked bars that are being built."""

    def __init__(self, label: str, kind: views.Kind, parts: Iterable[str]) -> None:
        self._series = views.BarSeries(label, kind, list(parts), [])

    def bar(self, label: str, *lengths: Decimal | None) -> BarsBuilder:
        """Adds a bar with a length for each part."""
        if len(lengths) != len(self._series.parts):
            parts = len(self._series.parts)
            raise ValueError(f"a bar of {len(lengths)} lengths for {parts} parts")
        wire = [None if length is None else to_wire(length) for length in lengths]
        self._series.stacks.append(views.Stack(label, wire))
        return self

    def build(self) -> views.BarSeries:
        """The bars."""
        return self._series


class LinesBuilder:
    """Lines that are being built."""

    def __init__(self, label: str, kind: views.Kind) -> None:
        self._series = views.LineSeries(label, kind, [])

    def line(self, label: str, points: Iterable[tuple[int, Decimal]]) -> LinesBuilder:
        """Adds a line of points (time, value) by rising time."""
        made = [views.Point(at, to_wire(value)) for at, value in points]
        self._series.lines.append(views.Line(label, made))
        return self

    def build(self) -> views.LineSeries:
        """The lines."""
        return self._series


class ViewBuilder:
    """A view that is being built; its parts are shown in the order they are
    added."""

    def __init__(self, title: str) -> None:
        self._view = views.View(title, [])

    def table(self, table: TableBuilder) -> ViewBuilder:
        """Adds a table."""
        return self._add(views.Block_Table(table.build()))

    def stat(self, key: str, label: str, kind: views.Kind, value: CellValue) -> ViewBuilder:
        """Adds one number that matters, or says that there is none (`None`)."""
        return self._add(views.Block_Stat(views.Stat(key, label, kind, cell(value))))

    def bars(self, bars: BarsBuilder) -> ViewBuilder:
        """Adds stacked bars."""
        return self._add(views.Block_Bars(bars.build()))

    def lines(self, lines: LinesBuilder) -> ViewBuilder:
        """Adds lines over time."""
        return self._add(views.Block_Lines(lines.build()))

    def text(self, text: str) -> ViewBuilder:
        """Adds a paragraph."""
        return self._add(views.Block_Text(text))

    def empty(self, why: str) -> ViewBuilder:
        """Says that there is nothing to show, and why."""
        return self._add(views.Block_Empty(why))

    def warning(self, why: str) -> ViewBuilder:
        """Says that what is shown is not the whole, or not sure, and why."""
        return self._add(views.Block_Warning(why))

    def build(self) -> views.View:
        """The view."""
        return self._view

    def _add(self, block: views.Block) -> ViewBuilder:
        self._view.blocks.append(block)
        return self


def view(title: str) -> ViewBuilder:
    """Begins a view with its heading."""
    return ViewBuilder(title)


def table(*columns: Column) -> TableBuilder:
    """Begins a table with its columns: key, heading, kind."""
    return TableBuilder(columns)


def bars(label: str, kind: views.Kind, *parts: str) -> BarsBuilder:
    """Begins stacked bars with what they show and the names of their parts."""
    return BarsBuilder(label, kind, parts)


def lines(label: str, kind: views.Kind) -> LinesBuilder:
    """Begins lines over time with what they show."""
    return LinesBuilder(label, kind)


# Log lines and settings


class log:
    """Words for the operator, tagged by the host with plugin, version and call.

    Above 200 messages a call the rest is dropped: count in loops, don't print.
    """

    @staticmethod
    def debug(message: object) -> None:
        """For whoever is looking for a fault in the plugin."""
        _log.write(_log.Level.DEBUG, str(message))

    @staticmethod
    def info(message: object) -> None:
        """Worth knowing."""
        _log.write(_log.Level.INFO, str(message))

    @staticmethod
    def warn(message: object) -> None:
        """Something is not as it should be; the plugin goes on."""
        _log.write(_log.Level.WARN, str(message))

    @staticmethod
    def error(message: object) -> None:
        """Something failed."""
        _log.write(_log.Level.ERROR, str(message))


class settings:
    """The caller's own settings, and those of the account it works for."""

    @staticmethod
    def get(key: str) -> Any:
        """The value of a setting: what was saved, else its default, else none."""
        return _lifted(_asked(lambda: _settings.get(key)))

    @staticmethod
    def required(key: str) -> Any:
        """The same for one that has to have a value, by its default say."""
        value = settings.get(key)
        if value is None:
            fault = types.SettingsError_Invalid(f"`{key}` has no value")
            raise Err(types.PluginError_Settings(fault))
        return value

    @staticmethod
    def get_account(key: str) -> Any:
        """The same of the account that the caller works for."""
        return _lifted(_asked(lambda: _settings.get_account(key)))

    @staticmethod
    def all() -> dict[str, Any]:
        """Every declared setting that has a value; secrets are left out."""
        entries = _asked(_settings.all)
        return {entry.key: _lifted(entry.value) for entry in entries}


def _asked(question: Callable[[], Any]) -> Any:
    """Has an error of `settings` told as one."""
    try:
        return question()
    except Err as error:
        raise Err(types.PluginError_Settings(error.value)) from None


def _lifted(value: _settings.Value | None) -> Any:
    match value:
        case None:
            return None
        case _settings.Value_Decimal(wire):
            return from_wire(wire)
        case _settings.Value_Json(text):
            return json.loads(text, parse_float=Decimal)
        case _:
            return value.value


# Reading and answering


def transactions_in(
    session: Session,
    statuses: types.TransactionStatuses = OPEN,
    expert: int | None = None,
    symbol: str | None = None,
) -> list[types.Transaction]:
    """Every transaction in one of these states, however many pages they are."""
    from wit_world.imports.session import TransactionFilter

    narrowed = TransactionFilter(statuses, expert, symbol)
    found: list[types.Transaction] = []
    page = session.transactions(narrowed, None, _PAGE)
    while len(page) == _PAGE:
        found += page
        page = session.transactions(narrowed, page[-1].id, _PAGE)
    return found + page


def request_error(why: str) -> Err[types.PluginError]:
    """To raise where the request asks for what this plugin can't do."""
    return Err(types.PluginError_Request(why))


def other_error(why: str) -> Err[types.PluginError]:
    """To raise where a plugin can't do its work, for people."""
    return Err(types.PluginError_Other(why))


_SESSION_ERRORS = (
    types.SessionError_Denied,
    types.SessionError_Invalid,
    types.SessionError_Limit,
    types.SessionError_Unavailable,
    types.SessionError_Other,
)


def _guarded(work: Callable[..., Any], session: Session, request: Any) -> Any:
    """Runs a plugin, and tells an error that nobody caught as the contract
    wants it."""
    try:
        return work(session, request)
    except Err as error:
        value = error.value
        if isinstance(value, _SESSION_ERRORS):
            value = types.PluginError_Session(value)
    except Exception as error:
        value = types.PluginError_Other(f"{type(error).__name__}: {error}")
    # Outside of the handler: what was raised inside it would carry the frames
    # of the failed call, and with them the session, which must be given back.
    raise Err(value)


def widget(render: Callable[[Session, Any], ViewBuilder | views.View]) -> type:
    """The class of a widget, to be called `WitWorld`, of its function from
    session and request to a view."""

    class Widget:
        def render(self, session: Session, request: views.RenderRequest) -> views.View:
            shown = _guarded(render, session, request)
            return shown.build() if isinstance(shown, ViewBuilder) else shown

    return Widget


def expert(analyze: Callable[[Session, Any], Iterable[Any]]) -> type:
    """The class of an expert, to be called `WitWorld`, of its function from
    session and request to recommendations, whose numbers may be decimals."""

    def sent(session: Session, request: Any) -> list[Any]:
        recommendations = list(analyze(session, request))
        for one in recommendations:
            for field in ("confidence", "expected_profit_percent"):
                value = getattr(one, field)
                if not isinstance(value, types.Decimal):
                    setattr(one, field, to_wire(value))
        return recommendations

    class Expert:
        def analyze(self, session: Session, request: Any) -> list[Any]:
            return _guarded(sent, session, request)

    return Expert
