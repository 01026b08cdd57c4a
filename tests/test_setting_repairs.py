"""Issues that a setting solves: a person answers, the setting changes, and the issue is gone."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from tests.control.battery_bench import async_follow
from tests.fixes import Fix
from tests.house import BATTERY_DATA, CHARGERS, PRICE, VEHICLES, House, subentry

SOC = "sensor.zoe_battery"


@pytest.fixture
async def soc_of_zoe(hass: HomeAssistant, house: House) -> er.RegistryEntry:
    """Return the registered state of charge that a car is bound to, in a house that is set up."""
    hass.states.async_remove(SOC)
    registered = er.async_get(hass).async_get_or_create(
        "sensor", "demo", "soc", suggested_object_id="zoe_battery"
    )
    assert registered.entity_id == SOC
    house.set_soc("zoe", 40)
    await house.async_set_up_site()
    return registered


async def test_entity_that_was_removed_is_replaced(
    hass: HomeAssistant, house: House, soc_of_zoe: er.RegistryEntry
) -> None:
    er.async_get(hass).async_remove(soc_of_zoe.entity_id)
    hass.states.async_remove(SOC)
    await house.async_settle()
    fix = Fix(house, "entity_removed")
    assert await fix.async_begin() == "replace"
    # Nothing of our own is offered, nor anything that is no sensor.
    (field,) = fix.result["data_schema"].schema.values()
    assert field.config["domain"] == ["sensor"]
    assert {SOC, "sensor.garage_status"} <= set(field.config["exclude_entities"])
    hass.states.async_set("sensor.zoe_soc", "55", {"unit_of_measurement": "%"})
    assert await fix.async_enter({"entity": "sensor.zoe_soc"}) == ""
    assert house.entry is not None
    assert house.entry.subentries["zoe"].data["soc_entity"] == "sensor.zoe_soc"
    await house.async_plug_in("garage")
    assert house.value("number.garage_state_of_charge") == 55


@pytest.mark.parametrize("choice", ["enable", "replace"])
async def test_entity_that_was_disabled_is_enabled_or_replaced(
    hass: HomeAssistant, house: House, soc_of_zoe: er.RegistryEntry, choice: str
) -> None:
    registry = er.async_get(hass)
    registry.async_update_entity(SOC, disabled_by=er.RegistryEntryDisabler.USER)
    await house.async_settle()
    fix = Fix(house, "entity_disabled")
    assert await fix.async_begin() == "init"
    step = await fix.async_choose(choice)
    if choice == "replace":
        assert step == "replace"
        hass.states.async_set("sensor.zoe_soc", "55", {"unit_of_measurement": "%"})
        await fix.async_enter({"entity": "sensor.zoe_soc"})
    assert house.entry is not None
    wanted = {"enable": (SOC, False), "replace": ("sensor.zoe_soc", True)}[choice]
    known = registry.async_get(SOC)
    assert known is not None
    assert (house.entry.subentries["zoe"].data["soc_entity"], known.disabled) == wanted


@pytest.mark.parametrize(("choice", "inverted"), [("inverted", True), ("elsewhere", None)])
async def test_sign_of_a_battery_is_changed(
    house: House, choice: str, inverted: bool | None
) -> None:
    house.set_battery(0, 60)
    house.set_power("sensor.pv", 0)
    store = subentry("store", "battery", "Store", {**BATTERY_DATA})
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store, data={"pv_entity": "sensor.pv"})
    for _ in range(30):
        await async_follow(house, ticks=1, battery_kw=3.0, house_kw=-2.5)
    fix = Fix(house, "battery_sign_wrong")
    assert await fix.async_begin() == "init"
    assert await fix.async_choose(choice) == ""
    assert house.entry is not None
    assert house.entry.subentries["store"].data.get("power_inverted") is inverted


async def test_one_price_is_entered(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(data={"price_source": "later", "price_entity": None})
    fix = Fix(house, "price_missing")
    assert await fix.async_begin() == "price"
    assert await fix.async_enter({"price": 27}) == "price"
    assert fix.result["errors"] == {"price": "price_entered_implausible"}
    assert fix.result["description_placeholders"]["entered"] == "27"
    assert fix.result["description_placeholders"]["price"] == "0.3"
    assert await fix.async_enter({"price": 0.27}) == ""
    site = entry.runtime_data.coordinator.data.problem.site
    assert site.import_price == pytest.approx([0.27] * len(site.import_price))
    assert not any(site.estimated)


async def test_exchange_rate_is_entered(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site()
    await hass.config.async_update(currency="SEK")
    house.set_hourly_prices([0.31] * 48)
    await house.async_settle()
    fix = Fix(house, "other_currency")
    assert await fix.async_begin() == "rate"
    assert await fix.async_enter({"factor": 11.2}) == ""
    site = entry.runtime_data.coordinator.data.problem.site
    assert site.import_price[0] == pytest.approx(0.31 * 11.2)
    assert entry.data["price_entity"] == PRICE
