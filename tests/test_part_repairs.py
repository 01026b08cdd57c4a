"""What does not do as it was commanded: a person tries it again, otherwise, or does without it."""

from datetime import timedelta
from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.optivgi.const import DOMAIN
from tests.control import test_battery_charge as charge, test_battery_control as hold
from tests.control.battery_bench import async_follow
from tests.control.phased import BY_ACTIONS, Phased
from tests.control.test_circuits import (
    METERED,
    SHED,
    WIDE,
    async_both_now,
    async_follow as async_in_shed,
    shed,
)
from tests.control.test_operator_limit import SIGNAL, in_house, pass_by
from tests.fixes import Fix, async_fix, issue_of
from tests.flows.charger_forms import as_found
from tests.house import GRID, House

QUARTER = timedelta(seconds=15)
FOLLOW, SWITCH = "charger_does_not_follow", "charger_does_not_switch"
HOLD, CHARGE = "battery_does_not_hold", "battery_does_not_charge"


class Carport:
    """A charger whose limit swallows what it is sent."""

    def __init__(self, house: House) -> None:
        """Have nothing yet."""
        self.house, self.hass = house, house.hass
        self.swallowed: list[ServiceCall] = []
        self._real: Any = None

    async def async_fail(self) -> None:
        """Let it fail until that is reported, right after it was sent for the last time."""
        await self.house.async_set_up_site()
        await self.house.async_select("select.carport_mode", "off")
        await self.house.async_plug_in("carport")
        self._real = self.hass.services.async_services_for_domain("input_number")["set_value"]
        self.swallowed = async_mock_service(self.hass, "input_number", "set_value")
        await self.house.async_select("select.carport_mode", "now")
        await self.async_pass(10)
        assert issue_of(self.hass, FOLLOW) is not None

    async def async_pass(self, quarters: int) -> None:
        """Let quarters of a minute pass."""
        for _ in range(quarters):
            await self.house.async_advance(QUARTER)

    def cure(self) -> None:
        """Let it follow from now on."""
        action, schema = self._real.job.target, self._real.schema
        self.hass.services.async_register("input_number", "set_value", action, schema=schema)


@pytest.fixture
async def carport(house: House) -> Carport:
    """Return a charger that was reported."""
    carport = Carport(house)
    await carport.async_fail()
    return carport


async def test_charger_that_was_cured_is_commanded_again_at_once(
    house: House, carport: Carport
) -> None:
    carport.cure()
    await carport.async_pass(1)
    assert house.carport_kw == 0, "by itself it would wait some minutes"
    await async_fix(house, FOLLOW, "again")
    assert house.carport_kw == pytest.approx(11.0)
    await carport.async_pass(20)
    assert issue_of(house.hass, FOLLOW) is None


async def test_charger_that_was_not_cured_is_reported_again(house: House, carport: Carport) -> None:
    sent = len(carport.swallowed)
    await async_fix(house, FOLLOW, "again")
    assert len(carport.swallowed) == sent + 1
    await carport.async_pass(10)
    assert issue_of(house.hass, FOLLOW) is not None
    assert len(carport.swallowed) <= sent + 5


async def test_charger_is_left_alone_until_the_car_is_unplugged(
    house: House, carport: Carport
) -> None:
    sent = len(carport.swallowed)
    await async_fix(house, FOLLOW, "until_unplugged")
    await carport.async_pass(40)
    assert len(carport.swallowed) == sent
    assert house.state("sensor.carport_status").state == "held"
    assert issue_of(house.hass, FOLLOW) is None


async def test_form_of_the_charger_opens_and_its_new_limit_ends_the_issue(
    hass: HomeAssistant, house: House, carport: Carport
) -> None:
    fix = await async_fix(house, FOLLOW, "form")
    assert fix.result["reason"] == "form"
    kind, flow_id = fix.result["next_flow"]
    assert kind == "config_subentries_flow"
    assert fix.result["result"] is house.entry
    forms = hass.config_entries.subentries
    form = next(one for one in forms.async_progress() if one["flow_id"] == flow_id)
    assert form["context"]["source"] == SOURCE_RECONFIGURE
    assert form["context"]["subentry_id"] == "carport"
    shown = await forms.async_configure(flow_id)
    entered = {**as_found(shown["data_schema"]), "max_a": 12}
    await forms.async_configure(flow_id, entered)
    await house.async_settle()
    assert issue_of(hass, FOLLOW) is None, "what was changed may be right now"
    carport.cure()
    await carport.async_pass(8)
    assert 0 < house.carport_kw <= 12 * 0.69 + 0.01


