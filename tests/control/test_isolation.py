"""What fails while one thing is looked at stops nothing else."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, override

import pytest
from tests.house import CHARGERS, GRID, VEHICLES, House

SECOND = timedelta(seconds=1)


class Bomb(str):
    """A unit that nobody can read any more, some time after an integration has set it."""

    __slots__ = ()
    goes_off = False

    @override
    def __eq__(self, other: object) -> bool:
        self._read()
        return super().__eq__(other)

    @override
    def __hash__(self) -> int:
        self._read()
        return super().__hash__()

    def _read(self) -> None:
        if Bomb.goes_off:
            raise RuntimeError("nobody can read this")


@pytest.fixture(autouse=True)
def _defused() -> Iterator[None]:
    Bomb.goes_off = False
    yield
    Bomb.goes_off = False


def spoil(house: House, entity_id: str) -> None:
    """Let an entity report something that nobody can read."""
    state = house.state(entity_id)
    attributes: dict[str, Any] = {**state.attributes, "unit_of_measurement": Bomb("kW")}
    house.hass.states.async_set(entity_id, "0.5", attributes)
    Bomb.goes_off = True


@pytest.fixture
async def charging(house: House) -> House:
    """Return a house where a car charges at the carport with all there is."""
    await house.async_set_up_site(*CHARGERS, *VEHICLES)
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    await async_for(house, 60)
    assert house.carport_kw > 10
    return house


async def async_for(house: House, seconds: int) -> None:
    for _ in range(seconds):
        await house.async_advance(SECOND)


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "everything else goes on" in record.msg]


async def test_charger_that_cannot_be_read_leaves_the_others_driven(
    charging: House, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(charging, "sensor.garage_power")
    charging.set_power(GRID, 14_000)
    await async_for(charging, 60)
    assert charging.carport_kw < 6, "the house takes most of what there is"
    assert len(failures(caplog)) == 1, "logged once"
    Bomb.goes_off = False
    charging.set_power("sensor.garage_power", 0)
    charging.set_power(GRID, 500)
    await async_for(charging, 180)
    assert charging.carport_kw > 10


async def test_meter_that_cannot_be_read_counts_as_silent(
    charging: House, caplog: pytest.LogCaptureFixture
) -> None:
    spoil(charging, GRID)
    await async_for(charging, 240)
    assert charging.carport_kw == pytest.approx(4.14, abs=0.2), "the minimum that cars charge at"
    assert len(failures(caplog)) <= 1
