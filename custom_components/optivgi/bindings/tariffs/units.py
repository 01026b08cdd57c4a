"""What a price's unit means, and whether a price is plausible at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import re
from statistics import median
from typing import Any, NamedTuple

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.generated.currencies import ACTIVE_CURRENCIES

from ...const import CONF_START_COST, DEFAULT_START_COST
from .base import TariffError

# Reasons to refuse prices that a factor may set right
CURRENCY_MISMATCH = "price_currency_mismatch"
IMPLAUSIBLE = "price_implausible"
UNIT_MISSING = "price_unit_missing"
ENTERED_IMPLAUSIBLE = "price_entered_implausible"
CORRECTABLE = frozenset({CURRENCY_MISMATCH, IMPLAUSIBLE, UNIT_MISSING, ENTERED_IMPLAUSIBLE})

# Energy as units write it, in lower case → what turns a price per it into a price per kWh.
_PER_KWH: Mapping[str, float] = {"kwh": 1.0, "mwh": 1 / 1000, "wh": 1000.0}


class _Money(NamedTuple):
    """A way to write an amount of money, in lower case, and what it is worth."""

    text: str
    factor: float
    currencies: str = ""
    """The currencies it stands for, likeliest first; none for any."""


_KRONE = "SEK NOK DKK ISK"
_MONEY: tuple[_Money, ...] = (
    _Money("€", 1, "EUR"),
    _Money("euro", 1, "EUR"),
    _Money("£", 1, "GBP"),
    _Money("$", 1, "USD AUD CAD NZD SGD HKD MXN CLP COP ARS"),
    _Money("us$", 1, "USD"),
    _Money("a$", 1, "AUD"),
    _Money("au$", 1, "AUD"),
    _Money("nz$", 1, "NZD"),
    _Money("c$", 1, "CAD"),
    _Money("r$", 1, "BRL"),
    _Money("kr", 1, _KRONE),
    _Money("kr.", 1, _KRONE),
    _Money("kč", 1, "CZK"),
    _Money("zł", 1, "PLN"),
    _Money("ft", 1, "HUF"),
    _Money("лв", 1, "BGN"),
    _Money("lei", 1, "RON"),
    _Money("fr.", 1, "CHF"),
    _Money("₴", 1, "UAH"),
    _Money("₺", 1, "TRY"),
    _Money("₹", 1, "INR"),
    _Money("¥", 1, "JPY CNY"),
    _Money("円", 1, "JPY"),
    _Money("₩", 1, "KRW"),
    _Money("₪", 1, "ILS"),
    _Money("ct", 0.01),
    _Money("cts", 0.01),
    _Money("cent", 0.01),
    _Money("cents", 0.01),
    _Money("¢", 0.01),
    _Money("c", 0.01),
    _Money("c€", 0.01, "EUR"),
    _Money("€ct", 0.01, "EUR"),
    _Money("€c", 0.01, "EUR"),
    _Money("eurocent", 0.01, "EUR"),
    _Money("snt", 0.01, "EUR"),
    _Money("öre", 0.01, "SEK NOK DKK"),
    _Money("øre", 0.01, "NOK DKK SEK"),
    _Money("ore", 0.01, "SEK NOK DKK"),
    _Money("p", 0.01, "GBP"),
    _Money("pence", 0.01, "GBP"),
    _Money("gr", 0.01, "PLN"),
    _Money("grosz", 0.01, "PLN"),
    _Money("groszy", 0.01, "PLN"),
    _Money("rp", 0.01, "CHF"),
    _Money("rp.", 0.01, "CHF"),
    _Money("rappen", 0.01, "CHF"),
    _Money("rp", 1, "IDR"),
    _Money("bani", 0.01, "RON"),
    _Money("paise", 0.01, "INR"),
)

_UNIT = re.compile(
    r"^\s*(?P<money>.*?)\s*(?:(?:/|(?<![a-z])per(?![a-z])|_per_)\s*(?P<energy>[a-z]+)\s*)?$"
)

# Keys under which sources say that their figures are in the hundredth of the currency.
_CENT_FLAGS = ("price_in_cents", "use_cent")

# How many of a currency are worth about a euro, where that is far from one.
_MAGNITUDE: Mapping[str, float] = {
    "ARS": 1500, "AMD": 450, "BDT": 140, "BRL": 6, "CLP": 1000, "CNY": 8, "COP": 4500,
    "CRC": 590, "CZK": 25, "DKK": 7.5, "DOP": 70, "DZD": 150, "EGP": 55, "GEL": 3, "HKD": 9,
    "HUF": 400, "IDR": 19000, "ILS": 4, "INR": 100, "ISK": 145, "JPY": 170, "KES": 150,
    "KRW": 1650, "KZT": 600, "LKR": 350, "MAD": 10.5, "MDL": 20, "MKD": 61, "MXN": 21,
    "MYR": 5, "NGN": 1700, "NOK": 12, "PHP": 66, "PKR": 330, "PLN": 4.3, "PYG": 8000,
    "RON": 5, "RSD": 117, "RUB": 95, "SEK": 11, "THB": 38, "TRY": 48, "TWD": 35, "TZS": 3000,
    "UAH": 48, "UGX": 4200, "UYU": 46, "UZS": 14000, "VND": 30000, "ZAR": 20,
}  # fmt: skip

# What a kWh costs, in a currency about as strong as the euro
_CONCEIVABLE = (0.001, 5.0)
# A hundred times what is plausible at set-up: exchanges have limits, and money may lose its worth.
_NO_PRICE = 500.0
MAX_FEE = 1.0
"""No taxes and fees per kWh are higher, in a currency about as strong as the euro."""
_ASSUMED = 0.3
"""In a currency about as strong as the euro: about what households in Europe pay."""
# Where the unit itself is a guess: what households commonly pay.
_COMMON = (0.03, 1.5)


@dataclass(frozen=True)
class PriceUnit:
    """What turns a source's figures into money per kWh.

    Attributes:
        per_kwh: The factor.
        currencies: The currencies the unit may stand for; empty where it does not say.
        assumed: Nothing says so; it was taken for granted.
    """

    per_kwh: float = 1.0
    currencies: tuple[str, ...] = ()
    assumed: bool = False


def parse_unit(text: str, currency: str) -> PriceUnit | None:
    """Read a unit such as ``EUR/MWh``, ``öre/kWh`` or ``ct/kWh``; None where it is no price's.

    Money alone (``EUR``) is taken as per kWh.

    Args:
        text: The unit.
        currency: The site's currency, which decides what an ambiguous ``kr`` stands for.
    """
    match = _UNIT.match(text.lower())
    if match is None:
        return None
    energy = _PER_KWH.get(match["energy"] or "kwh")
    money = _parse_money(match["money"], currency)
    if energy is None or money is None:
        return None
    return PriceUnit(per_kwh=money.factor * energy, currencies=tuple(money.currencies.split()))


def _parse_money(text: str, currency: str) -> _Money | None:
    candidates = [money for money in _MONEY if money.text == text]
    for money in candidates:
        if not money.currencies or currency in money.currencies.split():
            return money
    if candidates:
        return candidates[0]
    code = text.upper()
    return _Money(text, 1, code) if code in ACTIVE_CURRENCIES else None


def unit_of(attributes: Mapping[str, Any], currency: str) -> PriceUnit | None:
    """Find the unit of an entity's prices in its attributes; None where it is no price's.

    The unit of measurement decides. Without one, what sources say beside it does:
    ``currency``, ``unit`` (the energy), ``price_in_cents``. Where nothing is said the site's
    currency per kWh is assumed.
    """
    if stated := attributes.get(ATTR_UNIT_OF_MEASUREMENT):
        return parse_unit(str(stated), currency)
    named = attributes.get("currency")
    money = _parse_money(str(named).strip().lower(), currency) if named else _Money("", 1)
    energy = _PER_KWH.get(str(attributes.get("unit") or "kWh").strip().lower())
    if money is None or energy is None:
        return None
    cents = any(attributes.get(flag) is True for flag in _CENT_FLAGS)
    return PriceUnit(
        per_kwh=money.factor * energy * (0.01 if cents else 1),
        currencies=tuple(money.currencies.split()),
        assumed=not named,
    )


def other_currency(currencies: Sequence[str], currency: str) -> str | None:
    """Return the currency that prices are in, where it is not the site's; None where it may be."""
    return None if not currencies or currency in currencies else currencies[0]


