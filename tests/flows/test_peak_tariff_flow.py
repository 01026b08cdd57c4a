"""The flow of a peak tariff: what is entered, refused, planned and shown of it."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from tests.flows.charger_forms import as_found
from tests.flows.forms import in_form
from tests.house import CHARGERS, ENGLISH, VEHICLES, House, charger_of, named_in, subentry

from custom_components.optivgi.bindings.peak_tariffs.presets import ROWS, preset_names

BELGIAN = subentry("peak", "peak_tariff", "BE", {"preset": "be_antwerpen"})
OWN: dict[str, Any] = {
    "name": "Mine",
    "price": 4.5,
    "per": "month",
    "interval": "15",
    "top": 1,
    "distinct_days": True,
}


async def submit(
    hass: HomeAssistant, step: str, entered: dict[str, Any], changed: str | None = None
) -> SubentryFlowResult:
    """Open the form of a new tariff, or of one that is changed, and submit it."""
    flow = hass.config_entries.subentries
    if changed is None:
        menu = await flow.async_init(("site", "peak_tariff"), context={"source": SOURCE_USER})
        assert menu["type"] is FlowResultType.MENU
        form = await flow.async_configure(menu["flow_id"], {"next_step_id": step})
    else:
        context: Any = {"source": "reconfigure", "subentry_id": changed}
        form = await flow.async_init(("site", "peak_tariff"), context=context)
    assert form["step_id"] == step
    return await flow.async_configure(form["flow_id"], in_form(form, entered))


async def test_known_tariff_is_picked_planned_and_shown(hass: HomeAssistant, house: House) -> None:
    """With a price of peaks the car charges as slowly as it can, and a peak is what it costs."""
    entry = await house.async_set_up_site(*CHARGERS, *VEHICLES)
    await house.async_plug_in("garage")
    highest = max(
        step["limit_kw"] for step in charger_of(await house.async_schedule(), "Garage")["plan"]
    )
    assert highest > 10
    result = await submit(hass, "preset", {"preset": "be_antwerpen"})
    assert (result["type"], result["title"]) == (
        FlowResultType.CREATE_ENTRY,
        "BE · Fluvius Antwerpen",
    )
    await house.async_settle()
    (tariff,) = entry.get_subentries_of_type("peak_tariff")
    assert tariff.data == {"preset": "be_antwerpen"}
    plan = charger_of(await house.async_schedule(), "Garage")["plan"]
    assert max(step["limit_kw"] for step in plan) == pytest.approx(4.14)
    sensor = house.state(house.entity_id("sensor", tariff.subentry_id, "peak_this_month"))
    assert sensor.attributes["another_kw_costs"] == pytest.approx(52.37 / 12, abs=0.01)
    assert sensor.attributes["free_up_to_kw"] == 2.5
    assert sensor.attributes["billed_kw"] == 2.5


async def test_known_tariffs_of_the_home_s_country_come_first(
    hass: HomeAssistant, house: House
) -> None:
    hass.config.country = "NO"
    await house.async_set_up_site(*CHARGERS)
    flow = hass.config_entries.subentries
    menu = await flow.async_init(("site", "peak_tariff"), context={"source": SOURCE_USER})
    form = await flow.async_configure(menu["flow_id"], {"next_step_id": "preset"})
    options = form["data_schema"].schema["preset"].config["options"]
    is_norwegian = [option["label"].startswith("NO ") for option in options]
    assert is_norwegian == sorted(is_norwegian, reverse=True)
    assert len(options) == len({row.id for row in ROWS})


async def test_own_tariff_is_kept_and_shown_again(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    rows = [{"from": "07:00:00", "until": "21:00:00", "weekdays": ["mon", "tue"], "weight": 0.5}]
    steps = [{"from_kw": 0, "price": 10}, {"from_kw": 5, "price": 30}]
    full = {**OWN, "windows": rows, "price_steps": steps, "free_kw": 1, "floor_kw": 2, "vat": 25}
    full |= {"rolling_months": 12}
    result = await submit(hass, "own", full)
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Mine")
    await house.async_settle()
    (tariff,) = entry.get_subentries_of_type("peak_tariff")
    kept = {key: value for key, value in full.items() if key != "name"}
    assert tariff.data == kept
    again = await hass.config_entries.subentries.async_init(
        ("site", "peak_tariff"),
        context={"source": "reconfigure", "subentry_id": tariff.subentry_id},
    )
    assert as_found(again["data_schema"]) == in_form(again, full)


@pytest.mark.parametrize(
    ("step", "entered", "field", "error"),
    [
        ("preset", {"preset": "no_elvia"}, "preset", "preset_currency"),
        ("preset", {"preset": "fi_above_8_kw"}, "price", "price_missing"),
        ("preset", {"preset": "be_antwerpen"}, "preset", "name_in_use"),
        ("own", {"name": " "}, "name", "name_missing"),
        ("own", {"name": "x" * 101}, "name", "name_too_long"),
        ("own", {"name": "be · fluvius antwerpen"}, "name", "name_in_use"),
        ("own", {"price": None}, "price", "price_missing"),
        ("own", {"top": 1.5}, "top", "top_not_whole"),
        (
            "own",
            {"price_steps": [{"from_kw": 0, "price": 9}, {"from_kw": 5, "price": 3}]},
            "billing",
            "steps_not_rising",
        ),
        (
            "own",
            {"windows": [{"from": "07:00:00", "until": "9:00:00", "price": 3, "weight": 0}]},
            "times",
            "window_without_weight",
        ),
        (
            "own",
            {"windows": [{"from": "07:00:00", "until": "9:00:00", "weekdays": ["holiday"]}]},
            "times",
            "holidays_missing",
        ),
        ("own", {"holiday_entity": "calendar.none"}, "times", "holidays_unreadable"),
        ("own", {"peak_entity": "sensor.none"}, "billing", "entity_missing"),
        ("own", {"peak_entity": "sensor.zoe_battery"}, "billing", "power_unit_unknown"),
        (
            "own",
            {"peak_entity": "sensor.garage_power", "top": 3},
            "billing",
            "peak_entity_of_several",
        ),
    ],
)
async def test_what_cannot_be_is_refused(
    hass: HomeAssistant,
    house: House,
    *,
    step: str,
    entered: dict[str, Any],
    field: str,
    error: str,
) -> None:
    taken = subentry("peak", "peak_tariff", "BE · Fluvius Antwerpen", {"preset": "be_antwerpen"})
    await house.async_set_up_site(*CHARGERS, taken)
    merged = {**(OWN if step == "own" else {}), **entered}
    result = await submit(hass, step, {key: v for key, v in merged.items() if v is not None})
    assert result["errors"] == {field: error}
    text = ENGLISH["config_subentries"]["peak_tariff"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


async def test_price_of_steps_is_not_overwritten(hass: HomeAssistant, house: House) -> None:
    await house.async_set_up_site(*CHARGERS)
    hass.config.currency = "NOK"
    result = await submit(hass, "preset", {"preset": "no_elvia", "price": 3})
    assert result["errors"] == {"price": "price_of_steps"}


async def test_known_tariff_takes_another_price(hass: HomeAssistant, house: House) -> None:
    """A bill with another price counts, and a tariff without a price takes one."""
    await house.async_set_up_site(*CHARGERS, BELGIAN)
    result = await submit(hass, "preset", {"preset": "be_antwerpen", "price": 120}, "peak")
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    sensor = house.state(house.entity_id("sensor", "peak", "peak_this_month"))
    assert sensor.attributes["another_kw_costs"] == pytest.approx(10)


def test_rows_of_known_tariffs_are_dated_sourced_and_in_order() -> None:
    for row in ROWS:
        assert row.source, row.id
        assert row.name.startswith(row.id[:2].upper()), row.id
        assert row.rule.parts, row.id
        assert row.rule.top >= 1, row.id
        for part in row.rule.parts:
            assert list(part.levels) == sorted(part.levels, key=lambda level: level[0])
            prices = [price for _, price in part.levels]
            assert prices == sorted(prices), row.id
    assert len({(row.id, row.valid_from) for row in ROWS}) == len(ROWS)
    assert len(set(preset_names().values())) == len(preset_names())