async def test_issue_of_a_charger_that_is_removed_is_over(
    hass: HomeAssistant, house: House, carport: Carport
) -> None:
    assert house.entry is not None
    hass.config_entries.async_remove_subentry(house.entry, "carport")
    await house.async_settle()
    assert issue_of(hass, FOLLOW) is None


async def test_change_of_another_part_leaves_the_issue(
    hass: HomeAssistant, house: House, carport: Carport
) -> None:
    assert house.entry is not None
    zoe = house.entry.subentries["zoe"]
    hass.config_entries.async_update_subentry(house.entry, zoe, data={**zoe.data, "target_soc": 70})
    await house.async_settle()
    assert issue_of(hass, FOLLOW) is not None


async def test_issue_of_a_site_that_is_not_loaded_is_only_confirmed(
    hass: HomeAssistant, house: House, carport: Carport
) -> None:
    assert house.entry is not None
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    issue = issue_of(hass, FOLLOW)
    assert issue is not None
    result = await flows.async_init(DOMAIN, context={"issue_id": issue.issue_id})
    assert result["step_id"] == "confirm"


@pytest.fixture
async def stuck(hass: HomeAssistant, house: House) -> Phased:
    """Return a charger whose contactor does not move, as was reported."""
    phased = Phased(hass, house, obeys=False, sun_kw=2.5)
    hass.states.async_set("sensor.garage_phases", "3")
    shown = {"phase_entity": "sensor.garage_phases", "one_phase": "1", "three_phases": "3"}
    await phased.async_start("smart", {**BY_ACTIONS, **shown})
    await house.async_select("select.garage_phases", "one")
    await phased.async_for(minutes=6)
    assert phased.calls == [1, 1, 1]
    assert issue_of(hass, SWITCH) is not None
    return phased


async def test_charger_that_was_cured_switches_its_phases(
    hass: HomeAssistant, house: House, stuck: Phased
) -> None:
    await async_fix(house, SWITCH, "again")
    stuck.obeys = True
    await stuck.async_for(minutes=2)
    hass.states.async_set("sensor.garage_phases", str(stuck.connected))
    await stuck.async_for(minutes=6)
    assert stuck.connected == 1
    assert stuck.drawn_kw == pytest.approx(16 * 0.23, abs=1.5)
    assert issue_of(hass, SWITCH) is None


async def test_charger_that_does_not_switch_again_is_reported_again(
    hass: HomeAssistant, house: House, stuck: Phased
) -> None:
    await async_fix(house, SWITCH, "again")
    await stuck.async_for(minutes=12)
    assert stuck.calls == [1] * 6
    assert issue_of(hass, SWITCH) is not None


async def test_phases_are_not_switched_any_more(
    hass: HomeAssistant, house: House, stuck: Phased
) -> None:
    await async_fix(house, SWITCH, "without")
    assert house.entry is not None
    left = house.entry.subentries["garage"].data.keys()
    assert not left & {"phase_entity", "one_phase_action", "three_phases_action"}
    await stuck.async_for(minutes=10)
    assert stuck.calls == [1, 1, 1]
    assert issue_of(hass, SWITCH) is None


@pytest.fixture
async def giving(hass: HomeAssistant, house: House) -> House:
    """Return a house whose battery gives though it is held, as was reported."""
    await hold.async_set_up(house, hold_entity=hold.LIMIT)
    await hold.async_charge(house)
    await async_follow(house, ticks=20, battery_kw=-2.0)
    assert issue_of(hass, HOLD) is not None
    return house


@pytest.mark.parametrize("cured", [True, False])
async def test_battery_is_held_again(hass: HomeAssistant, giving: House, cured: bool) -> None:
    """Its limit was changed by hand meanwhile, which nobody sets again by itself."""
    fix = Fix(giving, HOLD)
    assert await fix.async_begin() == "init"
    sent = async_mock_service(hass, "input_number", "set_value")
    assert await fix.async_choose("again") == ""
    await async_follow(giving, ticks=2, battery_kw=-2.0)
    assert [call.data["value"] for call in sent] == [10]
    assert issue_of(hass, HOLD) is None, "inverters take their time"
    await async_follow(giving, ticks=20, battery_kw=0.0 if cured else -2.0)
    assert (issue_of(hass, HOLD) is None) is cured


async def test_battery_is_not_held_any_more(hass: HomeAssistant, giving: House) -> None:
    await async_fix(giving, HOLD, "without")
    assert giving.entry is not None
    assert "hold_active" not in giving.entry.subentries["store"].data
    await async_follow(giving, ticks=30, battery_kw=-2.0)
    assert giving.value(hold.LIMIT) == 5000, "what it had before is put back"
    assert issue_of(hass, HOLD) is None


