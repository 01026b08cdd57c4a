"""Two OCPP chargers and a plain one under one fuse, and whatever may happen to them."""

from datetime import timedelta
import random

from demo.custom_components.ocpp.hardware import Car
from homeassistant.core import Context
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from tests.house import CHARGERS
from tests.reservations.reserving import add

from .home import HOUSE_W, Home, allowed_kw, charger_data

FUSE_KW = 25 * 3 * 0.23
TOLERANCE_KW = 0.05
# Of a meter a minute, and of what a charger takes to be sent.
GRACE = timedelta(seconds=60)


class Chance:
    """Does to a home what people and houses do."""

    def __init__(self, home: Home, user: MockUser, seed: int) -> None:
        """Begin with a house that is quiet, and no car."""
        self.chance = random.Random(seed)  # noqa: S311 - a test's own
        self.home = home
        self.house_w = HOUSE_W
        self.raised_at = home.bench.now
        self.done: list[str] = []
        self._context = Context(user_id=user.id)
        self._reserved = False

    @property
    def garage_plugged(self) -> bool:
        """Whether a car is in the garage."""
        return self.home.house.state("input_select.garage_status").state != "disconnected"

    @property
    def allowed(self) -> list[float]:
        """What each car may draw, in kW."""
        boxes = self.home.bench.charge_points
        allowed = [allowed_kw(box) for box in boxes if box.hardware.connectors[1].car]
        return allowed + [self.home.house.garage_kw] * self.garage_plugged

    async def async_act(self) -> None:
        """Do anything."""
        acts = (self._plug, self._plug, self._garage, self._mode, self._mode, self._house)
        act = self.chance.choice((*acts, self._reserve, self._operate))
        self.done.append(act.__name__)
        await act()

    async def async_plug_or_select(self) -> None:
        """Plug a car in or out, or select a mode."""
        act = self.chance.choice((self._plug, self._mode))
        self.done.append(act.__name__)
        await act()

    async def async_new_prices(self) -> None:
        """Let prices be published that have nothing to do with those before."""
        self.done.append("prices")
        self.home.house.set_hourly_prices([self.chance.choice((0.1, 0.2, 0.3)) for _ in range(48)])
        await self.home.hass.async_block_till_done()

    async def async_pass(self) -> None:
        """Let ten seconds pass in which the garage's car draws all it may."""
        garage_kw = self.home.house.garage_kw if self.garage_plugged else 0.0
        self.home.house.set_power("sensor.garage_power", garage_kw * 1000)
        self.home.house_w = self.house_w + garage_kw * 1000
        await self.home.async_pass()

    async def _plug(self) -> None:
        box = self.chance.choice(self.home.bench.charge_points)
        if box.hardware.connectors[1].car is None:
            await box.async_plug_in(car=Car())
        else:
            await box.async_unplug()

    async def _garage(self) -> None:
        house = self.home.house
        await (house.async_unplug if self.garage_plugged else house.async_plug_in)("garage")

    async def _mode(self) -> None:
        charger = self.chance.choice(("one", "two", "garage"))
        option = self.chance.choice(("off", "smart", "now"))
        await self.home.house.async_select(f"select.{charger}_mode", option)

    async def _house(self) -> None:
        before_w = self.house_w
        self.house_w = self.chance.choice((500.0, 1000.0, 3000.0, 7000.0, 11000.0))
        if self.house_w > before_w:
            self.raised_at = self.home.bench.now

    async def _reserve(self) -> None:
        if not self._reserved:
            await add(self.home.house, energy=10)
        self._reserved = True

    async def _operate(self) -> None:
        await self.home.hass.services.async_call(
            "input_number",
            "set_value",
            {"entity_id": "input_number.garage_limit", "value": self.chance.choice((6, 9))},
            blocking=True,
            context=self._context,
        )


@pytest.mark.parametrize("seed", [0, 3, 6, 11])
async def test_fuse_holds_whatever_happens(
    home: Home, hass_admin_user: MockUser, seed: int
) -> None:
    """What is allowed fits, but for the time it takes to tell that the house draws more."""
    chance = Chance(home, hass_admin_user, seed)
    home.house.set_hourly_prices([chance.chance.choice((0.1, 0.2, 0.3)) for _ in range(48)])
    chargers = {"one": charger_data("wallbox_1"), "two": charger_data("wallbox_2")}
    await home.async_start("1.6", "2.0.1", chargers=chargers, others=CHARGERS)
    for _ in range(25):
        await chance.async_act()
        for _ in range(chance.chance.choice((1, 2, 12))):
            await chance.async_pass()
            if home.bench.now - chance.raised_at > GRACE:
                load_kw = chance.house_w / 1000 + sum(chance.allowed)
                assert load_kw <= FUSE_KW + TOLERANCE_KW, (chance.done, chance.allowed)


@pytest.mark.parametrize("seed", [1, 2])
async def test_stored_profiles_fit_together_whatever_happens(
    home: Home, hass_admin_user: MockUser, seed: int
) -> None:
    """Home Assistant may die after any of it, and each goes on with what it holds."""
    chance = Chance(home, hass_admin_user, seed)
    chargers = {"one": charger_data("wallbox_1"), "two": charger_data("wallbox_2")}
    await chance.async_new_prices()
    await home.async_start("1.6", "2.0.1", chargers=chargers, others=CHARGERS, data={"fuse_a": 20})
    for turn in range(20):
        await (chance.async_new_prices if turn % 4 == 3 else chance.async_plug_or_select)()
        for _ in range(chance.chance.choice((1, 2, 12))):
            await chance.async_pass()
            boxes = [box for box in home.bench.charge_points if box.hardware.connectors[1].car]
            # What is left in the present quarter is commanded besides.
            moments = [home.bench.now + timedelta(minutes=16 + 15 * n) for n in range(96)]
            moments.append(home.bench.now + timedelta(days=9))
            most_kw = max(sum(allowed_kw(box, moment) for box in boxes) for moment in moments)
            assert most_kw + HOUSE_W / 1000 <= 20 * 0.69 + TOLERANCE_KW, chance.done
