"""What goes wrong with circuits: a meter that is wrong, one that is deleted, one that is full."""

from datetime import timedelta
from types import MappingProxyType

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from tests.control.test_circuits import (
    METERED,
    MINUTE,
    SHED,
    TICK,
    WIDE,
    async_both_now,
    async_follow,
    report,
    shed,
)
from tests.house import GRID, House, charger_of, subentry


def issue_of(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    """Return an issue."""
    return ir.async_get(hass).async_get_issue("optivgi", issue_id)


async def async_go_on(house: House, minutes: int, shed_w: float) -> None:
    """Let all but the meter of the circuit report what is true."""
    for step in range(minutes * 6):
        for charger, kw in (("garage", house.garage_kw), ("carport", house.carport_kw)):
            house.set_power(f"sensor.{charger}_power", kw * 1000)
        house.set_power(GRID, (house.garage_kw + house.carport_kw + 0.5) * 1000)
        house.set_power(SHED, shed_w + step % 2)
        await house.async_advance(TICK)


@pytest.mark.parametrize(("shed_w", "fault"), [(-9000.0, "below"), (99_000.0, "beyond")])
async def test_wrong_meter_of_a_circuit_is_reported(
    hass: HomeAssistant, house: House, shed_w: float, fault: str
) -> None:
    """It is named with its circuit; when it is right again, that is over."""
    house.set_power(SHED, 0)
    await house.async_set_up_site(*shed(**METERED), data=WIDE)
    await async_both_now(house)
    await async_follow(house, 0.0)
    await async_go_on(house, 8, shed_w)
    issue = issue_of(hass, f"circuit_meter_{fault}_shed")
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["circuit"] == "Shed"
    assert issue.translation_placeholders["entity"] == SHED
    assert issue.is_fixable
    assert issue_of(hass, f"meter_{fault}_site") is None
    assert house.garage_kw <= 6 * 0.69 + 0.01
    await async_follow(house, 0.0, ticks=60)
    assert issue_of(hass, f"circuit_meter_{fault}_shed") is None


async def test_issue_of_a_circuit_ends_with_it(hass: HomeAssistant, house: House) -> None:
    house.set_power(SHED, 0)
    entry = await house.async_set_up_site(*shed(**METERED), data=WIDE)
    await async_both_now(house)
    await async_follow(house, 0.0)
    await async_go_on(house, 8, 99_000.0)
    assert issue_of(hass, "circuit_meter_beyond_shed") is not None
    hass.config_entries.async_remove_subentry(entry, "shed")
    await house.async_settle()
    assert issue_of(hass, "circuit_meter_beyond_shed") is None


async def test_reason_names_the_circuit_that_leaves_too_little(house: House) -> None:
    house.set_power(SHED, 0)
    await house.async_set_up_site(*shed(**METERED), data=WIDE)
    await async_both_now(house)
    await async_follow(house, 0.0)
    report(house, 3.0)
    await house.hass.async_block_till_done()
    schedule = await house.async_schedule()
    reasons = [charger_of(schedule, name)["reason"] for name in ("Garage", "Carport")]
    assert all(reason.startswith("Shed leaves ") for reason in reasons), reasons
    report(house, 12.0)
    await house.async_advance(TICK)
    reasons = [charger_of(await house.async_schedule(), n)["reason"] for n in ("Garage", "Carport")]
    assert "Shed leaves too little power at the moment." in reasons


async def test_reason_names_no_circuit_where_the_site_is_full(house: House) -> None:
    house.set_power(SHED, 0)
    await house.async_set_up_site(*shed(**METERED), data={"fuse_a": 25})
    await async_both_now(house)
    await async_follow(house, 0.0)
    house.set_power(GRID, (house.garage_kw + house.carport_kw + 8.0) * 1000)
    await house.hass.async_block_till_done()
    reason = charger_of(await house.async_schedule(), "Garage")["reason"]
    assert reason.startswith("The house leaves ")


@pytest.mark.parametrize("loaded", [True, False])
@pytest.mark.parametrize("above", [True, False])
async def test_chargers_whose_circuit_is_deleted_are_reported(
    hass: HomeAssistant, house: House, *, loaded: bool, above: bool
) -> None:
    """Also where that happens while the site is not loaded, though nobody knows what was above."""
    outer = [subentry("wall", "circuit", "Wall", {"fuse_a": 30})] if above else []
    inner, *others = shed(fuse_a=20, **({"circuit": "wall"} if above else {}))
    entry = await house.async_set_up_site(*outer, inner, *others, data=WIDE)
    if not loaded:
        assert await hass.config_entries.async_unload(entry.entry_id)
    hass.config_entries.async_remove_subentry(entry, "shed")
    if not loaded:
        assert await hass.config_entries.async_setup(entry.entry_id)
    await house.async_settle()
    hangs_on = "wall" if above and loaded else None
    for charger, title in (("garage", "Garage"), ("carport", "Carport")):
        assert entry.subentries[charger].data.get("circuit") == hangs_on
        issue = issue_of(hass, f"circuit_deleted_{charger}")
        assert issue is not None
        expected = {"charger": title, "above": "Home" if hangs_on is None else "Wall"}
        assert issue.translation_placeholders == expected
        assert issue.is_persistent
    await house.async_advance(MINUTE)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await house.async_settle()
    assert issue_of(hass, "circuit_deleted_garage") is not None


async def test_charger_that_gets_another_circuit_is_reported_no_more(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(*shed(), data=WIDE)
    hass.config_entries.async_remove_subentry(entry, "shed")
    await house.async_settle()
    new = ConfigSubentry(
        data=MappingProxyType({"fuse_a": 16}),
        subentry_type="circuit",
        subentry_id="new",
        title="New",
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, new)
    garage = entry.subentries["garage"]
    hass.config_entries.async_update_subentry(entry, garage, data={**garage.data, "circuit": "new"})
    await house.async_settle()
    await house.async_advance(timedelta(seconds=5))
    assert issue_of(hass, "circuit_deleted_garage") is None
    assert issue_of(hass, "circuit_deleted_carport") is not None


async def test_deleted_circuit_is_confirmed(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(*shed(), data=WIDE)
    hass.config_entries.async_remove_subentry(entry, "shed")
    await house.async_settle()
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    result = await flows.async_init("optivgi", context={"issue_id": "circuit_deleted_garage"})
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "confirm")
    result = await flows.async_configure(result["flow_id"], {})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert issue_of(hass, "circuit_deleted_garage") is None
    assert issue_of(hass, "circuit_deleted_carport") is not None
