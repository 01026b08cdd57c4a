"""Why a charger gets what it gets at a time, with its money and its alternatives."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from tests.house import House, charger_of

# It is eight in the evening; a kWh costs 0.10 from two to four.
NIGHT = [0.30] * 26 + [0.10] * 2 + [0.20] * 2 + [0.30] * 18


async def explain(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    response = await hass.services.async_call(
        "optivgi", "explain", data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


def local(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{clock}").replace(
        tzinfo=dt_util.get_default_time_zone()
    )


@pytest.fixture
async def waiting(house: House) -> House:
    """Return a house where Zoe waits in the garage for the cheap hours."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    return house


async def test_waiting_names_price_money_and_what_comes_next(
    hass: HomeAssistant, waiting: House
) -> None:
    told = await explain(hass, charger="Garage")
    assert told["limit_kw"] == 0
    assert told["currents_a"] == {}
    assert told["constraint"]["kind"] == "price"
    # The last kWh is drawn at 0.20.
    assert told["constraint"]["cost_per_kwh"] == pytest.approx(0.1)
    # All of the 22.2 kWh could be drawn until two, nearly all at 0.20 more each.
    planned = charger_of(await waiting.async_schedule(), "Garage")["cost"]
    assert told["constraint"]["cost"] == pytest.approx(20 / 0.9 * 0.3 - planned, abs=0.02)
    assert datetime.fromisoformat(told["next"]["at"]) == local("21 02:00")
    assert told["next"]["limit_kw"] > 10
    assert [reason["code"] for reason in told["reasons"]] == [
        "step_waits",
        "why_price",
        "would_cost",
        "step_goes_on",
    ]
    assert told["text"].startswith("From 20:00 to Sat 02:00 it does not charge. A kWh costs 0.1")


async def test_another_start_costs_what_its_prices_say(hass: HomeAssistant, waiting: House) -> None:
    told = await explain(hass, vehicle="Zoe", time=local("20 22:00"))
    costs = {
        datetime.fromisoformat(one["start"]).hour: one["cost_change"]
        for one in told["alternatives"]
    }
    planned = charger_of(await waiting.async_schedule(), "Garage")["cost"]
    # Two hours from ten on at 0.30 instead of at 0.10.
    assert costs[22] == pytest.approx(20 / 0.9 * 0.3 - planned, abs=0.05)
    assert "Starting at 22:00 would cost 4.3" in told["text"]
    # An hour later, one of the two hours costs 0.20.
    assert 0.5 < costs[3] < 1.5


async def test_charging_shows_currents_and_why(hass: HomeAssistant, waiting: House) -> None:
    told = await explain(hass, charger="Garage", time=local("21 03:00"))
    assert told["constraint"]["kind"] in {"cheap", "deadline"}
    assert told["currents_a"].keys() == {"L1", "L2", "L3"}
    assert set(told["currents_a"].values()) == {round(told["limit_kw"] * 1000 / 690, 2)}
    assert told["reasons"][0]["code"] == "step_charges"


async def test_fuse_names_the_other_car(hass: HomeAssistant, house: House) -> None:
    """Two cars have an hour and a fuse for one."""
    house.set_hourly_prices([0.30] * 48)
    await house.async_set_up_site(data={"fuse_a": 20})
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    told = await explain(hass, charger="Garage")
    other = await explain(hass, charger="Carport")
    bound = min(told, other, key=lambda one: one["limit_kw"])
    assert bound["constraint"]["kind"] in {"site", "phase"}
    assert bound["room"]["other"] in {"Carport", "Garage"} - {bound["charger"]}
    assert bound["room"]["other_until"] is not None
    assert any(reason["code"].endswith("_shared") for reason in bound["reasons"])
    assert f"because {bound['room']['other']} charges until" in bound["text"]


async def test_schedule_has_currents_and_constraints(hass: HomeAssistant, waiting: House) -> None:
    garage = charger_of(await waiting.async_schedule(), "Garage")
    assert garage["constraint"]["kind"] == "price"
    assert datetime.fromisoformat(garage["constraint"]["next_at"]) == local("21 02:00")
    charging = [step for step in garage["plan"] if step["limit_kw"] > 0]
    assert min(step["currents_a"]["L2"] for step in charging) >= 6
    assert {step["constraint"]["cost"] for step in charging} == {0}
    assert charger_of(await waiting.async_schedule(), "Carport")["constraint"] is None


async def test_former_plan_is_explained(hass: HomeAssistant, waiting: House) -> None:
    before = dt_util.utcnow()
    first = await explain(hass, charger="Garage", time=before)
    for _ in range(4):
        await waiting.async_advance(timedelta(hours=1))
        await waiting.async_settle()
    # Now it is to be charged by nobody's plan any more.
    await waiting.async_select("select.garage_mode", "now")
    told = await explain(hass, charger="Garage", time=before)
    assert told["made_at"] == first["made_at"]
    assert told["constraint"] == first["constraint"]
    assert told["alternatives"][0]["cost_change"] == first["alternatives"][0]["cost_change"]
    assert (await explain(hass, charger="Garage"))["constraint"]["kind"] == "at_once"


async def test_what_cannot_be_explained_is_refused(hass: HomeAssistant, waiting: House) -> None:
    for data in (
        {},
        {"charger": "Shed"},
        {"charger": "Carport"},
        {"vehicle": "Leaf"},
        {"charger": "Garage", "time": dt_util.now() + timedelta(days=9)},
        {"charger": "Garage", "time": dt_util.now() - timedelta(days=3)},
    ):
        with pytest.raises(ServiceValidationError):
            await explain(hass, **data)
