"""The helper's own tests: `python3 -m unittest discover plugins/sdk-python`.

Owns: decimals, views and errors beside bindings that are made up. Must not
know: components.
"""

import sys
import unittest
from dataclasses import make_dataclass
from decimal import Decimal
from enum import Enum, Flag
from types import ModuleType, SimpleNamespace


def bindings() -> None:
    """Puts the names of the generated modules that the helper asks for in their
    place."""

    def module(name: str, **names: object) -> ModuleType:
        made = ModuleType(name)
        vars(made).update(names)
        sys.modules[name] = made
        return made

    def record(name: str, *fields: str) -> type:
        return make_dataclass(name, fields)

    def variant(name: str, *cases: str) -> dict[str, type]:
        return {f"{name}_{case}": record(f"{name}_{case}", "value") for case in cases}

    class Err(Exception):
        def __init__(self, value: object) -> None:
            super().__init__(value)
            self.value = value

    lines: list[tuple[str, str]] = []
    module("componentize_py_types", Err=Err)
    module("wit_world")
    statuses = Flag("TransactionStatuses", ["WAITING", "OPENED", "CLOSING", "CLOSED"])
    types = module(
        "wit_world.imports.types",
        Decimal=record("Decimal", "mantissa", "scale"),
        TransactionStatuses=statuses,
        **variant("SessionError", "Denied", "Invalid", "Limit", "Unavailable", "Other"),
        **variant("SettingsError", "Undeclared", "Invalid"),
        **variant("PluginError", "Session", "Settings", "Request", "Other"),
    )
    values = variant("Value", "Decimal", "Json", "Int")
    settings = module("wit_world.imports.settings", get=lambda key: None, **values)
    level = Enum("Level", ["DEBUG", "INFO", "WARN", "ERROR"])
    log = module(
        "wit_world.imports.log",
        Level=level,
        write=lambda level, words: lines.append((level.name, words)),
        lines=lines,
    )
    views = module(
        "wit_world.imports.views",
        Kind=Enum("Kind", ["TEXT", "INTEGER", "MONEY", "PERCENT", "QUANTITY", "TIME"]),
        Cell_Absent=record("Cell_Absent"),
        Column=record("Column", "key", "label", "kind"),
        Row=record("Row", "id", "cells"),
        Table=record("Table", "columns", "rows"),
        Stat=record("Stat", "key", "label", "kind", "value"),
        Stack=record("Stack", "label", "lengths"),
        BarSeries=record("BarSeries", "label", "kind", "parts", "stacks"),
        Point=record("Point", "at", "value"),
        Line=record("Line", "label", "points"),
        LineSeries=record("LineSeries", "label", "kind", "lines"),
        View=record("View", "title", "blocks"),
        **variant("Cell", "Text", "Integer", "Decimal", "Time"),
        **variant("Block", "Stat", "Table", "Bars", "Lines", "Text", "Empty", "Warning"),
    )
    session = module(
        "wit_world.imports.session",
        TransactionFilter=record("TransactionFilter", "statuses", "expert", "symbol"),
    )
    module(
        "wit_world.imports",
        types=types,
        settings=settings,
        log=log,
        views=views,
        session=session,
    )


bindings()

import lombard  # noqa: E402
from lombard import MONEY, TEXT, from_wire, to_wire  # noqa: E402
from wit_world.imports import log, settings, types, views  # noqa: E402


def wire(text: str) -> tuple[int, int]:
    sent = to_wire(Decimal(text))
    return sent.mantissa, sent.scale


class Decimals(unittest.TestCase):
    def test_the_wire_form_loses_nothing(self) -> None:
        for mantissa in (0, 1, -15, 2**63 - 1, -(2**63)):
            for scale in (0, 9, 18, 28):
                number = from_wire(types.Decimal(mantissa, scale))
                self.assertEqual(from_wire(to_wire(number)), number)

    def test_what_is_sent_is_exact_or_has_nine_places_or_fewer(self) -> None:
        self.assertEqual(wire("1250.00"), (1250, 0))
        self.assertEqual(wire("1E+3"), (1000, 0))
        self.assertEqual(wire("-0.0"), (0, 0))
        self.assertEqual(wire("0.000000000000000001"), (1, 18))
        third = to_wire(Decimal(1) / 3)
        self.assertEqual((third.mantissa, third.scale), (333_333_333, 9))
        self.assertEqual(wire("123456789012345.123456789"), (1_234_567_890_123_451_235, 4))

    def test_halves_are_rounded_to_the_even_neighbour(self) -> None:
        self.assertEqual(wire("10000000000.0000000015"), wire("10000000000.000000002"))
        self.assertEqual(wire("10000000000.0000000005"), (10_000_000_000, 0))

    def test_what_can_not_be_sent_is_refused(self) -> None:
        with self.assertRaises(OverflowError):
            to_wire(Decimal(2**63))
        with self.assertRaises(ValueError):
            to_wire(Decimal("NaN"))
        with self.assertRaises(TypeError):
            to_wire(0.5)  # type: ignore[arg-type]
        with self.assertRaises(Exception):
            Decimal(0.5)


