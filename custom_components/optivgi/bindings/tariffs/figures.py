"""Which figure of a row is the price, and in which unit.

What the entity shows as the price of now decides. Names are a hint only: they decide where nothing
else does, and they keep out what is no price at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
import math
import re
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import State

from .quotes import number, number_with_unit
from .tables import Table
from .units import PriceUnit, is_conceivable, parse_unit, unit_of
from .words import COUNTED, EXPORT, MONEY, NO_MONEY, NO_PRICE, PAID, PART_OF_PRICE, PRICE, words_of

_MOST: Final = 0.6
"""The share of rows that need a figure: the price of a day's last hours may be missing."""
_SAME: Final = 0.005
"""So much may what is shown differ from the list for having been rounded."""
_ROUNDED: Final = 0.025
"""A state that is rounded more than this shows nothing of which row it is."""
SHOWN: Final = 4.0
"""What it counts that a row of now is what is shown: more than any name."""
_WRONG_CURRENCY: Final = -8.0
"""Prices in another currency, where there are others beside them in the site's."""

_HINTS: Final[Mapping[str, float]] = {
    **dict.fromkeys(PAID, 2.0),
    **dict.fromkeys(PRICE, 1.0),
    **dict.fromkeys(PART_OF_PRICE, -1.5),
    **dict.fromkeys(NO_PRICE, -20.0),
}
"""How much a word in a key speaks for its figures being the price that is paid."""
_SOLD: Final = 1.5
"""What a word for exports says for a price of exports, and against one of imports."""
_NOT_WITHOUT: Final = -2.0
"""Only a name that says worse speaks against figures that have no others beside them."""
_NO_PRICE: Final = -5.0
"""What is called worse is no price."""

_ENERGY = r"(?P<energy>[km]?wh)(?:_.*)?"
_PER = re.compile(rf"(?:.*_)?(?P<money>[^\W_]+)_per_{_ENERGY}", re.IGNORECASE)
_BESIDE = re.compile(rf"(?:.*_)?(?P<money>[^\W_]+)_{_ENERGY}", re.IGNORECASE)


@dataclass(frozen=True)
class _KeyUnit:
    """A unit that everybody knows who knows the key.

    Attributes:
        per_kwh: What turns the figures into money per kWh.
        always: Whatever the unit of the entity is; else only where that has none.
        whole: Whole numbers only.
    """

    per_kwh: float
    always: bool = True
    whole: bool = False


_KEY_UNITS: Final[Mapping[str, _KeyUnit]] = {
    # Octopus; its public interface has pence, which sensors of it say
    "value_inc_vat": _KeyUnit(1, always=False),
    # Zonneplan: ten-millionths of a euro, beside a sensor in EUR/kWh
    "price_tax_included amount": _KeyUnit(1e-7),
    "price_tax_excluded amount": _KeyUnit(1e-7),
    "electricity_price": _KeyUnit(1e-7, whole=True),
    "electricity_price_excl_tax": _KeyUnit(1e-7, whole=True),
}


@dataclass(frozen=True)
class ShownPrice:
    """What an entity shows beside its lists.

    Attributes:
        figure: Its state, where that is a number.
        unit: The unit of its figures; None where it is no price's.
        currency: The site's.
        tolerance: By how much the figure may have been rounded.
        words: What the entity is called.
    """

    figure: float | None
    unit: PriceUnit | None
    currency: str
    tolerance: float = 0.0
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, state: State, currency: str) -> ShownPrice:
        """Read what a state shows."""
        figure = number(state.state)
        decimals = state.state.strip().partition(".")[2]
        rounded = 0.5 * 10.0 ** -len(decimals) if decimals.isdecimal() or not decimals else 0.0
        name = f"{state.entity_id} {state.attributes.get('friendly_name', '')}"
        return cls(
            figure=figure,
            unit=unit_of(state.attributes, currency),
            currency=currency,
            tolerance=min(rounded, _ROUNDED * abs(figure or 0.0)),
            words=frozenset(words_of(name)),
        )

    @property
    def per_kwh(self) -> float:
        """What turns its figures into money per kWh."""
        return 1.0 if self.unit is None else self.unit.per_kwh

    def is_price(self, price: float) -> bool:
        """Whether a price per kWh is what it shows."""
        return self.figure is not None and math.isclose(
            price,
            self.figure * self.per_kwh,
            rel_tol=_SAME,
            abs_tol=self.tolerance * self.per_kwh + 1e-9,
        )


NOTHING_SHOWN: Final = ShownPrice(None, None, "")


@dataclass(frozen=True)
class Figures:
    """A column of figures.

    Attributes:
        key: Its key.
        values: The figure of each row.
        per_kwh: What turns them into money per kWh; None where the entity's unit says so.
        hint: How much its name speaks for it.
    """

    key: str
    values: tuple[float | None, ...]
    per_kwh: float | None
    hint: float

    def price(self, index: int, shown: ShownPrice) -> float | None:
        """Return the price of a row per kWh."""
        value = self.values[index]
        factor = shown.per_kwh if self.per_kwh is None else self.per_kwh
        return None if value is None else value * factor


