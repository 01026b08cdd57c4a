"""A charger that says that the car takes no more is believed where the car could have drawn."""

from datetime import timedelta

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from tests.house import CHARGERS, GRID, House, subentry

MINUTE = timedelta(minutes=1)
FAST_KW = 11.04
GARAGE = subentry(
    "garage",
    "charger",
    "Garage",
    {
        **CHARGERS[0]["data"],
        "status_entity": "sensor.garage_says",
    },
)


class Garage:
    """A guest's car at a charger that says something."""

    def __init__(self, house: House) -> None:
        """Set nothing up yet."""
        self._house = house
        self.house_w = 500.0
        self.word = "disconnected"
        self.wants = True
        self.done_word = "completed"

    async def async_pass(self, minutes: float = 1) -> None:
        """Let time pass in which the car draws what it may, and all report."""
        for _ in range(int(minutes * 6)):
            kw = self._house.garage_kw if self.wants and self.word != "disconnected" else 0.0
            if kw:
                self.word = "charging"
            elif self.word == "charging":
                self.word = self.done_word
            self._house.hass.states.async_set("sensor.garage_says", self.word)
            self._house.set_power("sensor.garage_power", kw * 1000)
            self._house.set_power(GRID, self.house_w + kw * 1000)
            await self._house.async_advance(timedelta(seconds=10))

    async def async_plug_in(self) -> None:
        """Plug the car in, and let it charge."""
        self.word = "connected"
        await self.async_pass(5)
        assert self.kw == pytest.approx(FAST_KW)

    @property
    def kw(self) -> float:
        """What the car may draw."""
        return self._house.garage_kw

    @property
    def status(self) -> str:
        """What we say of it."""
        return self._house.state("sensor.garage_status").state


@pytest.fixture
async def garage(house: House) -> Garage:
    """Return a garage with a site; no car is there yet."""
    house.hass.states.async_set("sensor.garage_says", "disconnected")
    await house.async_set_up_site(GARAGE)
    await house.async_select("select.garage_vehicle", "guest")
    return Garage(house)


@pytest.mark.parametrize("mode", ["smart", "now"])
@pytest.mark.parametrize(
    "word",
    ["completed", "Finishing", "SuspendedEV", "finished", "Charging finished", "charger_end"],
)
async def test_car_that_we_stopped_is_charged_on(
    house: House, garage: Garage, word: str, mode: str
) -> None:
    """The house needed all there is for a while, and the charger calls that an end."""
    garage.done_word = word
    await house.async_select("select.garage_mode", mode)
    await garage.async_plug_in()
    garage.house_w = 15_000
    await garage.async_pass(3)
    assert garage.kw == 0
    assert garage.status == "waiting"
    garage.house_w = 500
    await garage.async_pass(8)
    assert garage.kw > 4
    assert garage.status == "charging"


async def test_car_that_stopped_by_itself_is_finished(house: House, garage: Garage) -> None:
    await house.async_select("select.garage_mode", "now")
    await garage.async_plug_in()
    garage.wants = False
    await garage.async_pass(1)
    assert garage.status == "finished"
    reason = house.state("sensor.garage_status").attributes["reason"]
    assert reason == "The car accepts no more energy."
    assert garage.kw == 0
    # Also after a restart, and when it is stopped for that.
    await house.hass.config_entries.async_reload("site")
    starts = async_capture_events(house.hass, "call_service")
    await garage.async_pass(30)
    assert garage.status == "finished"
    assert [e for e in starts if e.data["service"] == "turn_on"] == []
    # Somebody asks for more.
    garage.wants = True
    await house.async_select("select.garage_mode", "smart")
    await garage.async_pass(1)
    assert garage.status == "charging"


async def test_car_that_takes_no_more_after_a_pause_is_found_out(
    house: House, garage: Garage
) -> None:
    """It is given the time to wake up, once."""
    await house.async_select("select.garage_mode", "now")
    await garage.async_plug_in()
    garage.house_w = 15_000
    await garage.async_pass(3)
    garage.wants = False
    garage.house_w = 500
    await garage.async_pass(7)
    assert garage.kw == pytest.approx(FAST_KW)
    await garage.async_pass(6)
    assert garage.status == "finished"
    starts = async_capture_events(house.hass, "call_service")
    await garage.async_pass(30)
    assert [e for e in starts if e.data["service"] == "turn_on"] == []
    # The next car is another matter.
    garage.word = "disconnected"
    await garage.async_pass(1)
    garage.wants = True
    await garage.async_plug_in()
    assert garage.status == "charging"
