"""{{title}}: a close above its moving average is bought, one below sold.

Ask for sets: `session.bars_of` reads the bars of all symbols at once. Numbers
are `decimal.Decimal`; `from_wire` makes one of what the host gives. The time is
the session's: a plugin has no clock.
"""

from collections.abc import Iterator
from decimal import Decimal

from lombard import expert, from_wire, log, settings, to_wire
from wit_world.imports import types
from wit_world.imports.analysis import (
    Action,
    AnalysisRequest,
    Recommendation,
    RiskLevel,
    TimeHorizon,
)
from wit_world.imports.session import Session

#: How far from its average a close is that says something, in percent.
LEAST = Decimal(1)


def analyze(session: Session, request: AnalysisRequest) -> Iterator[Recommendation]:
    days = settings.required("days")
    for answer in session.bars_of(request.symbols, session.as_of(), days):
        if len(answer.bars) == days:
            yield recommendation(answer.symbol, answer.bars)
        else:
            log.info(f"{answer.symbol}: {len(answer.bars)} of {days} daily bars, nothing to say")


def recommendation(symbol: str, bars: list[types.Bar]) -> Recommendation:
    closes = [from_wire(bar.close) for bar in bars]
    average = sum(closes, Decimal(0)) / len(closes)
    gap = round((closes[-1] - average) * 100 / average, 2)
    distance = abs(gap)
    says = distance >= LEAST
    action = Action.BUY if gap > 0 else Action.SELL
    return Recommendation(
        symbol=symbol,
        action=action if says else Action.HOLD,
        # The further away, the surer, up to all there is.
        confidence=to_wire(min(distance * 10, Decimal(100))),
        risk=RiskLevel.MEDIUM,
        horizon=TimeHorizon.MEDIUM_TERM,
        expected_profit_percent=to_wire(min(distance, Decimal(100)) if says else 0),
        explanation=(
            f"{symbol} closed at {closes[-1]}, {gap} % from its {len(bars)}-day average "
            f"{round(average, 2)}."
        ),
    )


WitWorld = expert(analyze)