def find_figures(table: Table, used: frozenset[str], shown: ShownPrice) -> list[Figures]:
    """Return the columns that may be prices, each in every unit that it may have."""
    columns = {
        key: tuple(number_with_unit(row.get(key)) for row in table.rows)
        for key in table.keys
        if key not in used
    }
    columns = {
        key: values
        for key, values in columns.items()
        if sum(value is not None for value in values) >= max(1, _MOST * len(values))
    }
    single = len(columns) == 1
    sums = set(_sums(columns))
    found = []
    for key, values in columns.items():
        words = words_of(key)
        hint = sum(_HINTS.get(word, 0.0) for word in dict.fromkeys(words)) + 2 * (key in sums)
        if COUNTED.intersection(words) and not (PRICE | PAID).intersection(words):
            continue
        if EXPORT.intersection(words):
            hint += _SOLD if EXPORT & shown.words else -_SOLD
        hint = max(hint, 0.0) if single and hint > _NOT_WITHOUT else hint
        for rank, (per_kwh, more) in enumerate(_units(key, values, table, shown)):
            found.append(Figures(key, values, per_kwh, hint + more - rank / 10))
    return [figures for figures in found if figures.hint > _NO_PRICE]


def _sums(columns: Mapping[str, tuple[float | None, ...]]) -> Iterable[str]:
    """Yield the column that is the sum of the others: it is what is paid."""
    for key, values in columns.items():
        others = [column for other, column in columns.items() if other != key]
        if len(others) > 1 and all(
            value is not None
            and None not in parts
            and math.isclose(value, sum(part or 0.0 for part in parts), abs_tol=2e-3)
            for value, parts in zip(values, zip(*others, strict=True), strict=True)
        ):
            yield key


def _units(
    key: str, values: tuple[float | None, ...], table: Table, shown: ShownPrice
) -> list[tuple[float | None, float]]:
    """Return what may turn figures into money per kWh, each with what speaks for it."""
    stated = shown.unit is not None and not shown.unit.assumed
    if known := _KEY_UNITS.get(key):
        whole = all(value is None or value == int(value) for value in values)
        if (known.always or not stated) and (whole or not known.whole):
            return [(known.per_kwh, 0.0)]
    found: list[tuple[float | None, float]] = []
    named, more = _unit_in(key, shown.currency)
    if named is not None:
        found.append((named.per_kwh, more))
    beside = _unit_beside(table, shown.currency)
    if beside is not None:
        found.append((beside.per_kwh, more))
    return [*found, (None, more)]


def _unit_in(key: str, currency: str) -> tuple[PriceUnit | None, float]:
    """Return the unit that a key names, and whether its currency is the site's."""
    words = words_of(key)
    unit = None
    text = re.sub(r"\W", "_", key)
    if match := _PER.fullmatch(text) or _BESIDE.fullmatch(text):
        unit = parse_unit(f"{match['money']}/{match['energy']}", currency)
        if unit is None and match["money"].lower() in NO_MONEY:
            # The energy is named, the money is the site's.
            unit = parse_unit(f"{currency}/{match['energy']}", currency)
    named = [
        found
        for word in words
        if word in MONEY and (found := parse_unit(word, currency)) is not None
    ]
    if unit is None and named and named[-1].per_kwh != 1:
        unit = named[-1]
    money = unit or next(iter(named), None)
    if money is None or not money.currencies or not currency:
        return unit, 0.0
    return unit, 0.5 if currency in money.currencies else _WRONG_CURRENCY


def _unit_beside(table: Table, currency: str) -> PriceUnit | None:
    """Return the unit that stands in the rows, or beside them; not that of the entity."""
    first = table.rows[0]
    for cells in (first, {} if len(table.path) <= 1 else table.beside):
        for key, cell in cells.items():
            if isinstance(cell, str) and "/" in cell and key != ATTR_UNIT_OF_MEASUREMENT:
                unit = parse_unit(cell, currency)
                if unit is not None:
                    return unit
    return None


def evidence(figures: Figures, row: int | None, shown: ShownPrice) -> float:
    """Return what it counts that the row of now is the price that is shown.

    It counts less where most rows are the same: then any of them would be.
    """
    price = None if row is None else figures.price(row, shown)
    if price is None or not shown.is_price(price):
        return 0.0
    known = _shows(figures, shown)
    return SHOWN if 2 * sum(known) <= len(known) else SHOWN / 4


def is_listed(figures: Figures, shown: ShownPrice) -> bool:
    """Whether some row, if not that of now, is what is shown: the lowest of the day, perhaps."""
    return bool(shown.figure) and any(_shows(figures, shown))


def _shows(figures: Figures, shown: ShownPrice) -> list[bool]:
    return [
        shown.is_price(price)
        for index in range(len(figures.values))
        if (price := figures.price(index, shown)) is not None
    ]


def is_plausible(figures: Figures, shown: ShownPrice) -> bool:
    """Whether figures in their unit are what electricity costs."""
    prices = [
        price
        for index in range(len(figures.values))
        if (price := figures.price(index, shown)) is not None
    ]
    return not shown.currency or is_conceivable(prices, shown.currency)


def scaled(figures: Figures, shown: ShownPrice) -> Figures:
    """Return figures in a unit of their own where only that makes prices of them.

    One of the rows is what the entity shows, but for the decimal point.
    """
    if is_plausible(figures, shown) or not shown.figure or shown.unit is None:
        return figures
    for value in figures.values:
        if not value:
            continue
        power = round(math.log10(abs(shown.figure * shown.per_kwh / value)))
        right = replace(figures, per_kwh=10.0**power)
        if shown.is_price(value * 10.0**power) and is_plausible(right, shown):
            return right
    return figures
