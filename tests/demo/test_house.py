"""The demo's house lives, and its market publishes prices as a real one does."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from demo.custom_components.demo_house.house import House
from demo.custom_components.demo_house.load import house_load_w, solar_w
from demo.custom_components.demo_house.prices import day_prices, known_prices
import pytest

HERE = ZoneInfo("Europe/Amsterdam")
MORNING = datetime(2026, 11, 21, 8, tzinfo=HERE)


@pytest.mark.parametrize(
    ("day", "quarters"),
    [
        (date(2026, 11, 21), 96),
        (date(2026, 3, 29), 92),
        (date(2026, 10, 25), 100),
    ],
)
def test_day_has_a_price_for_each_quarter(day: date, quarters: int) -> None:
    prices = day_prices(day, HERE)
    assert len(prices) == quarters
    assert all(one.end.timestamp() == two.start.timestamp() for one, two in pairwise(prices))
    assert prices == day_prices(day, HERE)


def test_night_is_cheap_and_evening_expensive() -> None:
    for number in range(30):
        prices = day_prices(MORNING.date() + timedelta(days=number), HERE)
        night = sum(price.value for price in prices[8:20]) / 12
        evening = sum(price.value for price in prices[70:82]) / 12
        assert night < evening


def test_tomorrow_is_published_at_one() -> None:
    assert known_prices(MORNING.replace(hour=12, minute=59))[1] == []
    today, tomorrow = known_prices(MORNING.replace(hour=13))
    assert len(tomorrow) == 96
    assert tomorrow[0].start == today[-1].end


def test_house_load_lives_within_reason() -> None:
    loads = [sum(house_load_w(MORNING + timedelta(minutes=minute))) for minute in range(1440)]
    assert 100 < min(loads) < 500
    assert 1500 < max(loads) < 9000
    assert len(set(loads)) > 1000


def test_sun_shines_by_day_and_more_in_summer() -> None:
    assert solar_w(MORNING.replace(hour=1)) == 0
    winter = sum(solar_w(MORNING.replace(hour=hour)) for hour in range(24))
    summer = sum(solar_w(MORNING.replace(month=6, hour=hour)) for hour in range(24))
    assert 0 < winter < summer


def test_car_hangs_on_one_charger_only_and_shows_on_the_meter() -> None:
    house = House(MORNING)
    house.plug_in(house.garage, "Estate")
    house.garage.enabled = True
    house.advance(MORNING + timedelta(minutes=1))
    assert house.garage.power_w == pytest.approx(11_040)
    beside_w = sum(house.house_w) + 11_040 - house.solar_w
    assert house.battery.power_w == -5000
    assert sum(house.grid_w) == pytest.approx(beside_w - 5000)
    house.plug_in(house.carport, "Estate")
    assert house.garage.car is None
    assert house.carport.car is house.cars[0]


def test_battery_covers_the_house_and_is_held_by_its_limit() -> None:
    house = House(MORNING.replace(hour=1))
    stored = house.battery.soc
    for minute in range(60):
        house.advance(MORNING.replace(hour=1) + timedelta(minutes=minute))
    assert sum(house.grid_w) == pytest.approx(0, abs=1)
    assert house.battery.soc < stored
    house.battery.max_discharge_w = 0
    house.advance(MORNING.replace(hour=2))
    assert sum(house.grid_w) == pytest.approx(sum(house.house_w))
