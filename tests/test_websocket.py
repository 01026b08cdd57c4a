"""The plan over the WebSocket: what is sent, to whom, when, and over reloads of the site."""

import asyncio
from datetime import timedelta
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from tests.house import CHARGERS, STORE, VEHICLES, House, subentry

SUBSCRIBE = {"type": "optivgi/plan/subscribe"}


async def subscribe(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, **named: str
) -> MockHAClientWebSocket:
    """Subscribe to a plan; what is sent first comes next."""
    client = await hass_ws_client(hass)
    await client.send_json_auto_id({**SUBSCRIBE, **named})
    answer = await client.receive_json()
    assert answer["success"], answer
    return client


async def news(client: MockHAClientWebSocket) -> dict[str, Any]:
    """Return what is sent next."""
    async with asyncio.timeout(5):
        event: dict[str, Any] = (await client.receive_json())["event"]
    return event


async def later(house: House, client: MockHAClientWebSocket) -> list[dict[str, Any]]:
    """Let time pass, and return all that is sent until then."""
    await house.async_advance(timedelta(seconds=3))
    await client.send_json_auto_id({"type": "ping"})
    told = []
    while True:
        async with asyncio.timeout(5):
            message = await client.receive_json()
        if message["type"] == "pong":
            return told
        told.append(message["event"])


def charger(message: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in message["now"]["chargers"] if c["name"] == name)
    return found


