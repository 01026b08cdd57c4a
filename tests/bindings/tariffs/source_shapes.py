"""Attributes of price sensors, each built as its source builds it, types and all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bindings.tariffs.day_prices import Day, both, hours


def custom_nordpool() -> dict[str, Any]:
    def raw(day: Day) -> list[dict[str, Any]]:
        return [{"start": start, "end": end, "value": round(p * 100, 3)} for start, end, p in day]

    return {
        "average": 31.5,
        "unit": "kWh",
        "currency": "EUR",
        "country": "Netherlands",
        "region": "NL",
        "today": [round(p * 100, 3) for _, _, p in hours(0, 15)],
        "tomorrow": [round(p * 100, 3) for _, _, p in hours(1, 15)],
        "tomorrow_valid": True,
        "raw_today": raw(hours(0, 15)),
        "raw_tomorrow": raw(hours(1, 15)),
        "current_price": 31.0,
        "price_in_cents": True,
        "unit_of_measurement": "c/kWh",
    }


def custom_nordpool_per_mwh() -> dict[str, Any]:
    return {
        "raw_today": [{"start": s, "end": e, "value": p * 1000} for s, e, p in hours(0)],
        "raw_tomorrow": [{"start": s, "end": e, "value": p * 1000} for s, e, p in hours(1)],
        "price_in_cents": False,
        "unit_of_measurement": "EUR/MWh",
    }


def epex_spot() -> dict[str, Any]:
    return {
        "data": [
            {"start_time": s.isoformat(), "end_time": e.isoformat(), "price_per_kwh": round(p, 5)}
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "€/kWh",
    }


def epex_spot_before_4() -> dict[str, Any]:
    return {
        "data": [
            {
                "start_time": s.isoformat(),
                "end_time": e.isoformat(),
                "price_eur_per_mwh": p * 1000,
                "price_ct_per_kwh": p * 100,
            }
            for s, e, p in both()
        ],
        "unit_of_measurement": "€/MWh",
    }


def entsoe() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"time": str(start), "price": p} for start, _, p in day]

    return {
        "prices_today": rows(hours(0)),
        "prices_tomorrow": rows(hours(1)),
        "prices": rows(both()),
        "unit_of_measurement": "EUR/kWh",
    }


def energidataservice() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"hour": start, "price": round(p * 100, 3)} for start, _, p in day]

    return {
        "unit": "kWh",
        "currency": "DKK",
        "tomorrow_valid": True,
        "today": [round(p * 100, 3) for _, _, p in hours(0)],
        "tomorrow": [round(p * 100, 3) for _, _, p in hours(1)],
        "raw_today": rows(hours(0)),
        "raw_tomorrow": rows(hours(1)),
        "today_min": {"hour": hours(0)[0][0], "price": 20.0},
        "use_cent": True,
        "unit_of_measurement": "Øre/kWh",
    }


def stromligning() -> dict[str, Any]:
    return {
        "prices": [{"price": p, "start": s, "end": e} for s, e, p in both()],
        "unit_of_measurement": "EUR/kWh",
    }


def ge_spot() -> dict[str, Any]:
    def rows(day: Day) -> list[dict[str, Any]]:
        return [{"time": s, "value": round(p, 5), "raw_value": p - 0.1} for s, _, p in day]

    return {
        "today_interval_prices": rows(hours(0, 15)),
        "tomorrow_interval_prices": rows(hours(1, 15)),
        "unit_of_measurement": "EUR/kWh",
    }


def ge_spot_export() -> dict[str, Any]:
    """Build what a sensor of exports has: its own prices by the clock, and those of imports."""

    def key(moment: datetime) -> str:
        twice = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
        return f"{moment:%H:%M}" + (f"_{moment.fold + 1}" if twice else "")

    def rows(day: Day) -> list[dict[str, Any]]:
        return sorted(
            ({"time": key(s), "value": p} for s, _, p in day), key=lambda row: row["time"]
        )

    return {
        **ge_spot(),
        "today_interval_prices": [
            {"time": s, "value": p + 0.2, "raw_value": p} for s, _, p in hours(0, 15)
        ],
        "export_today_prices": rows(hours(0, 15)),
        "export_tomorrow_prices": rows(hours(1, 15)),
    }


def hourly_ends_of_quarters() -> dict[str, Any]:
    """Build the rows as sources do that went from hours to quarters, but for the end."""
    return {
        "prices": [
            {"start": s, "end": s + timedelta(hours=1), "price": p} for s, _, p in both(15)[:-3]
        ],
        "unit_of_measurement": "EUR/kWh",
    }


def frank_energie() -> dict[str, Any]:
    return {
        "prices": [{"from": s, "till": e, "price": p} for s, e, p in both()],
        "unit_of_measurement": "€/kWh",
    }


def frank_energie_as_text() -> dict[str, Any]:
    """Build the rows as other versions of its library do."""
    rows = [{"from": s.isoformat(), "till": e.isoformat(), "price": p} for s, e, p in both(15)]
    return {"prices": rows, "unit_of_measurement": "€/kWh"}


def zonneplan() -> dict[str, Any]:
    return {
        "forecast": [
            {
                "start_date": s,
                "end_date": e,
                "price_tax_included": {"amount": round(p * 1e7), "currency": "EUR"},
                "price_tax_excluded": {"amount": round(p * 1e7) - 1_500_000, "currency": "EUR"},
                "sustainability_score": {"permille": 700},
            }
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "€/kWh",
    }


def zonneplan_before_2026() -> dict[str, Any]:
    """Build the rows as the server reported them."""
    rows = zonneplan()["forecast"]
    for row in rows:
        for key in ("start_date", "end_date"):
            row[key] = row[key].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    return {"forecast": rows, "unit_of_measurement": "€/kWh"}


def zonneplan_legacy() -> dict[str, Any]:
    return {
        "forecast": [
            {
                "start_date": s,
                "datetime": s.astimezone(UTC).isoformat(),
                "electricity_price": round(p * 1e7),
                "electricity_price_excl_tax": round(p * 1e7) - 1_500_000,
                "sustainability_score": 700,
                "tariff_group": "normal",
            }
            for s, _, p in both()
        ],
        "unit_of_measurement": "€/kWh",
    }


def octopus() -> dict[str, Any]:
    return {
        "event_types": ["octopus_energy_electricity_current_day_rates"],
        "event_type": "octopus_energy_electricity_current_day_rates",
        "rates": [
            {
                "start": s,
                "end": e,
                "value_inc_vat": p,
                "is_capped": False,
                "is_intelligent_adjusted": False,
            }
            for s, e, p in both(30)
        ],
        "tariff_code": "E-1R-AGILE",
    }


def amber() -> dict[str, Any]:
    """Periods begin a second late; the nearest ones have 5 minutes, the others 30."""
    slots = hours(0, 5) + hours(1, 30)
    return {
        "channel_type": "general",
        "forecasts": [
            {
                "duration": round((e - s) / timedelta(minutes=1)),
                "date": s.date().isoformat(),
                "nem_date": e.isoformat(),
                "per_kwh": p,
                "spot_per_kwh": p - 0.1,
                "start_time": (s + timedelta(seconds=1)).isoformat(),
                "end_time": e.isoformat(),
                "renewables": 40,
                "spike_status": "none",
                "descriptor": "low",
            }
            for s, e, p in slots
        ],
        "unit_of_measurement": "$/kWh",
    }


def tibber() -> dict[str, Any]:
    return {
        "price_info": [
            {"startsAt": s.isoformat(timespec="milliseconds"), "total": p, "energy": p - 0.1}
            for s, _, p in both(15)
        ],
        "unit_of_measurement": "EUR/kWh",
    }


def cz_energy_spot_prices() -> dict[str, Any]:
    return {
        **{s.isoformat(): p for s, _, p in both()},
        "unit_of_measurement": "€/kWh",
        "device_class": "monetary",
        "friendly_name": "Current Spot Electricity Price",
    }


def mapping_within_an_attribute() -> dict[str, Any]:
    return {
        "prices": {s.strftime("%Y-%m-%d %H:%M"): str(p) for s, _, p in both()},
        "unit_of_measurement": "EUR/kWh",
    }


def plain_numbers() -> dict[str, Any]:
    return {
        "today": [p for _, _, p in hours(0)],
        "tomorrow": [p for _, _, p in hours(1)],
        "unit_of_measurement": "EUR/kWh",
    }


def pvpc() -> dict[str, Any]:
    """Build the attributes as pvpc_hourly_pricing does."""

    def keyed(day: Day, prefix: str) -> dict[str, float]:
        attributes: dict[str, float] = {}
        for start, _, p in day:
            key = f"{prefix}_{start.hour:02d}h"
            attributes[f"{key}_d" if key in attributes else key] = p
        return attributes

    return {
        "tariff": "2.0TD",
        "period": "P3",
        "min_price": 0.2,
        "min_price_at": 0,
        **keyed(hours(0), "price"),
        **keyed(hours(1), "price_next_day"),
        "unit_of_measurement": "€/kWh",
    }


def pairs() -> dict[str, Any]:
    return {
        "prediction": [[s.timestamp() * 1000, p * 100] for s, _, p in both()],
        "unit_of_measurement": "c/kWh",
    }


def nordpool_predict_fi() -> dict[str, Any]:
    """Build the sensor of the integration: known prices that go on as a forecast."""
    rows = [
        {"timestamp": s.astimezone(UTC).isoformat(), "value": round(p * 100, 1)}
        for s, _, p in both()
    ]
    return {
        "forecast": rows,
        "forecast_start": hours(1)[0][0].astimezone(UTC).isoformat(),
        "raw_source": "https://example.org/deploy",
        "extra_fees": 0.0,
        "unit_of_measurement": "c/kWh",
    }


def naive_local_times() -> dict[str, Any]:
    return {
        "prices": [
            {"start": s.replace(tzinfo=None), "end": e.replace(tzinfo=None, fold=0), "price": p}
            for s, e, p in both(15)
        ],
        "unit_of_measurement": "EUR/kWh",
    }


SHAPES: list[tuple[Callable[[], dict[str, Any]], int]] = [
    (custom_nordpool, 15),
    (custom_nordpool_per_mwh, 60),
    (epex_spot, 15),
    (epex_spot_before_4, 60),
    (entsoe, 60),
    (energidataservice, 60),
    (stromligning, 60),
    (ge_spot, 15),
    (ge_spot_export, 15),
    (frank_energie, 60),
    (frank_energie_as_text, 15),
    (zonneplan, 15),
    (zonneplan_before_2026, 15),
    (zonneplan_legacy, 60),
    (octopus, 30),
    (tibber, 15),
    (cz_energy_spot_prices, 60),
    (mapping_within_an_attribute, 60),
    (plain_numbers, 60),
    (pvpc, 60),
    (pairs, 60),
    (naive_local_times, 15),
]
