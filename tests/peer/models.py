"""Lombard's tables as SQLModel classes.

Owns: the names and types of the columns that the widget needs, as they stand
in migrations/sqlite. Must not know: who reads them, how, or how often.
"""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class DecimalText(TypeDecorator[Decimal]):
    """A decimal that is stored as its text, so that it stays exact."""

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class AccountDefinition(SQLModel, table=True):
    __tablename__ = "accounts"

    id: int = Field(primary_key=True)
    name: str
    provider: str
    currency: str
    paper_balance: Decimal | None = Field(sa_type=DecimalText)


class AccountSetting(SQLModel, table=True):
    __tablename__ = "account_settings"

    account_id: int = Field(primary_key=True, foreign_key="accounts.id")
    key: str = Field(primary_key=True)
    value: str


class PaperPrice(SQLModel, table=True):
    __tablename__ = "paper_prices"

    account_id: int = Field(primary_key=True, foreign_key="accounts.id")
    symbol: str = Field(primary_key=True)
    price: Decimal | None = Field(sa_type=DecimalText)


class ExpertInstance(SQLModel, table=True):
    __tablename__ = "expert_instances"

    id: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    plugin: str
    alias: str | None
    enabled: bool
    virtual_equity_pct: Decimal = Field(sa_type=DecimalText)

    @property
    def label(self) -> str:
        name = self.plugin if self.alias is None else self.alias
        return f"{name}-{self.id}"


class Transaction(SQLModel, table=True):
    __tablename__ = "transactions"

    id: int = Field(primary_key=True)
    expert_id: int | None = Field(foreign_key="expert_instances.id")
    symbol: str
    side: str | None
    quantity: Decimal = Field(sa_type=DecimalText)
    open_price: Decimal | None = Field(sa_type=DecimalText)
    status: str
    created_at: int


class Order(SQLModel, table=True):
    __tablename__ = "orders"

    id: int = Field(primary_key=True)
    transaction_id: int = Field(foreign_key="transactions.id")
    account_id: int = Field(foreign_key="accounts.id")
    symbol: str
    side: str
    type: str
    status: str
    quantity: Decimal = Field(sa_type=DecimalText)
    filled_quantity: Decimal | None = Field(sa_type=DecimalText)
    fill_price: Decimal | None = Field(sa_type=DecimalText)
    created_at: int | None
