"""A voice assistant that is a language model asks about charging, and changes it."""

from typing import Any

from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.optivgi.const import DOMAIN
from tests.house import House

# The house begins at 20:00 on Friday the 20th.
NIGHT = [0.30] * 26 + [0.10] * 4 + [0.30] * 18
READING = {"get_status", "explain"}
CHANGING = {"set_mode", "set_target", "set_departure", "charge_now", "skip_tonight"}
ASSISTANT = "conversation"


class Model:
    """A language model in a conversation: it knows the tools from its beginning, and calls them."""

    def __init__(self, hass: HomeAssistant, user_id: str | None = None) -> None:
        """Speak for a user."""
        self._hass = hass
        self._context = llm.LLMContext(
            platform="test",
            context=Context(user_id=user_id),
            language="en",
            assistant=ASSISTANT,
            device_id=None,
        )
        self._api: llm.APIInstance | None = None

    async def async_begin(self) -> set[str]:
        """Begin a conversation; return our tools without what their names begin with."""
        self._api = await llm.async_get_api(self._hass, llm.LLM_API_ASSIST, self._context)
        names = {tool.name for tool in self._api.tools if tool.integration == DOMAIN}
        assert all(name.startswith(f"{DOMAIN}__") for name in names)
        return {name.removeprefix(f"{DOMAIN}__") for name in names}

    def names(self, tool: str) -> list[str]:
        """Return which names a tool offers."""
        assert self._api is not None
        (found,) = (one for one in self._api.tools if one.name == f"{DOMAIN}__{tool}")
        schema = found.parameters.schema
        return list(schema["name"].container)

    @property
    def prompt(self) -> str:
        """What it is given to begin with."""
        assert self._api is not None
        return self._api.api_prompt

    async def async_call(self, tool: str, **args: Any) -> dict[str, Any]:
        """Call a tool; return its answer."""
        assert self._api is not None
        result = await self._api.async_call_tool(llm.ToolInput(f"{DOMAIN}__{tool}", args))
        assert not result.error, result.data
        return dict(result.data)


