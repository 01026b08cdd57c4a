"""A meter is a witness: what it cannot have seen does not count, and a wrong one is found out."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from tests.house import CHARGERS, GRID, House
from tests.plant import FUSE_KW, MIN_KW, Box, Plant, charging, wattbox

SECONDS = timedelta(seconds=1)
L1, L2, L3 = PHASE_SENSORS = ("sensor.l1", "sensor.l2", "sensor.l3")
PER_PHASE = {"l1_entity": L1, "l2_entity": L2, "l3_entity": L3}
OVERFLOWS = [65_535, 4_294_967, 2_147_483_647, -65_535]
"""What registers of 16 and 32 bits show where they have nothing to show."""


async def reporting(house: House, reports: int, watts: float = 500) -> None:
    """Let the meter report every ten seconds, each time something else."""
    for report in range(reports):
        house.set_power(GRID, watts + report % 7)
        await house.async_advance(10 * SECONDS)


async def charge_now(house: House, charger: str) -> None:
    """Plug a car in that is to charge as fast as it can."""
    await house.async_plug_in(charger)
    await house.async_select(f"select.{charger}_mode", "now")


def reason(house: House, charger: str) -> str:
    """Return why a charger does what it does."""
    return str(house.state(f"sensor.{charger}_status").attributes["reason"])


@pytest.mark.parametrize("watts", OVERFLOWS)
async def test_an_impossible_value_among_good_ones_changes_nothing(
    house: House, watts: float
) -> None:
    plant = await charging(house, Box("a"))
    assert plant["a"].standing_kw == pytest.approx(11.04)
    before = len(plant.writes)
    for _ in range(4):
        house.set_power(GRID, watts)
        await house.hass.async_block_till_done()
        await plant.async_step(40)
    assert plant["a"].standing_kw == pytest.approx(11.04)
    assert len(plant.writes) == before


@pytest.mark.parametrize("watts", OVERFLOWS)
async def test_an_impossible_value_is_remembered_nowhere(house: House, watts: float) -> None:
    """A car that is plugged in right after it charges at once, and is planned without it."""
    await house.async_set_up_site()
    await reporting(house, 12)
    house.set_power(GRID, watts)
    await house.hass.async_block_till_done()
    await charge_now(house, "garage")
    assert house.garage_kw == pytest.approx(11.04)
    schedule = await house.async_schedule()
    assert schedule["site"]["base_load_kw"] == pytest.approx(0.5, abs=0.05)


async def test_a_meter_that_goes_on_with_impossible_values_is_silent(house: House) -> None:
    """Its last possible value is believed for half a minute."""
    await house.async_set_up_site()
    await reporting(house, 12)
    await charge_now(house, "garage")
    await reporting(house, 2, 65_535)
    assert house.garage_kw == pytest.approx(11.04)
    await reporting(house, 2, 65_535)
    assert house.garage_kw == pytest.approx(4.14)
    assert reason(house, "garage") == (
        f"{GRID} shows more than the connection can carry: safe limit."
    )
    await reporting(house, 12)
    assert house.garage_kw == pytest.approx(11.04)


@pytest.mark.parametrize("state", ["unavailable", "unknown", "nan", ""])
async def test_a_meter_that_is_gone_for_seconds_changes_nothing(house: House, state: str) -> None:
    plant = await charging(house, Box("a"))
    before = len(plant.writes)
    for _ in range(6):
        house.hass.states.async_set(GRID, state)
        await house.hass.async_block_till_done()
        await plant.async_step(30)
    assert plant["a"].standing_kw == pytest.approx(11.04)
    assert len(plant.writes) == before


async def test_an_impossible_value_of_one_phase_does_not_count(
    hass: HomeAssistant, house: House
) -> None:
    for entity_id in PHASE_SENSORS:
        house.set_power(entity_id, 200)
    await house.async_set_up_site(CHARGERS[0], data={**PER_PHASE, "power_entity": None})
    await charge_now(house, "garage")
    assert house.garage_kw == pytest.approx(11.04)
    house.set_power(L2, 65_535)
    await house.async_advance(20 * SECONDS)
    assert house.garage_kw == pytest.approx(11.04)
    await house.async_advance(20 * SECONDS)
    assert house.garage_kw == pytest.approx(4.14)
    assert L2 in reason(house, "garage")


async def test_a_load_that_a_fuse_bears_for_a_moment_counts_at_once(house: House) -> None:
    """Twice what the connection carries is no impossible value, but one to act on."""
    await house.async_set_up_site()
    await reporting(house, 12)
    await charge_now(house, "garage")
    house.set_power(GRID, 34_000)
    await house.hass.async_block_till_done()
    assert house.garage_kw == 0


async def async_overloaded(plant: Plant, steps: int) -> float:
    """Let time pass; return for how many seconds more flowed than the connection carries."""
    over_s = 0.0
    for _ in range(steps):
        await plant.async_step()
        over_s += plant.step_s * (plant.loads[-1][1] > FUSE_KW + 0.01)
    return over_s


@pytest.mark.parametrize("factor", [-1, 0])
@pytest.mark.parametrize("at", ["2026-11-20 19:00:00+00:00", "2026-06-20 10:00:00+00:00"])
async def test_a_wrong_meter_makes_no_lasting_overload(
    house: House, freezer: FrozenDateTimeFactory, factor: float, at: str
) -> None:
    """By day a reversed one shows what the house draws as a surplus of the sun."""
    freezer.move_to(at)
    house.set_hourly_prices([0.3] * 48)
    plant = await charging(
        house, Box("a"), wattbox("b"), modes=False, meter_factor=factor, house_kw=4.0
    )
    await plant.async_step(30)
    plant.house_kw = 1.0
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    assert await async_overloaded(plant, 360) <= 120
    assert [box.standing_kw for box in plant.boxes] == pytest.approx([MIN_KW] * 2, abs=0.01)


async def test_a_meter_that_sees_one_phase_only_is_not_believed_again_and_again(
    house: House,
) -> None:
    """At its min a car draws so little that even that meter shows more."""
    plant = await charging(house, Box("a"), modes=False, meter_factor=1 / 3, house_kw=9.0)
    await plant.async_mode("a", "now")
    await plant.async_step(30)
    since = dt_util.utcnow()
    await plant.async_step(360)
    assert plant.writes_per_hour(since)["a"] <= 12
    plant.meter_factor = 1
    await plant.async_step(400)
    assert plant["a"].standing_kw > MIN_KW + 1


# Silence


async def silent_after(house: House, every_s: int, *, reports: int = 14) -> int:
    """Let the meter report by a clock, then no more; return how long a car kept its current."""
    await house.async_set_up_site()
    await charge_now(house, "garage")
    for report in range(reports):
        house.set_power(GRID, 500 + report % 7)
        for _ in range(max(1, every_s // 10)):
            await house.async_advance(min(10, every_s) * SECONDS)
    # The last interval is part of the silence.
    silence_s = every_s
    while house.garage_kw > 4.2:
        assert silence_s < 3600
        await house.async_advance(5 * SECONDS)
        silence_s += 5
    return silence_s


@pytest.mark.parametrize(
    ("every_s", "within"), [(2, (30, 45)), (10, (30, 45)), (20, (60, 75)), (60, (180, 195))]
)
async def test_a_meter_is_silent_after_three_of_its_intervals(
    house: House, every_s: int, within: tuple[int, int]
) -> None:
    shortest, longest = within
    assert shortest <= await silent_after(house, every_s) <= longest


async def test_loss_and_return_of_the_meter_are_logged_once_each(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await house.async_set_up_site()
    await charge_now(house, "garage")
    await reporting(house, 14)

    def logged(word: str) -> list[str]:
        return [
            record.levelname
            for record in caplog.records
            if record.name == "custom_components.optivgi" and word in record.message
        ]

    for _ in range(2):
        caplog.clear()
        await reporting(house, 12, 65_535)
        assert logged(f"Home: {GRID} of no use") == ["WARNING"]
        assert logged("the meter is back") == []
        await reporting(house, 12)
        assert logged(f"Home: {GRID} of no use") == ["WARNING"]
        assert logged("the meter is back") == ["INFO"]


async def test_a_computer_that_slept_does_not_make_the_meter_silent(house: House) -> None:
    await house.async_set_up_site()
    await charge_now(house, "garage")
    await reporting(house, 14)
    await house.async_advance(timedelta(minutes=10))
    assert house.garage_kw == pytest.approx(11.04)
    await house.async_advance(30 * SECONDS)
    assert house.garage_kw == pytest.approx(4.14)


async def test_a_meter_is_believed_again_when_it_reports_at_its_pace(house: House) -> None:
    await silent_after(house, 10)
    house.set_power(GRID, 600)
    await house.async_advance(10 * SECONDS)
    assert house.garage_kw == pytest.approx(4.14)
    house.set_power(GRID, 601)
    await house.async_advance(10 * SECONDS)
    assert house.garage_kw == pytest.approx(4.14), "what was commanded may not show yet"
    house.set_power(GRID, 602)
    await house.async_advance(10 * SECONDS)
    assert house.garage_kw == pytest.approx(11.04)


async def test_a_meter_that_reports_every_five_minutes_is_never_believed_for_a_while(
    house: House,
) -> None:
    """Believed after each report, and not before the next one, each car would go up and down."""
    plant = await charging(house, Box("a"), modes=False, step_s=30, meter_every_s=300)
    await plant.async_step(130)
    await plant.async_mode("a", "now")
    await plant.async_step(20)
    assert plant["a"].standing_kw == pytest.approx(MIN_KW)
    since = dt_util.utcnow()
    await plant.async_step(120)
    assert plant.writes_per_hour(since)["a"] == 0


@pytest.mark.parametrize("every_s", [10, 60])
async def test_a_slow_meter_leaves_free_what_the_house_usually_takes_at_once(
    house: House, every_s: int
) -> None:
    """A load that comes every five minutes is seen a minute late; there has to be room for it."""
    plant = await charging(house, Box("a"), wattbox("b"), modes=False, meter_every_s=every_s)

    async def live(rounds: int) -> None:
        """Use a kettle again and again, not in step with the meter."""
        for _ in range(rounds):
            plant.house_kw = 2.3
            await plant.async_step(13)
            plant.house_kw = 0.5
            await plant.async_step(20)

    await live(8)
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    await live(2)
    plant.over_kwh = 0.0
    await live(6)
    assert plant.over_kwh < 0.01
    margin_kw = 1.8 if every_s == 60 else 0.7
    assert sum(box.standing_kw for box in plant.boxes) > FUSE_KW - 2.3 - margin_kw - 0.7


async def test_a_slow_meter_of_a_calm_house_costs_nothing(house: House) -> None:
    plant = await charging(house, Box("a"), wattbox("b"), modes=False, meter_every_s=60)
    await plant.async_step(80)
    for box in plant.boxes:
        await plant.async_mode(box.name, "now")
    await plant.async_step(30)
    assert sum(box.standing_kw for box in plant.boxes) > FUSE_KW - 0.5 - 0.1


async def irregular(house: House, rounds: int) -> None:
    """Let the meter report changes only, of which there are now many and now none."""
    for report in range(rounds):
        house.set_power(GRID, 500 + report % 7)
        await house.async_advance((5, 5, 40)[report % 3] * SECONDS)


@pytest.mark.parametrize("answers", [True, False])
async def test_a_meter_that_reports_only_changes_is_asked_before_it_is_silent(
    hass: HomeAssistant, house: House, answers: bool
) -> None:
    asked = []

    async def update(call: ServiceCall) -> None:
        asked.append(call.data["entity_id"])
        if answers:
            house.set_power(GRID, 503)

    hass.services.async_register("homeassistant", "update_entity", update)
    await house.async_set_up_site()
    await irregular(house, 18)
    assert not asked
    await charge_now(house, "garage")
    for _ in range(60):
        await house.async_advance(10 * SECONDS)
    assert asked
    assert set(map(tuple, asked)) == {(GRID,)}
    # One that is dead is asked less and less.
    assert len(asked) <= (60 if answers else 8)
    assert house.garage_kw == pytest.approx(11.04 if answers else 4.14)
    # It goes on answering, but a house that charges a car is not the same for so long.
    for _ in range(150):
        await house.async_advance(10 * SECONDS)
    assert house.garage_kw == pytest.approx(4.14)


async def test_a_meter_that_reports_by_a_clock_is_not_asked(
    hass: HomeAssistant, house: House
) -> None:
    """One that is sent its values answers with the last one, dead or alive."""
    asked = async_mock_service(hass, "homeassistant", "update_entity")
    await silent_after(house, 10)
    assert not asked
