"""Chargers without a power sensor: what the meter's answers to their limits tell."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from tests.house import GARAGE_DATA, GRID, ZOE_DATA, House, subentry

UNMETERED = {key: value for key, value in GARAGE_DATA.items() if key != "power_entity"}
SENSORS = {f"l{phase}_entity": f"sensor.grid_l{phase}" for phase in (1, 2, 3)}
BASE_W = (150.0, 200.0, 150.0)


class Home:
    """A house whose meter shows a car that nothing else measures."""

    def __init__(self, house: House, phases: tuple[int, ...], scale: float = 1.0) -> None:
        """Let the car draw from some phases."""
        self.house, self.phases, self.scale = house, phases, scale
        self.base_w = BASE_W
        self.stirs = True
        """Whether the house never takes the same twice."""

    async def async_begin(self, *, per_phase: bool, phases: str = "3") -> None:
        """Set the site up, and plug the car in."""
        self.show()
        car = subentry("zoe", "vehicle", "Zoe", ZOE_DATA)
        garage = subentry("garage", "charger", "Garage", {**UNMETERED, "phases": phases})
        await self.house.async_set_up_site(garage, car, data=SENSORS if per_phase else None)
        await self.house.async_plug_in("garage")

    def show(self) -> None:
        """Let the meter and the charger report."""
        house = self.house
        limit_kw = house.garage_kw if house.hass.states.get("input_boolean.garage_charging") else 0
        loads = list(self.base_w)
        for phase in self.phases:
            # What ``garage_kw`` counts for three phases
            loads[phase] += 1000 * limit_kw / 3
        stir = dt_util.utcnow().timestamp() % 7 if self.stirs else 0.0
        house.set_power(GRID, self.scale * (sum(loads) + stir))
        for phase in range(3):
            house.set_power(f"sensor.grid_l{phase + 1}", self.scale * loads[phase] + stir / 3)
        if limit_kw:
            house.hass.states.async_set("input_select.garage_status", "charging")

    async def async_for(self, minutes: float) -> None:
        """Let time pass."""
        for _ in range(round(minutes * 6)):
            self.show()
            await self.house.async_advance(timedelta(seconds=10))

    async def async_switch(self, times: int) -> None:
        """Let a person start and stop the charging by the mode."""
        for count in range(times):
            mode = "off" if count % 2 else "now"
            await self.house.async_select("select.garage_mode", mode)
            await self.async_for(2.5)

    @property
    def point(self) -> Any:
        """What is known of the charger."""
        assert self.house.entry is not None
        return self.house.entry.runtime_data.site.points["garage"]


async def test_one_phase_car_is_found_out_by_the_meter(house: House) -> None:
    home = Home(house, (1,))
    await home.async_begin(per_phase=True)
    await home.async_switch(5)
    assert home.point.taking.part == pytest.approx(1 / 3)
    assert home.point.taking.own_phases == ("L2",)
    problem = house.entry.runtime_data.coordinator.data.problem
    await house.async_select("select.garage_mode", "smart")
    await house.async_settle()
    problem = house.entry.runtime_data.coordinator.data.problem
    assert problem.evs[0].max_power_kw == pytest.approx(3.68)


async def test_phase_of_a_car_that_charges_steadily_is_the_one_that_can_carry_it(
    house: House,
) -> None:
    """Without it a third was counted on each, and a load on its own that was not there."""
    home = Home(house, (1,))
    await home.async_begin(per_phase=True)
    await house.async_select("select.garage_mode", "now")
    await home.async_for(8)
    assert home.point.taking.own_phases == ("L2",)
    # A load that has come on another phase is no reason to doubt it.
    home.base_w = (3000.0, 150.0, 150.0)
    await home.async_for(5)
    assert home.point.taking.own_phases == ("L2",)


async def test_a_load_of_the_house_is_not_taken_for_a_car(house: House) -> None:
    """The charger says that it charges, and the car takes nothing; a kettle is on."""
    home = Home(house, ())
    await home.async_begin(per_phase=True)
    await house.async_select("select.garage_mode", "now")
    home.base_w = (150.0, 150.0, 2200.0)
    await home.async_for(4)
    assert home.point.taking.uses_one_phase
    assert home.point.taking.own_phases == ()
    home.base_w = (150.0, 150.0, 150.0)
    await home.async_for(4)
    assert home.point.taking.own_phases == ()


async def test_what_the_house_takes_of_its_phase_is_left_to_it(house: House) -> None:
    """All of its limit counted as drawn from that phase, which hid what the house took there."""
    home = Home(house, (1,))
    await home.async_begin(per_phase=True)
    await home.async_switch(5)
    assert home.point.taking.own_phases == ("L2",)
    home.base_w = (150.0, 3000.0, 150.0)
    await home.async_for(4)
    left_a = 25 - 3000 / 230
    assert left_a - 1.1 < house.value("input_number.garage_limit") < left_a


async def test_what_the_house_takes_is_left_to_it_where_only_the_total_is_measured(
    house: House,
) -> None:
    home = Home(house, (1,))
    await home.async_begin(per_phase=False)
    await home.async_switch(5)
    assert home.point.taking.part == pytest.approx(1 / 3)
    home.base_w = (3000.0, 3000.0, 3000.0)
    await home.async_for(4)
    left_a = 25 - 3000 / 230
    assert left_a - 1.1 < house.value("input_number.garage_limit") < left_a


async def test_phase_of_a_charger_that_has_only_one_is_found(house: House) -> None:
    home = Home(house, (2,))
    await home.async_begin(per_phase=True, phases="1")
    await home.async_switch(5)
    assert home.point.taking.own_phases == ("L3",)


async def test_energy_of_a_car_that_takes_a_part_is_counted_as_that_part(house: House) -> None:
    home = Home(house, (0,))
    await home.async_begin(per_phase=False)
    await home.async_switch(5)
    before = home.point.session.delivered_kwh
    await home.async_for(60)
    assert home.point.session.delivered_kwh - before == pytest.approx(3.68, rel=0.02)


async def test_car_on_all_phases_is_known_to_be(house: House) -> None:
    home = Home(house, (0, 1, 2))
    await home.async_begin(per_phase=False)
    assert not home.point.taking.uptake.is_known
    await home.async_switch(4)
    assert home.point.taking.part == 1.0
    assert home.point.taking.uptake.is_known


@pytest.mark.parametrize("scale", [-1.0, 0.001])
async def test_meter_that_answers_the_wrong_way_is_not_believed(
    hass: HomeAssistant, house: House, scale: float
) -> None:
    """No charger measures what it gives, so nothing else contradicts it."""
    home = Home(house, (0, 1, 2), scale)
    await home.async_begin(per_phase=False)
    await home.async_switch(5)
    await home.async_for(6)
    assert house.state("sensor.garage_status").state == "charging"
    assert house.garage_kw == pytest.approx(4.14)
    assert ir.async_get(hass).async_get_issue("optivgi", "meter_below_site") is not None


async def test_meter_that_answers_as_it_should_is_believed_whatever_the_house_does(
    hass: HomeAssistant, house: House
) -> None:
    home = Home(house, (0, 1, 2))
    await home.async_begin(per_phase=False)
    await home.async_switch(7)
    await home.async_for(6)
    assert house.garage_kw == pytest.approx(11.04)
    assert not ir.async_get(hass).issues


async def test_meter_that_answers_with_nothing_at_all_stops_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The car is full: not a watt changes, whatever its charger is commanded."""
    home = Home(house, (0, 1, 2))
    home.stirs = False
    await home.async_begin(per_phase=False)
    await home.async_switch(2)
    home.phases = ()
    await home.async_switch(9)
    assert house.state("sensor.garage_status").state != "unavailable"
    assert house.garage_kw > 0, "the mode is Now"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
