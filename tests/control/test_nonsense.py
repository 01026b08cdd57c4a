"""Whatever other integrations report, nothing fails while it is looked at."""

from datetime import timedelta
import random
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from tests.house import BATTERY_DATA, CHARGERS, GRID, PRICE, VEHICLES, House, subentry

STATES: Final = (
    "unknown",
    "unavailable",
    "",
    "-",
    "on",
    "charging",
    "0",
    "-0.0",
    "1e400",
    "nan",
    "-inf",
    "65535",
    "4300000000",
    "0,5",
    "12 kW",
    "1e-300",
    "None",
)
UNITS: Final[tuple[Any, ...]] = (None, "", "W", "kW", "A", "mA", "%", "EUR/kWh", 5, ["W"], {"a": 1})
NUMBERS: Final[tuple[Any, ...]] = (None, "", 0, -1, "6", float("nan"), float("inf"), [6], {})
OPTIONS: Final[tuple[Any, ...]] = (None, "", [], ["a"], "smart", [1, None], {"a": 1}, 7)


def nonsense(chance: random.Random) -> dict[str, Any]:
    """Return attributes as no integration should report them."""
    wild: dict[str, Any] = {}
    for name, values in (
        ("unit_of_measurement", UNITS),
        ("min", NUMBERS),
        ("max", NUMBERS),
        ("step", NUMBERS),
        ("options", OPTIONS),
        ("device_class", UNITS),
        ("assumed_state", NUMBERS),
        ("raw_today", OPTIONS),
    ):
        if chance.random() < 0.4:
            wild[name] = chance.choice(values)
    return wild


@pytest.mark.parametrize("seed", range(8))
async def test_nothing_fails_whatever_is_reported(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    house.set_battery(0, 50)
    store = subentry("store", "battery", "Store", BATTERY_DATA)
    await house.async_set_up_site(*CHARGERS, *VEHICLES, store)
    await house.async_plug_in("garage")
    await house.async_plug_in("carport")
    await house.async_select("select.carport_mode", "now")
    bound = [
        GRID,
        PRICE,
        *(
            value
            for part in (*CHARGERS, *VEHICLES, store)
            for key, value in part["data"].items()
            if key.endswith("_entity")
        ),
    ]
    before = {entity_id: hass.states.get(entity_id) for entity_id in bound}
    for _ in range(150):
        entity_id = chance.choice(bound)
        state = before[entity_id]
        if state is None or chance.random() < 0.6:
            hass.states.async_set(entity_id, chance.choice(STATES), nonsense(chance))
        else:
            hass.states.async_set(entity_id, state.state, state.attributes)
        await house.async_advance(timedelta(seconds=chance.choice((1, 5, 20))))
    failed = [record for record in caplog.records if record.exc_info]
    assert not [f"{record.message}: {record.exc_text}" for record in failed]
    for entity_id, state in before.items():
        if state is not None:
            hass.states.async_set(entity_id, state.state, state.attributes)
    house.set_power(GRID, 500)
    for _ in range(8):
        house.set_power(GRID, 500)
        await house.async_advance(timedelta(seconds=10))
    assert house.carport_kw > 0, "the mode is Now"
