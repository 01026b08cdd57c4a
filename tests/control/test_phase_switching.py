"""A charger that switches between one and three phases: by the plan, paused, calm and verified."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from tests.control.phased import BY_ACTIONS, PHASES, SWITCHING, Phased
from tests.house import House, charger_of

from custom_components.optivgi.const import DOMAIN

ISSUE = (DOMAIN, "charger_does_not_switch_garage")
LITTLE_KW, MUCH_KW = 2.5, 8.0
"""Sun for one phase only, and for three."""


@pytest.fixture
def phased(hass: HomeAssistant, house: House) -> Phased:
    """Return a charger that is not set up yet."""
    return Phased(hass, house)


def reason(house: House) -> str:
    """Return why the garage does what it does."""
    return str(house.state("sensor.garage_status").attributes["reason"])


@pytest.mark.parametrize("ways", [SWITCHING, BY_ACTIONS])
async def test_little_sun_is_used_on_one_phase_and_more_on_three(
    phased: Phased, house: House, ways: Mapping[str, Any]
) -> None:
    phased.sun_kw = LITTLE_KW
    await phased.async_start("solar_only", ways)
    assert reason(house) == "Pauses to switch to one phase."
    await phased.async_for(minutes=3)
    assert phased.calls == [1]
    assert phased.drawn_kw == pytest.approx(10 * 0.23)
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    assert (plan[0]["limit_kw"], plan[0]["phases"]) == (pytest.approx(2.3), 1)
    await phased.async_for(minutes=4, sun_kw=MUCH_KW)
    assert phased.calls == [1]
    await phased.async_for(minutes=8)
    assert phased.calls == [1, 3]
    assert phased.drawn_kw == pytest.approx(11 * 0.69)
    assert phased.under_load == 0


async def test_min_and_solar_keeps_the_minimum_of_one_phase(phased: Phased, house: House) -> None:
    """By night 1.4 kW, little sun on one phase, more on three."""
    phased.sun_kw = -0.5
    await phased.async_start("min_solar", vehicle={"target_soc": 50})
    await phased.async_for(minutes=4)
    assert phased.calls == [1]
    assert phased.drawn_kw == pytest.approx(6 * 0.23)
    await phased.async_for(minutes=10, sun_kw=LITTLE_KW)
    assert phased.drawn_kw == pytest.approx(LITTLE_KW, abs=0.8)
    assert phased.calls == [1]
    await phased.async_for(minutes=16, sun_kw=MUCH_KW)
    assert phased.calls == [1, 3]
    assert phased.drawn_kw == pytest.approx(MUCH_KW, abs=0.8)
    assert phased.under_load == 0


async def test_cloud_does_not_switch_a_car_that_charges(phased: Phased) -> None:
    phased.sun_kw = MUCH_KW
    await phased.async_start("solar_only")
    await phased.async_for(minutes=4)
    assert phased.drawn_kw == pytest.approx(11 * 0.69)
    await phased.async_for(minutes=2, sun_kw=LITTLE_KW)
    await phased.async_for(minutes=6, sun_kw=MUCH_KW)
    assert phased.calls == []
    assert phased.drawn_kw > 4
    await phased.async_for(minutes=9, sun_kw=LITTLE_KW)
    assert phased.calls == [1]
    assert phased.drawn_kw == pytest.approx(LITTLE_KW, abs=0.25)


async def test_restart_in_the_middle_of_a_switch_waits_for_its_end(
    hass: HomeAssistant, phased: Phased, house: House
) -> None:
    phased.sun_kw = LITTLE_KW
    await phased.async_start("solar_only", {**BY_ACTIONS, "phase_pause": 120})
    await phased.async_for(minutes=1)
    assert phased.calls == [1]
    assert phased.drawn_kw == 0
    assert house.entry is not None
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await house.async_settle()
    await phased.async_for(minutes=0.5)
    assert phased.drawn_kw == 0
    assert house.state("select.garage_phases").attributes["present"] == 3
    await phased.async_for(minutes=3)
    assert phased.calls == [1]
    assert house.state("select.garage_phases").attributes["present"] == 1
    assert phased.drawn_kw == pytest.approx(10 * 0.23)


async def test_charger_that_does_not_show_the_switch_goes_on_and_is_reported(
    hass: HomeAssistant, phased: Phased, house: House
) -> None:
    """Its sensor stays at three phases whatever its action is sent."""
    hass.states.async_set("sensor.garage_phases", "3")
    phased.obeys = False
    phased.sun_kw = LITTLE_KW
    shown = {"phase_entity": "sensor.garage_phases", "one_phase": "1", "three_phases": "3"}
    await phased.async_start("smart", {**BY_ACTIONS, **shown})
    await house.async_select("select.garage_phases", "one")
    await phased.async_for(minutes=6)
    assert phased.calls == [1, 1, 1]
    issue = ir.async_get(hass).async_get_issue(*ISSUE)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["entity"] == "sensor.garage_phases"
    assert "It does not switch its phases." in reason(house)
    await house.async_select("select.garage_mode", "now")
    phased.connected = 1
    hass.states.async_set("sensor.garage_phases", "1")
    await phased.async_for(minutes=4)
    assert ir.async_get(hass).async_get_issue(*ISSUE) is None


async def test_car_that_draws_more_than_one_phase_is_seen_and_counted(
    hass: HomeAssistant, phased: Phased, house: House
) -> None:
    """Its select shows one phase, its contactor stays closed."""
    phased.obeys = False
    phased.sun_kw = LITTLE_KW
    await phased.async_start("solar_only")
    await phased.async_for(minutes=5)
    assert phased.calls == [1]
    assert ir.async_get(hass).async_get_issue(*ISSUE) is not None
    assert house.state("select.garage_phases").attributes["present"] == 3
    assert phased.drawn_kw == 0


async def test_car_that_must_not_be_switched_keeps_its_phases(phased: Phased) -> None:
    phased.sun_kw = LITTLE_KW
    await phased.async_start("solar_only", vehicle={"keep_phases": True})
    await phased.async_for(minutes=4)
    assert phased.calls == []
    assert phased.drawn_kw == 0


@pytest.mark.parametrize("budget", ["switches_per_session", "switches_per_day"])
async def test_budget_leaves_a_car_on_three_phases(
    phased: Phased, house: House, budget: str
) -> None:
    """Who goes down has to be able to come back, so that one switch is none."""
    phased.sun_kw = LITTLE_KW
    await phased.async_start("solar_only", {**SWITCHING, budget: 3})
    await phased.async_for(minutes=3)
    await phased.async_for(minutes=12, sun_kw=MUCH_KW)
    assert phased.calls == [1, 3]
    assert house.state("select.garage_phases").attributes["switches_left"] == 1
    await phased.async_for(minutes=12, sun_kw=LITTLE_KW)
    assert phased.calls == [1, 3]
    assert phased.drawn_kw == 0
    assert "All phase switches of this session or day are used." in reason(house)


async def test_person_picks_the_phases(phased: Phased, house: House) -> None:
    await phased.async_start("now")
    await phased.async_for(minutes=1)
    assert phased.drawn_kw == pytest.approx(16 * 0.69)
    await house.async_select("select.garage_phases", "one")
    await phased.async_for(minutes=2)
    assert phased.calls == [1]
    assert phased.drawn_kw == pytest.approx(16 * 0.23)
    assert phased.under_load == 0
    await house.async_select("select.garage_phases", "auto")
    await phased.async_for(minutes=10)
    assert phased.calls == [1, 3]
    assert phased.drawn_kw == pytest.approx(16 * 0.69)


async def test_phases_that_a_person_switches_are_left_alone(
    hass: HomeAssistant, phased: Phased, house: House, hass_admin_user: MockUser
) -> None:
    await phased.async_start("now")
    await phased.async_for(minutes=1)
    await hass.services.async_call(
        "input_select",
        "select_option",
        {"entity_id": PHASES, "option": "one"},
        blocking=True,
        context=Context(user_id=hass_admin_user.id),
    )
    await phased.async_for(minutes=8)
    assert phased.calls == [1]
    assert "switched by hand" in reason(house)
    assert phased.drawn_kw == pytest.approx(16 * 0.23)