async def test_plan_of_a_plugged_in_car_is_told(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    house.set_hourly_prices([0.40] * 22 + [0.10] * 26)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    client = await subscribe(hass, hass_ws_client)
    told = await news(client)

    assert told["state"] == "loaded"
    assert told["entry_id"] == "site"
    plan = told["plan"]
    steps = len(plan["edges"]) - 1
    assert plan["edges"] == sorted(plan["edges"])
    for series in ("price", "estimated", "house_kw", "full"):
        assert len(plan[series]) == steps
    [car] = plan["cars"]
    assert car["charger"] == "garage"
    assert len(car["limit_kw"]) == len(car["why"]) == steps
    schedule = await house.async_schedule()
    of_action = next(c for c in schedule["chargers"] if c["name"] == "Garage")
    assert car["limit_kw"] == [round(step["limit_kw"], 3) for step in of_action["plan"]]
    assert car["cost"] == pytest.approx(of_action["cost"], abs=1e-4)
    assert all(0 <= number < len(plan["reasons"]) for number in car["why"])
    # Everything within the fuse, in the fullest part of each step.
    for number, used_kw, limit_kw in plan["full"]:
        assert used_kw <= limit_kw + 1e-6
        assert 0 <= number < len(plan["parts"])

    garage = charger(told, "Garage")
    assert garage["plugged"] is True
    assert garage["vehicle"] == "Zoe"
    assert garage["soc"] == 40
    assert garage["target_soc"] == 80
    assert garage["mode"] == "smart"
    assert garage["status"] == house.state("sensor.garage_status").state
    assert garage["entities"]["mode"] == "select.garage_mode"
    assert garage["departure"] == pytest.approx(car["departure"])
    assert charger(told, "Carport")["plugged"] is False
    assert told["now"]["site"]["fuse_a"] == 25


async def test_reasons_say_of_what_kind_their_parts_are(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    house.set_hourly_prices([0.40] * 22 + [0.10] * 26)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    told = await news(await subscribe(hass, hass_ws_client))
    waits = charger(told, "Garage")["reasons"][0]
    assert waits["code"] == "waits_for_price"
    placeholders = waits["placeholders"]
    assert placeholders["at"]["time"] > dt_util.utcnow().timestamp()
    assert placeholders["saved_price"] == {"number": 0.3, "digits": 3}
    assert placeholders["currency"] == {"text": "EUR"}


async def test_what_a_person_sets_is_told_and_the_plan_only_when_it_is_new(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    client = await subscribe(hass, hass_ws_client)
    before = await news(client)
    await house.async_select("select.garage_mode", "off")
    told = await later(house, client)
    assert charger(told[-1], "Garage")["mode"] == "off"
    [plan] = [message["plan"] for message in told if "plan" in message]
    assert plan["made_at"] > before["plan"]["made_at"]
    assert not any(sum(car["limit_kw"]) for car in plan["cars"])
    # Only the house has changed.
    house.set_power("sensor.grid_power", 900)
    await house.async_advance(timedelta(seconds=11))
    told = await later(house, client)
    assert not any("plan" in message for message in told)
    assert told[-1]["now"]["house_kw"] == pytest.approx(0.9)
    # Nothing has.
    await house.async_advance(timedelta(seconds=11))
    assert await later(house, client) == []


async def test_reload_of_the_site_is_followed(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    entry = await house.async_set_up_site()
    client = await subscribe(hass, hass_ws_client, config_entry_id=entry.entry_id)
    assert (await news(client))["state"] == "loaded"
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert (await later(house, client))[-1] == {"state": "not_loaded"}
    assert await hass.config_entries.async_setup(entry.entry_id)
    told = await later(house, client)
    assert told[-1]["state"] == "loaded"
    assert any("plan" in message for message in told)
    await hass.config_entries.async_remove(entry.entry_id)
    assert (await later(house, client))[-1] == {"state": "no_site"}


async def test_without_a_site_that_is_told(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    entry = await house.async_set_up_site()
    await hass.config_entries.async_remove(entry.entry_id)
    assert await news(await subscribe(hass, hass_ws_client)) == {"state": "no_site"}
    # A site that is named, and is none of ours.
    told = await news(await subscribe(hass, hass_ws_client, config_entry_id="another"))
    assert told == {"state": "no_site"}


async def test_who_may_not_look_is_refused(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: MockUser,
) -> None:
    await house.async_set_up_site()
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({})
    client = await hass_ws_client(hass)
    for asked in (
        SUBSCRIBE,
        {"type": "optivgi/plan/past"},
        {"type": "optivgi/plan/former", "at": 0},
    ):
        await client.send_json_auto_id(asked)
        answer = await client.receive_json()
        assert answer["success"] is False
        assert answer["error"]["code"] == "unauthorized"


async def test_a_car_that_comes_later_is_told_with_its_charger(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    await house.async_set_up_site()
    arrival = dt_util.utcnow() + timedelta(hours=4)
    await hass.services.async_call(
        "optivgi",
        "add_reservation",
        {
            "name": "Guest",
            "charger": "Garage",
            "arrival": arrival,
            "departure": arrival + timedelta(hours=6),
            "energy": 10,
        },
        blocking=True,
    )
    await house.async_settle()
    told = await news(await subscribe(hass, hass_ws_client))
    [reserved] = told["now"]["reservations"]
    assert reserved["name"] == "Guest"
    assert reserved["arrival"] == arrival.timestamp()
    [car] = told["plan"]["cars"]
    assert car["reservation"] == reserved["id"]
    assert car["charger"] == "garage"
    assert car["battery_kwh"] == pytest.approx(10, abs=0.3)


async def test_picture_of_many_chargers_stays_small(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    many = [subentry(f"c{i}", "charger", f"C{i}", CHARGERS[0]["data"]) for i in range(40)]
    await house.async_set_up_site(*many, *VEHICLES)
    told = await news(await subscribe(hass, hass_ws_client))
    now = json.dumps(told["now"])
    assert len(now) / 40 < 1000


async def test_last_hours_are_told_as_they_were_beside_what_was_planned(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_access_token: str,
    hass_admin_user: MockUser,
) -> None:
    house.set_hourly_prices([0.10] * 48)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    await house.async_select("input_select.garage_status", "charging")
    for _ in range(55):
        # Less than it may draw.
        house.set_power("sensor.garage_power", 4000)
        house.set_power("sensor.grid_power", 4700)
        await house.async_advance(timedelta(seconds=40))
    # The first token has expired by now.
    token = next(iter(hass_admin_user.refresh_tokens.values()))
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(token))
    await client.send_json_auto_id(SUBSCRIBE)
    assert (await client.receive_json())["success"]
    past = (await news(client))["past"]
    assert len(past["edges"]) == len(past["house_kw"]) + 1
    assert past["edges"][1] - past["edges"][0] == 900
    garage = past["chargers"]["garage"]
    assert garage["drawn_kw"][-2] == pytest.approx(4.0, abs=0.05)
    # Planned with what it may draw, until it shows what it takes.
    assert max(kw for kw in garage["planned_kw"] if kw is not None) > 6
    assert past["house_kw"][-2] == pytest.approx(0.7, abs=0.05)
    assert past["price"][-2] == pytest.approx(0.10)
    assert past["chargers"]["carport"]["drawn_kw"][-2] is None


async def test_what_is_longer_ago_is_told_who_asks_with_the_plans_of_then(
    hass: HomeAssistant,
    house: House,
    hass_ws_client: WebSocketGenerator,
    hass_access_token: str,
    hass_admin_user: MockUser,
) -> None:
    house.set_hourly_prices([0.40] * 22 + [0.10] * 26)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    begin = dt_util.utcnow().timestamp()
    for minute in range(0, 6 * 60, 4):
        house.set_power("sensor.grid_power", 700 + minute % 8)
        await house.async_advance(timedelta(minutes=4))
        if minute == 3 * 60:
            await house.async_select("select.garage_mode", "now")
    token = next(iter(hass_admin_user.refresh_tokens.values()))
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(token))

    async def ask(command: str, **more: Any) -> Any:
        await client.send_json_auto_id({"type": f"optivgi/plan/{command}", **more})
        answer = await client.receive_json()
        assert answer["success"], answer
        return answer["result"]

    kept = await ask("past", config_entry_id="site")
    assert kept["kept_from"] == kept["edges"][0] <= begin + 900
    assert len(kept["house_kw"]) >= 24
    assert kept["house_kw"][1] == pytest.approx(0.7, abs=0.05)
    # With the plan comes what was shortly before.
    await client.send_json_auto_id(SUBSCRIBE)
    assert (await client.receive_json())["success"]
    shown = (await news(client))["past"]
    assert shown["kept_from"] == kept["kept_from"]
    assert len(shown["house_kw"]) <= 14
    recent = len(shown["house_kw"]) - 1
    assert kept["house_kw"][-recent - 1 : -1] == shown["house_kw"][:-1]

    waits = await ask("former", at=begin + 3600)
    charges = await ask("former", at=begin + 4 * 3600)
    for plan, at in ((waits, begin + 3600), (charges, begin + 4 * 3600)):
        assert plan["made_at"] <= at
        assert len(plan["edges"]) == len(plan["chargers"]["garage"]) + 1
    assert waits["chargers"]["garage"][0] == 0
    assert charges["chargers"]["garage"][0] > 6
    assert await ask("former", at=begin - 86400) is None

    await client.send_json_auto_id({"type": "optivgi/plan/past", "config_entry_id": "other"})
    assert (await client.receive_json())["error"]["code"] == "not_found"


async def test_home_battery_is_told_by_its_name(
    hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator
) -> None:
    house.set_battery(0, 62)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, STORE)
    told = await news(await subscribe(hass, hass_ws_client))
    assert told["now"]["batteries"] == [{"id": "store", "name": "Store", "soc": 62}]
    [battery] = told["plan"]["batteries"]
    assert battery["id"] == "store"
    assert len(battery["power_kw"] or battery["hold"]) == len(told["plan"]["price"])