def judge_prices(
    prices: Iterable[float], unit: PriceUnit, *, currency: str, entity_id: str
) -> None:
    """Raise TariffError where prices per kWh are too far from what electricity costs.

    That is the mark of a wrong unit.
    """
    if (other := other_currency(unit.currencies, currency)) is not None:
        raise TariffError(
            CURRENCY_MISMATCH, entity=entity_id, price_currency=other, currency=currency
        )
    typical = _inconceivable(prices, currency, _COMMON if unit.assumed else _CONCEIVABLE)
    if typical is None:
        return
    if unit.assumed:
        raise TariffError(UNIT_MISSING, entity=entity_id, currency=currency)
    raise TariffError(IMPLAUSIBLE, entity=entity_id, price=f"{typical:.4g} {currency}/kWh")


def judge_entered(prices: Iterable[float], currency: str) -> None:
    """Raise TariffError where prices that a person has entered are not plausible.

    Nothing but zeros is fine: then only the time matters.
    """
    entered = [price for price in prices if price]
    typical = _inconceivable(entered, currency, _CONCEIVABLE) if entered else None
    if typical is not None:
        raise TariffError(
            ENTERED_IMPLAUSIBLE,
            price=f"{typical:g}",
            currency=currency,
            example=f"{0.3 * magnitude_of(currency):.3g}",
        )


