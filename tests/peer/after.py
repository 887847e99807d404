"""The pattern after the fixes: one session, handed on, and a look-up per row.

Owns: the look-ups of one render with the session passed by hand and the
accounts kept as single instances with their settings. Must not know: the
numbers, or how the render is measured.

Statements, for N transactions of experts over 2 accounts, 3 N + 3: the fixed
platform's own count, 63 for 20 and 6,003 for 2,000.

- for each transaction its orders, its expert and its account's definition. The
  last two are `session.get`, as in the note. It finds nothing in the session:
  a session holds what it read weakly, and the helper has let go of it. That an
  account's instance is cached saves no statement either: the definition is
  read before the cache is asked, as in the note.
- once the transactions, and the prices once for each of the 2 accounts.

The settings of an account are read once in the life of the process, by the
first render, which is not measured.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from threading import Lock
from typing import ClassVar, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session, SQLModel, col, select

from book import Position, Profits, accounts_of, position_on
from models import (
    AccountDefinition,
    AccountSetting,
    ExpertInstance,
    Order,
    PaperPrice,
    Transaction,
)

Row = TypeVar("Row", bound=SQLModel)


def get_instance(model: type[Row], instance_id: int, session: Session) -> Row:
    """As in the note, with the session no longer optional."""
    return session.get_one(model, instance_id)


class PaperAccount:
    """An account with its settings, read as it is made."""

    def __init__(self, definition: AccountDefinition, session: Session) -> None:
        self.id = definition.id
        of_this = select(AccountSetting).where(AccountSetting.account_id == self.id)
        self.settings = {row.key: json.loads(row.value) for row in session.exec(of_this)}

    def prices(self, symbols: Iterable[str], session: Session) -> dict[str, Decimal | None]:
        """All prices that a render needs of this account, in one statement."""
        wanted = (PaperPrice.account_id == self.id, col(PaperPrice.symbol).in_(sorted(symbols)))
        return {row.symbol: row.price for row in session.exec(select(PaperPrice).where(*wanted))}


class AccountInstanceCache:
    """The one instance of each account of a database."""

    _lock: ClassVar[Lock] = Lock()
    _instances: ClassVar[dict[tuple[Engine | Connection, int], PaperAccount]] = {}

    @classmethod
    def get_instance(cls, definition: AccountDefinition, session: Session) -> PaperAccount:
        key = (session.get_bind(), definition.id)
        with cls._lock:
            if key not in cls._instances:
                cls._instances[key] = PaperAccount(definition, session)
            return cls._instances[key]


def account_instance(account_id: int, session: Session) -> PaperAccount:
    definition = get_instance(AccountDefinition, account_id, session)
    return AccountInstanceCache.get_instance(definition, session)


def expert_label(expert_id: int, session: Session) -> str:
    return get_instance(ExpertInstance, expert_id, session).label


def open_transactions(session: Session) -> Sequence[Transaction]:
    is_open = Transaction.status != "closed"
    return session.exec(select(Transaction).where(is_open).order_by(col(Transaction.id))).all()


def orders_of(transaction: Transaction, session: Session) -> Sequence[Order]:
    own = select(Order).where(Order.transaction_id == transaction.id)
    return session.exec(own.order_by(col(Order.created_at), col(Order.id))).all()


def render(engine: Engine) -> Profits:
    """floating-pl-per-expert, once."""
    profits = Profits()
    held: defaultdict[PaperAccount, list[tuple[int, str, str, Position]]] = defaultdict(list)
    with Session(engine) as session:
        for transaction in open_transactions(session):
            if transaction.expert_id is None:
                continue
            orders = orders_of(transaction, session)
            label = expert_label(transaction.expert_id, session)
            for account_id in accounts_of(orders):
                account = account_instance(account_id, session)
                position = position_on(account_id, transaction, orders)
                if position is not None:
                    row = (transaction.expert_id, label, transaction.symbol, position)
                    held[account].append(row)
        for account, rows in held.items():
            prices = account.prices({symbol for _, _, symbol, _ in rows}, session)
            for expert_id, label, symbol, position in rows:
                profits.add(expert_id, label, position, prices.get(symbol))
    return profits
