"""The pattern before the fix: a session of its own for each look-up.

Owns: the look-ups of one render as the notes found them. Must not know: the
numbers, or how the render is measured.

Sessions and statements, for each transaction whose position has a price:
orders 1, expert 1, account 1, settings 6, price 1.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from book import Profits, accounts_of, position_on
from models import (
    AccountDefinition,
    AccountSetting,
    ExpertInstance,
    Order,
    PaperPrice,
    Transaction,
)

Row = TypeVar("Row", bound=SQLModel)


def get_instance(engine: Engine, model: type[Row], instance_id: int) -> Row:
    """As in the note: it always makes a session, and can't be given one."""
    with Session(engine) as session:
        return session.get_one(model, instance_id)


class PaperAccount:
    """An account; a new one for each look-up, as there is no cache of them."""

    # The notes count 3 to 9 reads of `settings` in a constructor. Here 6: each
    # key once for the check of what is missing, once for its value.
    KEYS = ("api_key", "api_secret", "paper_account")

    def __init__(self, engine: Engine, definition: AccountDefinition) -> None:
        self.engine = engine
        self.id = definition.id
        self.missing = [key for key in self.KEYS if key not in self.settings]
        self.values = [self.settings.get(key) for key in self.KEYS]

    @property
    def settings(self) -> dict[str, object]:
        """Read again, over a session of its own, at each access."""
        of_this = select(AccountSetting).where(AccountSetting.account_id == self.id)
        with Session(self.engine) as session:
            return {row.key: json.loads(row.value) for row in session.exec(of_this)}

    def price(self, symbol: str) -> Decimal | None:
        with Session(self.engine) as session:
            row = session.get(PaperPrice, (self.id, symbol))
            return None if row is None else row.price


def account_instance(engine: Engine, account_id: int) -> PaperAccount:
    return PaperAccount(engine, get_instance(engine, AccountDefinition, account_id))


def open_transactions(engine: Engine) -> Sequence[Transaction]:
    is_open = Transaction.status != "closed"
    with Session(engine) as session:
        return session.exec(select(Transaction).where(is_open).order_by(col(Transaction.id))).all()


def orders_of(engine: Engine, transaction: Transaction) -> Sequence[Order]:
    own = select(Order).where(Order.transaction_id == transaction.id)
    with Session(engine) as session:
        return session.exec(own.order_by(col(Order.created_at), col(Order.id))).all()


def render(engine: Engine) -> Profits:
    """floating-pl-per-expert, once."""
    profits = Profits()
    for transaction in open_transactions(engine):
        if transaction.expert_id is None:
            continue
        orders = orders_of(engine, transaction)
        expert = get_instance(engine, ExpertInstance, transaction.expert_id)
        for account_id in accounts_of(orders):
            account = account_instance(engine, account_id)
            position = position_on(account_id, transaction, orders)
            if position is not None:
                price = account.price(transaction.symbol)
                profits.add(expert.id, expert.label, position, price)
    return profits