def judge_total(prices: Iterable[float], currency: str) -> None:
    """Raise TariffError where what is paid in the end, taxes and fees included, is too much."""
    typical = _inconceivable(prices, currency, (0.0, _CONCEIVABLE[1]))
    if typical is not None:
        raise TariffError(
            "price_total_implausible", price=f"{typical:.4g} {currency}/kWh", currency=currency
        )


def assumed_price(currency: str) -> float:
    """Return what a kWh counts as while nobody has said what it costs, in the currency."""
    return _ASSUMED * magnitude_of(currency)


def start_cost_of(site: Mapping[str, Any], currency: str) -> float:
    """Return what a start of charging counts for in a plan, in the currency.

    Args:
        site: The configuration, where nothing need be entered.
        currency: Its currency.
    """
    return float(site.get(CONF_START_COST, DEFAULT_START_COST * magnitude_of(currency)))


def magnitude_of(currency: str) -> float:
    """Return how many of a currency are worth about a euro."""
    return _MAGNITUDE.get(currency, 1.0)


def is_conceivable(prices: Iterable[float], currency: str) -> bool:
    """Return whether prices per kWh are what electricity may cost somewhere."""
    found = [price for price in prices if price]
    return not found or _inconceivable(found, currency, _CONCEIVABLE) is None


def is_price(price: float, currency: str) -> bool:
    """Return whether a price per kWh can be true at all, however unusual it is."""
    return abs(price) <= _NO_PRICE * magnitude_of(currency)


def _inconceivable(
    prices: Iterable[float], currency: str, bounds: tuple[float, float]
) -> float | None:
    """Return what is typical of prices that are not plausible; None where they are.

    They are too low where even the highest is: a windy day has many prices near zero, but a
    wrong unit has nothing else.
    """
    magnitudes = [abs(price) for price in prices]
    middle, highest = median(magnitudes), max(magnitudes)
    low, high = (magnitude_of(currency) * bound for bound in bounds)
    if middle > high:
        return middle
    return highest if highest < low else None
