"""What is planned as an attribute for charts: the same as the plan, and never recorded."""

from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
from tests.house import House, charger_of, planned_kw_at

from custom_components.optivgi.sensor import ChargerSensor, SiteSensor


def value_at(points: list[dict[str, object]], moment: datetime) -> float:
    """Return what a chart of steps shows at a moment."""
    before = [p for p in points if datetime.fromisoformat(str(p["time"])) <= moment]
    return float(str(before[-1]["value"])) if before else 0.0


async def test_forecast_is_the_plan_in_a_few_points(hass: HomeAssistant, house: House) -> None:
    house.set_hourly_prices([0.40] * 22 + [0.10] * 26)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    garage = charger_of(await house.async_schedule(), "Garage")
    points = house.state("sensor.garage_planned_limit").attributes["forecast"]
    of_site = house.state("sensor.home_planned_power").attributes["forecast"]
    assert 2 < len(points) < 12
    for step in garage["plan"]:
        moment = datetime.fromisoformat(step["start"]) + timedelta(minutes=1)
        planned = round(planned_kw_at(garage, moment), 2)
        assert round(value_at(points, moment), 2) == planned
        # It is the only car.
        assert round(value_at(of_site, moment), 2) == planned
    assert points[-1]["value"] == 0
    assert house.state("sensor.carport_planned_limit").attributes["forecast"] == []


def test_forecast_is_not_recorded() -> None:
    for sensor in (ChargerSensor, SiteSensor):
        assert "forecast" in sensor._unrecorded_attributes
