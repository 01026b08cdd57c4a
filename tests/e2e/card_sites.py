"""Sites as the integration sends them to cards: with as many chargers as are wanted."""

from datetime import UTC, datetime
from typing import Any

QUARTER_S = 900
FUSE_KW = 17.25


def site_of(chargers: int, steps: int = 192, *, soc: float = 40.0) -> dict[str, Any]:
    """Return the message of a site whose cars charge one after the other.

    Args:
        chargers: How many; ten share a circuit.
        steps: How many quarters of an hour are planned.
        soc: Of each car, in percent.
    """
    at = datetime.now(UTC).timestamp()
    first = at // QUARTER_S * QUARTER_S
    edges = [at, *(first + step * QUARTER_S for step in range(1, steps + 1))]
    limit_kw = FUSE_KW * max(1, chargers / 4)
    return {
        "state": "loaded",
        "entry_id": "entry",
        "plan": {
            "made_at": at,
            "edges": edges,
            "price": [round(0.25 + 0.1 * ((step // 4 * 7) % 13) / 13, 5) for step in range(steps)],
            "export_price": [],
            "estimated": [step > steps * 0.6 for step in range(steps)],
            "house_kw": [0.5 + step % 5 / 10 for step in range(steps)],
            "solar_kw": [],
            "batteries": [],
            "parts": [{"circuit": None, "phase": "L1"}],
            "full": [[0, 3.0, 5.75]] * steps,
            "reasons": [{"kind": "cheap", "detail": "", "cost_per_kwh": 0.0}],
            "cars": [_car(f"c{number}", number, edges) for number in range(chargers)],
            "cost": 2.25 * chargers,
            "cost_at_once": 3.39 * chargers,
            "prices_known": True,
            "price_error": False,
            "gap": 0.0,
            "algorithm": "optimal",
        },
        "past": past_of(chargers, hours=3, kept_h=40),
        "now": {
            "site": {
                "name": "Home",
                "limit_kw": limit_kw,
                "phases": 3,
                "voltage": 230,
                "fuse_a": None if chargers > 4 else 25,
            },
            "circuits": [
                {"id": f"g{group}", "name": f"Level {group}", "limit_kw": 43.0, "fuse_a": 63}
                for group in range(chargers // 10)
            ],
            "chargers": [_charger(number, soc, edges[-1]) for number in range(chargers)],
            "reservations": [],
            "batteries": [],
            "house_kw": 0.5,
            "solar_kw": None,
            "power_kw": 0.5,
            "planned": True,
        },
    }


def past_of(chargers: int, hours: int, kept_h: int) -> dict[str, Any]:
    """Return what was drawn, and planned, until now.

    Args:
        chargers: How many.
        hours: So much of it is sent.
        kept_h: So much of it is kept.
    """
    last = datetime.now(UTC).timestamp() // QUARTER_S * QUARTER_S
    count = 4 * hours
    # Numbered from the first one that is kept, so that a part of it is the same.
    numbers = range(4 * kept_h - count, 4 * kept_h)
    drawn = {
        f"c{charger}": [
            7.4 if 20 + 12 * charger <= number % 96 < 30 + 12 * charger else 0.0
            for number in numbers
        ]
        for charger in range(chargers)
    }
    return {
        "kept_from": last - kept_h * 3600,
        "edges": [last - (count - step) * QUARTER_S for step in range(count + 1)],
        "price": [round(0.2 + number % 40 / 200, 3) for number in numbers],
        "house_kw": [0.6 + number % 7 / 10 for number in numbers],
        "solar_kw": [None] * count,
        "chargers": {
            charger: {"drawn_kw": series, "planned_kw": [*series[2:], 0.0, 0.0]}
            for charger, series in drawn.items()
        },
    }


def _car(charger: str, number: int, edges: list[float]) -> dict[str, Any]:
    steps = len(edges) - 1
    begin, end = number % 16 * 5 + 4, number % 16 * 5 + 14
    limit_kw = [
        round(11 - (step + number) % 4 * 1.4, 3)
        if begin <= step < end or begin + 30 <= step < end + 30
        else 0.0
        for step in range(steps)
    ]
    return {
        "charger": charger,
        "reservation": None,
        "name": None,
        "limit_kw": limit_kw,
        "why": [0] * steps,
        "energy_kwh": 14.8,
        "battery_kwh": 13.3,
        "cost": 2.25,
        "cost_at_once": 3.39,
        "shortfall_kwh": 0.0,
        "arrival": edges[0] - 3600,
        "departure": edges[min(steps, 60 + number % 16 * 4)],
        "start": edges[min(begin, steps)],
        "finish": edges[min(end + 30, steps)],
    }


def _charger(number: int, soc: float, until: float) -> dict[str, Any]:
    return {
        "id": f"c{number}",
        "name": f"Place {number}",
        "circuit": f"g{number // 10}" if number % 10 < 9 else None,
        "vehicle": f"Car {number}",
        "plugged": True,
        "plugged_at": None,
        "mode": "smart",
        "status": "waiting",
        "reasons": [
            {
                "code": "waits_for_price",
                "placeholders": {
                    "at": {"time": until},
                    "saved_price": {"number": 0.1, "digits": 3},
                    "currency": {"text": "EUR"},
                },
            }
        ],
        "trouble": False,
        "limit_kw": 0.0,
        "power_kw": 0.0,
        "max_kw": 11.0,
        "soc": soc,
        "target_soc": 80,
        "needed_kwh": 13.3,
        "delivered_kwh": 0.0,
        "departure": until,
        "entities": {"mode": f"select.c{number}_mode", "status": f"sensor.c{number}_status"},
    }
