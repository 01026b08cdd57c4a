"""Ways to write a day's prices that say when they count by something else than one full time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.optivgi.bindings.tariffs.figures import ShownPrice
from custom_components.optivgi.bindings.tariffs.moments import Clock
from custom_components.optivgi.bindings.tariffs.reader import read_quotes
from custom_components.optivgi.bindings.tariffs.units import PriceUnit

type Hours = list[tuple[datetime, float]]

ZONE: Final = ZoneInfo("Europe/Copenhagen")
NOW: Final = datetime(2026, 11, 28, 9, 7, tzinfo=UTC)
MIDNIGHT: Final = datetime(2026, 11, 28, tzinfo=ZONE)
HOURS: Final[Hours] = [
    (MIDNIGHT + timedelta(hours=n), round(0.2 + 0.01 * (7 * n % 24) + 0.3 * (n // 24), 4))
    for n in range(48)
]
TODAY, TOMORROW = HOURS[:24], HOURS[24:]
SHOWN: Final = ShownPrice(HOURS[10][1], PriceUnit(1.0, ("EUR",)), "EUR", tolerance=1e-4)


def by_day(of: Callable[[Hours], Any]) -> dict[str, Any]:
    return {"2026-11-28": of(TODAY), "2026-11-29": of(TOMORROW)}


def rows(of: Callable[[datetime, float], dict[str, Any]], hours: Hours = HOURS) -> list[Any]:
    return [of(moment, price) for moment, price in hours]


def span(moment: datetime, mark: str = "-") -> str:
    return f"{moment.hour:02}:00{mark}{moment.hour + 1:02}:00"


BOTH_DAYS: Final[dict[str, dict[str, Any]]] = {
    "a date and an hour": {
        "x": rows(lambda m, p: {"date": m.date().isoformat(), "hour": m.hour, "price": p})
    },
    "hours that are counted from 1": {
        "x": rows(lambda m, p: {"Dia": f"{m:%d/%m/%Y}", "Hora": m.hour + 1, "PVPC": p})
    },
    "a date and a span": {
        "x": rows(
            lambda m, p: {
                "Date": f"{m:%d-%m-%Y}",
                "Hours": f"{m.hour:02} - {m.hour + 1:02}",
                "FI": f"{p:.4f}".replace(".", ","),
            }
        )
    },
    "month first, am and pm": {
        "x": rows(lambda m, p: {"Time": f"{m:%m/%d/%Y %I:%M %p}", "Price": str(p)})
    },
    "as mails have it, newest first": {
        "x": rows(lambda m, p: {"t": f"{m:%a, %d %b %Y %H:%M:%S} +0100", "p": p})[::-1]
    },
    "with a word and a unit, by price": {
        "x": sorted(
            rows(lambda m, p: {"Tid": f"{m:%d-%m-%Y kl. %H:%M}", "Pris": f"{p:.4f} €"}),
            key=lambda row: str(row["Pris"]),
        )
    },
    "an interval within": {
        "x": rows(
            lambda m, p: {
                "interval": {"from": m.isoformat(), "to": (m + timedelta(hours=1)).isoformat()},
                "cost": {"net": p * 0.8, "gross": p},
            }
        )
    },
    "no separators": {"x": {f"{m:%Y%m%d%H%M}": p for m, p in HOURS}},
    "times under dates": {"x": by_day(lambda day: {f"{m:%H:%M}": p for m, p in day})},
    "numbers under dates": {"x": by_day(lambda day: [p for _, p in day])},
    "a date beside the hours": {
        "x": [
            {"date": date, "hours": rows(lambda m, p: {"hour": span(m), "price": p}, day)}
            for date, day in (("2026-11-28", TODAY), ("2026-11-29", TOMORROW))
        ]
    },
    "hours as keys": {
        "today": {str(m.hour): p for m, p in TODAY},
        "tomorrow": {str(m.hour): p for m, p in TOMORROW},
    },
    "times of day": {
        name: rows(
            lambda m, p: {"start": f"{m:%H:%M}", "end": f"{m.hour + 1:02}:00", "price": p}, day
        )
        for name, day in (("today", TODAY), ("tomorrow", TOMORROW))
    },
    "numbers without any time": {"x": [p for _, p in HOURS]},
    "UTC and local time": {
        "x": rows(
            lambda m, p: {
                "HourUTC": f"{m.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
                "HourDK": f"{m:%Y-%m-%dT%H:%M:%S}",
                "SpotPriceDKK": p * 7460,
                "SpotPriceEUR": p * 1000,
            }
        )
    },
    "a unit in each row": {
        "data": rows(
            lambda m, p: {
                "start_timestamp": int(m.timestamp() * 1000),
                "end_timestamp": int(m.timestamp() * 1000) + 3_600_000,
                "marketprice": p * 1000,
                "unit": "Eur/MWh",
            }
        )
    },
    "money as a mapping": {
        "x": rows(
            lambda m, p: {"at": m.isoformat(), "price": {"amount": str(p), "currency": "EUR"}}
        )
    },
    "parts and their sum": {
        "priceInfo": {
            "current": {"total": SHOWN.figure},
            **{
                name: rows(
                    lambda m, p: {
                        "total": p,
                        "energy": p * 0.6,
                        "tax": p * 0.4,
                        "startsAt": str(m),
                    },
                    day,
                )
                for name, day in (("today", TODAY), ("tomorrow", TOMORROW))
            },
        }
    },
    "bought and sold in one list": {
        "x": [
            {"startTime": m.isoformat(), "channel": channel, "perKwh": p / part}
            for m, p in HOURS
            for channel, part in (("general", 1), ("feedIn", 2))
        ]
    },
    "bought and sold in two lists": {
        f"{name}_{when}": rows(lambda m, p, part=part: {"t": m.isoformat(), "p": p / part}, day)
        for name, part in (("sell", 2), ("buy", 1))
        for when, day in (("today", TODAY), ("tomorrow", TOMORROW))
    },
    "bought and sold in two columns": {
        "x": rows(lambda m, p: {"t": m.isoformat(), "sell": p / 2, "buy": p})
    },
}
ONE_DAY: Final[dict[str, dict[str, Any]]] = {
    "an attribute for each hour": {f"hour_{m.hour}": p for m, p in TODAY},
    "positions": {
        "Period": {"Point": [{"position": n, "amount": p} for n, (_, p) in enumerate(TODAY, 1)]}
    },
    "times and prices side by side": {
        "times": [f"{m:%H:%M}" for m, _ in TODAY],
        "today": [p for _, p in TODAY],
    },
    "some hours of tomorrow": {
        "prices": rows(lambda m, p: {"start": m.isoformat(), "price": p}, TODAY),
        "cheapest_tomorrow": rows(lambda m, p: {"start": m.isoformat(), "price": p}, TOMORROW[2:6]),
    },
    "numbers from an instant on": {
        "x": {"start": MIDNIGHT.isoformat(), "resolution": 60, "values": [p for _, p in TODAY]}
    },
    "gas": {
        "gas": rows(lambda m, p: {"start": m.isoformat(), "price": p + 1}),
        "electricity": rows(lambda m, p: {"start": m.isoformat(), "price": p}, TODAY),
    },
    "yesterday": {
        "yesterday": rows(lambda m, _: {"t": (m - timedelta(days=1)).isoformat(), "p": 0.9}, TODAY),
        "today": rows(lambda m, p: {"t": m.isoformat(), "p": p}, TODAY),
    },
}


@pytest.mark.parametrize("name", [*BOTH_DAYS, *ONE_DAY])
def test_every_hour_is_read(name: str) -> None:
    expected = HOURS if name in BOTH_DAYS else TODAY
    quotes = read_quotes({**BOTH_DAYS, **ONE_DAY}[name], Clock(NOW, ZONE), SHOWN)
    hour = timedelta(hours=1)
    found = {
        (q.start, q.end): q.value * (1 if q.per_kwh is None else q.per_kwh)
        for q in quotes
        if not q.estimated
    }
    assert found == {
        (moment.astimezone(UTC), moment.astimezone(UTC) + hour): pytest.approx(price)
        for moment, price in expected
    }


def test_rows_say_that_they_are_forecasts() -> None:
    attributes = {
        "x": rows(
            lambda m, p: {
                "start": m.isoformat(),
                "price": p,
                "type": "ActualInterval" if m < NOW else "ForecastInterval",
            }
        )
    }
    quotes = read_quotes(attributes, Clock(NOW, ZONE), SHOWN)
    assert [quote.estimated for quote in quotes] == [moment >= NOW for moment, _ in HOURS]


def test_the_cheapest_hours_do_not_make_a_guess_of_a_list_that_is_called_a_forecast() -> None:
    def as_rows(hours: Hours) -> list[Any]:
        return rows(lambda m, p: {"start": m.isoformat(), "price": p}, hours)

    attributes = {"cheapest_hours": as_rows(HOURS[2:6]), "forecast": as_rows(HOURS)}
    quotes = read_quotes(attributes, Clock(NOW, ZONE), SHOWN)
    assert len(quotes) == 48
    assert not any(quote.estimated for quote in quotes)


def test_a_forecast_that_goes_beyond_tomorrow_is_none_until_then() -> None:
    later = [(moment + timedelta(days=2), price) for moment, price in HOURS]
    attributes = {"forecast": rows(lambda m, p: {"start": str(m), "price": p}, HOURS + later)}
    quotes = read_quotes(attributes, Clock(NOW, ZONE), SHOWN)
    known = [quote for quote in quotes if not quote.estimated]
    assert len(quotes) == 96
    assert known[-1].end == MIDNIGHT + timedelta(days=2, hours=1)


@pytest.mark.parametrize("key", ["start", "end"])
def test_hours_that_are_missing_are_not_known(key: str) -> None:
    """The row before lasts no longer for it; in a list of changes it lasts until the next."""
    later = timedelta(hours=int(key == "end"))
    attributes = {"x": rows(lambda m, p: {key: m + later, "p": p}, TODAY[:8] + TODAY[12:])}
    quotes = read_quotes(attributes, Clock(NOW, ZONE), SHOWN)
    assert [quote.start for quote in quotes] == [moment for moment, _ in TODAY[:8] + TODAY[12:]]
    assert {quote.end - quote.start for quote in quotes} == {timedelta(hours=1)}
    changes = [TODAY[0], TODAY[6], TODAY[22], TOMORROW[6]]
    attributes = {"x": rows(lambda m, p: {"start": m, "p": p}, changes)}
    quotes = read_quotes(attributes, Clock(NOW, ZONE), SHOWN)
    assert [quote.end for quote in quotes[:3]] == [moment for moment, _ in changes[1:]]


def test_what_was_shown_once_is_remembered() -> None:
    """Times in UTC that do not say so are still UTC where the state shows nothing.

    They are those of a day of UTC, so that they look like local times.
    """
    day = [(moment + timedelta(hours=1), price) for moment, price in HOURS]
    attributes = {
        "x": rows(
            lambda m, p: {"t": f"{m.astimezone(UTC):%Y-%m-%d %H:%M}", "p": p, "q": p / 2}, day
        )
    }
    proven: dict[Any, Any] = {}
    for figure in (HOURS[9][1] / 2, None):
        shown = ShownPrice(figure, SHOWN.unit, "EUR")
        quotes = read_quotes(attributes, Clock(NOW, ZONE), shown, proven)
        assert (quotes[0].start, quotes[0].value) == (day[0][0], day[0][1] / 2)


def test_what_covers_both_days_counts_before_some_hours() -> None:
    """Also where those are called nothing special, and have the price of now."""
    some = rows(lambda m, p: {"at": m.isoformat(), "mean": p + (m.hour != 10) * 0.1}, TODAY[9:13])
    all_of_it = rows(lambda m, p: {"start": m.isoformat(), "price": p})
    quotes = read_quotes({"slots": some, "x": all_of_it}, Clock(NOW, ZONE), SHOWN)
    assert [(quote.start, quote.value) for quote in quotes] == HOURS
    # The other way round it is no matter of names, nor of whole days.
    named = [{"at": row["start"], "mean": row["price"]} for row in all_of_it[9:40]]
    some = [{"start": row["at"], "price": row["mean"]} for row in some]
    quotes = read_quotes({"slots": some, "x": named}, Clock(NOW, ZONE), SHOWN)
    assert [(quote.start, quote.value) for quote in quotes] == HOURS[9:40]


def test_numbers_that_go_on_from_now() -> None:
    quotes = read_quotes({"next_hours": [p for _, p in HOURS[10:34]]}, Clock(NOW, ZONE), SHOWN)
    assert [(quote.start, quote.value) for quote in quotes] == HOURS[10:34]


def test_a_scale_that_was_shown_once_is_remembered() -> None:
    """Cents without a word: the price of now shows it, also while there is none for a moment."""
    attributes = {"x": rows(lambda m, p: {"t": m.isoformat(), "p": p * 100})}
    proven: dict[Any, Any] = {}
    for shown in (SHOWN, ShownPrice(None, SHOWN.unit, "EUR")):
        quotes = read_quotes(attributes, Clock(NOW, ZONE), shown, proven)
        assert {quote.per_kwh for quote in quotes} == {0.01}
