"""What a site's form says of plans: the algorithm, the cost of a start, the limit of exports."""

from collections.abc import Iterator
import itertools
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.forms import in_form
from tests.house import House, charger_of

from custom_components.optivgi import const
from custom_components.optivgi.scheduler import registry

DOCS = Path(const.__file__).parents[2] / "docs" / "features" / "algorithm.md"


@pytest.fixture
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what a test registers."""
    monkeypatch.setattr(registry, "_FACTORIES", dict(registry._FACTORIES))
    return


async def change_site(house: House, wanted: dict[str, Any]) -> None:
    """Change the site in its forms; everything else stays as it is filled in."""
    assert house.entry is not None
    flows = house.hass.config_entries.flow
    context = {"source": SOURCE_RECONFIGURE, "entry_id": house.entry.entry_id}
    form = await flows.async_init(const.DOMAIN, context=context)
    site = {"name": "Home", **house.entry.data, **wanted}
    for _ in range(3):
        if form["type"] is not FlowResultType.FORM:
            break
        assert form["data_schema"] is not None
        known = in_form(form, site)
        fields = {str(key) for key in form["data_schema"].schema}
        entered = {key: value for key, value in known.items() if key in fields}
        form = await flows.async_configure(form["flow_id"], entered)
        assert not form.get("errors"), form["errors"]
    assert form["reason"] == "reconfigure_successful"
    await house.async_settle()


async def test_plans_are_made_by_the_algorithm_that_is_chosen(house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert house.state("sensor.home_algorithm").state == "optimal"
    await change_site(house, {"algorithm": "go"})
    assert house.state("sensor.home_algorithm").state == "go"


@pytest.mark.usefixtures("_as_before")
async def test_another_integration_brings_an_algorithm(hass: HomeAssistant, house: House) -> None:
    """By the lines that the documentation shows."""
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    outside: dict[str, Any] = {}
    exec(example, outside)  # noqa: S102 - our own documentation
    assert await outside["async_setup"](hass, {})
    await change_site(house, {"algorithm": "patient"})
    assert house.state("sensor.home_algorithm").state == "patient"
    assert house.value("sensor.garage_planned_energy") == pytest.approx(20 / 0.9, abs=0.3)


@pytest.mark.usefixtures("_as_before")
async def test_an_algorithm_that_is_not_there_leaves_it_to_the_others(house: House) -> None:
    await house.async_set_up_site(data={"algorithm": "patient"})
    await house.async_plug_in("garage")
    assert house.state("sensor.home_algorithm").state == "optimal"
    assert house.value("sensor.garage_planned_energy") == pytest.approx(20 / 0.9, abs=0.3)
    # It stays chosen, and can be changed.
    await change_site(house, {"export_limit_kw": 5})
    assert house.entry is not None
    assert house.entry.data["algorithm"] == "patient"


def blocks(plan: list[dict[str, Any]]) -> int:
    """Count how often charging begins."""
    on = [False, *(step["limit_kw"] > 0 for step in plan)]
    return sum(now and not before for before, now in itertools.pairwise(on))


async def test_starts_that_cost_more_are_fewer(house: House) -> None:
    house.set_hourly_prices([0.30 if hour % 2 else 0.20 for hour in range(48)])
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert blocks(charger_of(await house.async_schedule(), "Garage")["plan"]) > 1
    await change_site(house, {"start_cost": 5})
    assert blocks(charger_of(await house.async_schedule(), "Garage")["plan"]) == 1


@pytest.mark.parametrize(("currency", "factor"), [("EUR", 1), ("CZK", 25), ("HUF", 400)])
async def test_a_start_counts_the_same_in_a_weak_currency(
    hass: HomeAssistant, house: House, currency: str, factor: float
) -> None:
    """Prices differ by less than a start is worth, in whatever they are written."""
    hass.config.currency = currency
    prices = [0.203 if hour % 2 else 0.200 for hour in range(48)]
    house.set_hourly_prices((price * factor for price in prices), unit=f"{currency}/kWh")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert blocks(charger_of(await house.async_schedule(), "Garage")["plan"]) == 1


async def test_what_may_not_be_exported_is_free(house: House) -> None:
    house.set_power("sensor.roof", 9000)
    house.set_power("sensor.grid_power", -8500)
    prices = {
        "export_factor": 0.3,
        "export_entity": "sensor.electricity_price",
    }
    await house.async_set_up_site(data={"pv_entity": "sensor.roof", **prices})
    await house.async_select("select.garage_mode", "solar_only")
    await house.async_plug_in("garage")
    paid = house.value("sensor.garage_planned_cost")
    assert paid > 0.1
    await change_site(house, {"export_limit_kw": 0})
    assert house.value("sensor.garage_planned_cost") == pytest.approx(0)