class Views(unittest.TestCase):
    def test_blocks_stand_in_the_order_they_were_added(self) -> None:
        rows = lombard.table(("symbol", "Symbol", TEXT), ("pl", "P/L", MONEY))
        rows.row(1, "AAPL", Decimal("12.50")).row(None, "MSFT", None)
        made = (
            lombard.view("Title")
            .table(rows)
            .stat("total", "Total", MONEY, 3)
            .bars(lombard.bars("Use", MONEY, "filled", "pending").bar("A-1", Decimal(1), None))
            .lines(lombard.lines("Close", MONEY).line("AAPL", [(0, Decimal(1))]))
            .text("words")
            .empty("nothing")
            .warning("careful")
            .build()
        )
        names = [type(block).__name__.removeprefix("Block_") for block in made.blocks]
        self.assertEqual(names, ["Table", "Stat", "Bars", "Lines", "Text", "Empty", "Warning"])
        self.assertEqual(
            made.blocks[0].value.rows[0].cells,
            [views.Cell_Text("AAPL"), views.Cell_Decimal(types.Decimal(125, 1))],
        )

    def test_what_is_no_cell_is_refused(self) -> None:
        for value in (0.5, True):
            with self.assertRaises(TypeError):
                lombard.cell(value)  # type: ignore[arg-type]
        with self.assertRaises(ValueError):
            lombard.table(("a", "A", TEXT)).row(1, "x", "y")


class Answers(unittest.TestCase):
    def told(self, fault: Exception) -> object:
        def render(session: object, request: object) -> object:
            raise fault

        with self.assertRaises(lombard.Err) as raised:
            lombard.widget(render)().render(None, None)  # type: ignore[arg-type]
        return raised.exception.value

    def test_errors_that_nobody_caught_are_told_as_the_contract_wants_them(self) -> None:
        denied = types.SessionError_Denied("read:orders")
        self.assertEqual(self.told(lombard.Err(denied)), types.PluginError_Session(denied))
        other = types.PluginError_Other("KeyError: 'no'")
        self.assertEqual(self.told(KeyError("no")), other)
        request = types.PluginError_Request("no")
        self.assertEqual(self.told(lombard.request_error("no")), request)

    def test_settings_come_as_values_of_python(self) -> None:
        answers = {
            "d": settings.Value_Decimal(types.Decimal(5, 1)),
            "j": settings.Value_Json("[1.5]"),
            "i": settings.Value_Int(3),
        }
        settings.get = answers.get
        self.assertEqual(lombard.settings.get("d"), Decimal("0.5"))
        self.assertEqual(lombard.settings.get("j"), [Decimal("1.5")])
        self.assertEqual(lombard.settings.required("i"), 3)
        with self.assertRaises(lombard.Err):
            lombard.settings.required("none")

    def test_recommendations_take_decimals(self) -> None:
        one = SimpleNamespace(confidence=Decimal(50), expected_profit_percent=types.Decimal(1, 0))
        analyze = lombard.expert(lambda session, request: iter([one]))()
        answer = analyze.analyze(None, None)  # type: ignore[attr-defined]
        self.assertEqual(answer[0].confidence, types.Decimal(50, 0))

    def test_all_pages_of_transactions_are_read(self) -> None:
        asked: list[int | None] = []

        def page(narrowed: object, after: int | None, limit: int) -> list[SimpleNamespace]:
            asked.append(after)
            count = limit if after is None else 1
            return [SimpleNamespace(id=(after or 0) + at + 1) for at in range(count)]

        found = lombard.transactions_in(SimpleNamespace(transactions=page))  # type: ignore[arg-type]
        self.assertEqual((len(found), asked), (100_001, [None, 100_000]))

    def test_log_lines_have_their_level(self) -> None:
        lombard.log.warn(Decimal(1))
        self.assertEqual(log.lines, [("WARN", "1")])


if __name__ == "__main__":
    unittest.main()