@pytest.fixture
async def waiting(hass: HomeAssistant, house: House) -> House:
    """Return a house where Zoe waits in the garage, and whose garage is exposed."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "llm", {})
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    for entity_id in ("sensor.garage_status", "select.garage_mode"):
        async_expose_entity(hass, ASSISTANT, entity_id, True)
    return house


@pytest.fixture
async def model(hass: HomeAssistant, waiting: House) -> Model:
    """Return a model in a conversation."""
    model = Model(hass)
    assert await model.async_begin() == READING | CHANGING
    return model


async def test_only_what_is_exposed_can_be_named(hass: HomeAssistant, waiting: House) -> None:
    model = Model(hass)
    await model.async_begin()
    assert "OptiVGI" in model.prompt
    # Leaf is at no charger; the carport is not exposed.
    assert model.names("get_status") == ["Garage", "Leaf", "Zoe"]
    async_expose_entity(hass, ASSISTANT, "select.garage_mode", False)
    assert await model.async_begin() == READING
    await waiting.async_plug_in("carport")
    await model.async_begin()
    assert model.names("get_status") == ["Garage", "Zoe"]
    async_expose_entity(hass, ASSISTANT, "sensor.garage_status", False)
    assert await model.async_begin() == set()
    assert "OptiVGI" not in model.prompt


async def test_what_is_no_longer_exposed_is_not_changed(
    hass: HomeAssistant, waiting: House, model: Model
) -> None:
    async_expose_entity(hass, ASSISTANT, "select.garage_mode", False)
    with pytest.raises(AssertionError, match="not_exposed"):
        await model.async_call("set_mode", name="Garage", mode="off")
    assert waiting.state("select.garage_mode").state == "smart"


@pytest.mark.parametrize("name", ["Garage", "Zoe"])
async def test_status_says_when_it_is_full_and_why_it_waits(
    waiting: House, model: Model, name: str
) -> None:
    status = await model.async_call("get_status", name=name)
    finish = dt_util.parse_datetime(status.pop("expected_finish"))
    shown = waiting.state("sensor.garage_expected_finish").state
    assert finish == dt_util.parse_datetime(shown)
    assert status.pop("cost") == pytest.approx(2.22, abs=0.1)
    assert status.pop("needed_kwh") == pytest.approx(20)
    assert status == {
        "name": "Garage",
        "vehicle": "Zoe",
        "mode": "smart",
        "status": "waiting",
        "reason": "Waits for Sat 02:00, when a kWh costs 0.200 EUR less.",
        "departure": "2026-11-21T07:00:00+01:00",
        "shortfall_kwh": 0.0,
        "next_start": "2026-11-21T02:00:00+01:00",
        "soc": 40,
        "target_soc": 80.0,
        "currency": "EUR",
    }


async def test_status_of_a_car_that_is_away(model: Model) -> None:
    assert await model.async_call("get_status", name="Leaf") == {
        "vehicle": "Leaf",
        "status": "at_no_charger",
        "soc": 50.0,
        "target_soc": 90.0,
    }


async def test_why_is_explained_for_a_time(model: Model) -> None:
    now = await model.async_call("explain", name="Zoe")
    assert now["text"].startswith("From 20:00 to Sat 02:00 it does not charge.")
    later = await model.async_call("explain", name="Garage", time="2026-11-21 02:30:00")
    assert later["limit_kw"] > 0


async def test_target_departure_and_mode_are_set(waiting: House, model: Model) -> None:
    await model.async_call("set_target", name="Zoe", target_soc=70)
    await model.async_call("set_target", name="Leaf", target_soc=60)
    assert waiting.value("number.garage_target") == 70
    assert waiting.value("number.leaf_target") == 60
    await model.async_call(
        "set_departure", name="Garage", departure="2026-11-21T05:00:00", target_soc=75
    )
    await model.async_call("set_departure", name="Leaf", departure="2026-11-22T05:00:00")
    await waiting.async_settle()
    state = waiting.state("datetime.garage_next_departure").state
    assert state == "2026-11-21T04:00:00+00:00"
    assert waiting.state("datetime.leaf_next_departure").state == "2026-11-22T04:00:00+00:00"
    assert waiting.value("sensor.garage_planned_energy") == pytest.approx(17.5 / 0.9, abs=0.3)
    await model.async_call("set_mode", name="Zoe", mode="now")
    await waiting.async_settle()
    assert waiting.garage_kw > 0


async def test_amount_is_charged_now_and_a_night_skipped(waiting: House, model: Model) -> None:
    await model.async_call("charge_now", name="Zoe", energy=5)
    await waiting.async_settle()
    assert waiting.garage_kw > 0
    await model.async_call("skip_tonight", name="Garage")
    await waiting.async_settle()
    assert waiting.garage_kw == 0
    status = await model.async_call("get_status", name="Zoe")
    assert status["reason"] == "Skipped until Sat 07:00."


async def test_what_cannot_be_is_refused(waiting: House, model: Model) -> None:
    for tool, args in (
        ("set_mode", {"name": "Garage", "mode": "fast"}),
        ("set_target", {"name": "Garage", "target_soc": 120}),
        ("get_status", {"name": "Carport"}),
    ):
        with pytest.raises(probatio.Invalid):
            await model.async_call(tool, **args)
    with pytest.raises(HomeAssistantError, match="not plugged in"):
        await model.async_call("set_mode", name="Leaf", mode="off")
    with pytest.raises(HomeAssistantError, match="in the past"):
        await model.async_call("set_departure", name="Zoe", departure="2026-11-19T05:00:00")
    assert waiting.state("select.garage_mode").state == "smart"


async def test_who_may_only_look_changes_nothing(
    hass: HomeAssistant, waiting: House, hass_read_only_user: MockUser
) -> None:
    model = Model(hass, hass_read_only_user.id)
    await model.async_begin()
    assert (await model.async_call("get_status", name="Zoe"))["soc"] == 40
    for tool, args in (
        ("set_mode", {"mode": "off"}),
        ("set_target", {"target_soc": 50}),
        ("set_departure", {"departure": "2026-11-21T05:00:00"}),
        ("skip_tonight", {}),
    ):
        with pytest.raises(Unauthorized):
            await model.async_call(tool, name="Zoe", **args)
    assert waiting.state("select.garage_mode").state == "smart"