async def test_battery_that_is_not_held_by_its_form_is_no_issue(
    hass: HomeAssistant, giving: House
) -> None:
    assert giving.entry is not None
    store = giving.entry.subentries["store"]
    data = {key: value for key, value in store.data.items() if key != "hold_active"}
    hass.config_entries.async_update_subentry(giving.entry, store, data=data)
    await giving.async_settle()
    await async_follow(giving, ticks=2, battery_kw=-2.0)
    assert issue_of(hass, HOLD) is None


@pytest.mark.parametrize("way", ["again", "without"])
async def test_battery_that_takes_nothing(hass: HomeAssistant, house: House, way: str) -> None:
    await charge.async_set_up(house)
    await charge.async_obey(house, ticks=20, battery_kw=0.0)
    await async_fix(house, CHARGE, way)
    assert house.entry is not None
    active = house.entry.subentries["store"].data.get("charge_active")
    assert active is (True if way == "again" else None)
    await charge.async_obey(house, ticks=20, battery_kw=0.0)
    assert (issue_of(hass, CHARGE) is not None) is (way == "again")
    if way == "without":
        assert (house.state(charge.MODE).state, house.value(charge.POWER)) == ("self", 0)


@pytest.mark.parametrize(
    ("factor", "choice", "corrected"),
    [
        (-1.0, "inverted", {"meter_inverted": True}),
        (0.001, "kilowatts", {"meter_factor": 1000}),
        (1000.0, "watts", {"meter_factor": 0.001}),
        (0.0, "elsewhere", {}),
    ],
)
async def test_wrong_meter_of_a_circuit_is_set_right(
    hass: HomeAssistant, house: House, factor: float, choice: str, corrected: dict[str, Any]
) -> None:
    text = f"circuit_meter_{'beyond' if factor > 1 else 'below'}"
    house.set_power(SHED, 0)
    await house.async_set_up_site(*shed(**METERED), data=WIDE)
    await async_both_now(house)
    await async_in_shed(house, 0.0)

    async def go_on(minutes: int) -> None:
        for _ in range(minutes * 6):
            drawn_w = (house.garage_kw + house.carport_kw) * 1000
            house.set_power("sensor.garage_power", house.garage_kw * 1000)
            house.set_power("sensor.carport_power", house.carport_kw * 1000)
            house.set_power(GRID, drawn_w + 500)
            house.set_power(SHED, drawn_w * factor)
            await house.async_advance(timedelta(seconds=10))

    await go_on(8)
    assert house.garage_kw <= 6 * 0.69 + 0.01
    await async_fix(house, text, choice)
    assert house.entry is not None
    data = house.entry.subentries["shed"].data
    assert data == {**METERED, **corrected}
    await go_on(10)
    assert (issue_of(hass, text) is None) is bool(corrected)
    if corrected:
        assert house.garage_kw + house.carport_kw > 12


@pytest.mark.parametrize("cured", [True, False])
async def test_what_the_operator_reports_by_is_asked_again(
    hass: HomeAssistant, house: House, cured: bool
) -> None:
    hass.states.async_set(SIGNAL, "off")
    await in_house(hass, house, {"dimming_entity": SIGNAL})
    hass.states.async_set(SIGNAL, STATE_UNAVAILABLE)
    await pass_by(house, 90)
    asked: list[ServiceCall] = []

    async def answer(call: ServiceCall) -> None:
        asked.append(call)
        if cured:
            hass.states.async_set(SIGNAL, "off")

    hass.services.async_register("homeassistant", "update_entity", answer)
    await async_fix(house, "operator_limit_silent", "again")
    (call,) = asked
    assert call.data["entity_id"] == [SIGNAL]
    await pass_by(house, 60)
    assert (issue_of(hass, "operator_limit_silent") is None) is cured


async def test_form_of_the_site_opens(hass: HomeAssistant, house: House) -> None:
    hass.states.async_set(SIGNAL, "off")
    await in_house(hass, house, {"dimming_entity": SIGNAL})
    hass.states.async_set(SIGNAL, STATE_UNAVAILABLE)
    await pass_by(house, 90)
    fix = await async_fix(house, "operator_limit_silent", "form")
    assert fix.result["reason"] == "form"
    kind, flow_id = fix.result["next_flow"]
    assert kind == "config_flow"
    (form,) = hass.config_entries.flow.async_progress()
    assert form["flow_id"] == flow_id
    assert form["context"]["source"] == SOURCE_RECONFIGURE
