"""A car that will not be ready becomes an issue, and a person says what is to be done about it."""

from datetime import timedelta
from typing import Any

from homeassistant.components.repairs.const import DOMAIN as REPAIRS_DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from tests.house import ENGLISH, House

from custom_components.optivgi.const import DOMAIN

ISSUE = "will_not_be_ready_garage"


@pytest.fixture
async def short(house: House) -> House:
    """A car that needs 20 kWh within two hours where 4 kW are left."""
    await house.async_set_up_site(data={"limit_kw": 5.2, "fuse_a": None})
    target = {"entity_id": "time.garage_departure", "time": "22:00:00"}
    await house.hass.services.async_call("time", "set_value", target, blocking=True)
    await house.async_plug_in("garage")
    return house


def issue(house: House) -> ir.IssueEntry | None:
    return ir.async_get(house.hass).async_get_issue(DOMAIN, ISSUE)


async def choose(house: House, choice: str) -> dict[str, str]:
    """Say what is to be done, and return what was asked."""
    hass = house.hass
    assert await async_setup_component(hass, REPAIRS_DOMAIN, {})
    flows = hass.data[REPAIRS_DOMAIN]["flow_manager"]
    result: dict[str, Any] = await flows.async_init(DOMAIN, context={"issue_id": ISSUE})
    texts = ENGLISH["issues"]["will_not_be_ready"]["fix_flow"]["step"]["init"]
    assert set(result["menu_options"]) == texts["menu_options"].keys()
    placeholders: dict[str, str] = result["description_placeholders"]
    result = await flows.async_configure(result["flow_id"], {"next_step_id": choice})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    return placeholders


async def test_a_shortage_is_asked_about_at_once_and_withdrawn(short: House) -> None:
    found = issue(short)
    assert found is not None
    assert found.translation_placeholders is not None
    assert found.translation_placeholders["car"] == "Zoe"
    assert found.translation_placeholders["departure"] == "22:00"
    assert 10 < float(found.translation_placeholders["missing"]) < 20
    await short.async_unplug("garage")
    await short.async_advance(timedelta(minutes=5))
    assert issue(short) is None


async def test_it_may_leave_later(short: House) -> None:
    """The connection leaves 6 A, of which 90 % come into the battery."""
    asked = await choose(short, "later")
    departure = dt_util.parse_datetime(short.state("datetime.garage_next_departure").state)
    assert departure is not None
    assert f"{dt_util.as_local(departure):%H:%M}" in asked["later"]
    hours = (departure - dt_util.utcnow()) / timedelta(hours=1)
    assert hours == pytest.approx(20 / 0.9 / 4.14, abs=0.6)


async def test_it_may_go_before_the_others(short: House) -> None:
    await choose(short, "before_others")
    assert short.state("select.garage_mode").state == "now"
    assert issue(short) is None


async def test_what_it_gets_may_do(short: House) -> None:
    """Nobody asks again while the car is there."""
    await choose(short, "accept")
    assert short.state("select.garage_mode").state == "smart"
    await short.async_advance(timedelta(minutes=10))
    assert issue(short) is None


async def test_a_car_that_will_be_ready_raises_nothing(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert issue(house) is None
