"""What `optivgi.get_sessions` answers a card: a year of three cars."""

from collections.abc import Mapping, Sequence
from typing import Any

KWH = (412, 388, 395, 362, 340, 318, 296, 335, 352, 381, 401)
COST = (88, 80, 76, 62, 50, 42, 37, 46, 60, 74, 82)
SAVED = (30, 29, 31, 31, 33, 33, 33, 34, 28, 27, 30)
SOLAR = (0.03, 0.08, 0.19, 0.34, 0.46, 0.52, 0.55, 0.49, 0.31, 0.17, 0.06)
CARS = {"estate": ("Estate", 0.3), "van": ("Van", 0.44), "zoe": ("City car", 0.26)}
LAST = (
    ("estate", "2026-11-27T17:40", "2026-11-28T07:05", 31.2, 0.0, 6.11, 2.94),
    ("zoe", "2026-11-26T18:12", "2026-11-27T07:31", 9.8, 0.0, 1.98, 0.86),
    ("van", "2026-11-26T09:20", "2026-11-26T16:45", 17.4, 0.31, 3.02, 1.43),
    ("estate", "2026-11-25T18:05", "2026-11-26T07:00", 22.7, 0.04, 4.30, 2.11),
    (None, "2026-11-24T18:00", "2026-11-24T21:00", 12.0, 0.0, 3.30, -0.25),
)


def figures(kwh: float, solar: float, cost: float | None, saved: float, **more: float) -> Any:
    """Return the figures of some energy; `solar` is a share."""
    return {
        "energy_kwh": kwh,
        "grid_kwh": kwh * (1 - solar),
        "solar_kwh": kwh * solar,
        "battery_kwh": 0.0,
        "solar_share": solar,
        "cost": cost,
        "cost_if_charged_at_once": None if cost is None else cost + saved,
        "saved": None if cost is None else saved,
        "average_price": None if cost is None else cost / kwh,
        "estimated_kwh": 0.0,
        "unpriced_kwh": 0.0 if cost is not None else kwh,
        **more,
    }


def sessions_of_a_year(
    months: Mapping[str, Mapping[str, float]] | None = None, last: Sequence[Any] = LAST
) -> dict[str, Any]:
    """Return an answer; `months` has what is otherwise in some of them."""
    changed = months or {}
    rows = [
        {"month": f"2026-{number + 1:02d}", "sessions": 17}
        | figures(KWH[number], SOLAR[number], COST[number], SAVED[number])
        | changed.get(f"2026-{number + 1:02d}", {})
        for number in range(len(KWH))
    ]
    return {
        "currency": "EUR",
        "count": 186,
        "months": rows,
        "vehicle_months": [
            row
            | {"vehicle_id": car, "vehicle": name, "sessions": 6}
            | {
                key: value * share
                for key, value in row.items()
                if isinstance(value, float | int) and key != "sessions"
            }
            for row in rows
            for car, (name, share) in CARS.items()
        ],
        "sessions": [
            {
                "id": f"{begin}{car}",
                "charger": "Garage",
                "vehicle": None if car is None else CARS[car][0],
                "vehicle_id": car,
                "guest": None,
                "begin": f"{begin}:00+01:00",
                "end": f"{end}:00+01:00",
            }
            | figures(kwh, solar, cost, saved)
            for car, begin, end, kwh, solar, cost, saved in last
        ],
    }
