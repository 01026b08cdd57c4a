"""What was asked and cannot be is read with the names of chargers and reservations."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.house import CHARGERS, GRID, VEHICLES, House
from tests.reservations.reserving import add

from custom_components.optivgi.explain.concerns import concerns_of
from custom_components.optivgi.explain.reason_texts import ReasonTexts
from custom_components.optivgi.planning.plan import Plan
from custom_components.optivgi.scheduler.model import (
    Concern,
    ConcernKind,
    GridConnection,
    Horizon,
    Problem,
    Schedule,
    SolveStatus,
)

NOW = datetime(2026, 11, 20, 19, tzinfo=UTC)


async def said(house: House) -> list[dict[str, Any]]:
    """Return what the action says that cannot be."""
    concerns: list[dict[str, Any]] = (await house.async_schedule())["concerns"]
    return concerns


async def test_nothing_is_said_where_all_can_be(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert await said(house) == []


async def test_who_leaves_too_early_is_named(house: House) -> None:
    await house.async_set_up_site(CHARGERS[0], VEHICLES[0])
    await house.async_plug_in("garage")
    target = {"entity_id": "time.garage_departure", "time": "20:30:00"}
    await house.hass.services.async_call("time", "set_value", target, blocking=True)
    await house.async_settle()
    (concern,) = await said(house)
    assert concern["code"] == "beyond_stay"
    assert concern["placeholders"]["wanted_kwh"] == 20.0
    possible = concern["placeholders"]["possible_kwh"]
    assert concern["text"] == (
        f"Garage wants 20.0 kWh, but can take at most {possible:.1f} kWh before it leaves."
    )


async def test_a_reservation_is_named(house: House) -> None:
    await house.async_set_up_site()
    await add(house, energy=90, charger="Garage", name="Ann")
    await house.async_settle()
    assert [(one["code"], one["placeholders"]["name"]) for one in await said(house)] == [
        ("beyond_stay", "Ann")
    ]


async def test_a_house_that_takes_all_is_said(house: House) -> None:
    house.set_power(GRID, 20_000)
    await house.async_set_up_site()
    concern, *of_phases = await said(house)
    assert {phase["code"] for phase in of_phases} == {"phase_overloaded"}
    assert concern["code"] == "site_overloaded"
    assert concern["placeholders"]["at"].startswith("2026-11-20T20:00:")
    assert concern["text"].startswith("Without any car the house exceeds the limit of the site in ")
    assert concern["text"].endswith("first at 20:00, by up to 2.8 kW.")


def of_car(kind: ConcernKind, **figures: float) -> Concern:
    return Concern(kind=kind, ev="garage", figures=figures)


OVERLOAD = {"steps": 1.0, "first_step": 1.0, "excess_kw": 0.5}


@pytest.mark.parametrize(
    ("concern", "text"),
    [
        (
            of_car(ConcernKind.LEAVES_FIRST),
            "Garage is to leave before it arrives, so nothing can be charged.",
        ),
        (
            of_car(ConcernKind.BEYOND_LIMIT, wanted_kwh=20, possible_kwh=12),
            "Garage wants 20.0 kWh, but is never to take more than 12.0 kWh.",
        ),
        (
            of_car(ConcernKind.BEYOND_HORIZON, wanted_kwh=20, possible_kwh=12),
            "Garage wants 20.0 kWh, but can take at most 12.0 kWh before the plan ends.",
        ),
        (
            of_car(ConcernKind.MIN_ABOVE_MAX, min_kw=4.14, max_kw=4.1),
            "Garage needs at least 4.14 kW to charge, but may draw at most 4.10 kW.",
        ),
        (
            of_car(ConcernKind.MIN_ABOVE_ROOM, min_kw=4.14, max_kw=3),
            (
                "Garage needs at least 4.14 kW to charge,"
                " but its limits leave at most 3.00 kW while it is there."
            ),
        ),
        (
            of_car(ConcernKind.MIN_ABOVE_LIMIT, min_kwh=4, room_kwh=3),
            (
                "Garage gets at least 4.0 kWh when it charges at all,"
                " but is never to take more than 3.0 kWh."
            ),
        ),
        (
            Concern(kind=ConcernKind.OVERLOADED, phase="L2", figures=OVERLOAD),
            (
                "Without any car the house exceeds the limit of L2 in 1 of 2 steps,"
                " first at 21:00, by up to 0.5 kW."
            ),
        ),
        (
            Concern(kind=ConcernKind.OVERLOADED, circuit="shed", phase="L2", figures=OVERLOAD),
            (
                "Without any car the limit of shed/L2 is exceeded in 1 of 2 steps,"
                " first at 21:00, by up to 0.5 kW."
            ),
        ),
    ],
)
async def test_each_kind_has_its_sentence(
    hass: HomeAssistant, house: House, concern: Concern, text: str
) -> None:
    entry = await house.async_set_up_site()
    texts: ReasonTexts = entry.runtime_data.texts
    horizon = Horizon(start=NOW, step_h=(1.0, 1.0))
    site = GridConnection(limit_kw=(17.0, 17.0), import_price=(0.1, 0.1))
    schedule = Schedule(
        horizon=horizon,
        evs=(),
        algorithm="optimal",
        status=SolveStatus.OPTIMAL,
        concerns=(concern,),
    )
    plan = Plan(problem=Problem(horizon=horizon, site=site, evs=()), schedule=schedule, made_at=NOW)
    (said,) = concerns_of(entry.runtime_data.site, plan, texts, NOW + timedelta(minutes=1))
    assert said["text"] == text
