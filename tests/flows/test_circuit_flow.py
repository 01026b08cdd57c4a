"""The flow of a circuit: what is entered, what is refused, and what hangs on it."""

from typing import Any

from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from tests.flows.charger_forms import as_found
from tests.house import (
    CARPORT_DATA,
    CHARGERS,
    ENGLISH,
    GARAGE_DATA,
    GRID,
    House,
    named_in,
    subentry,
)

WALL = subentry("wall", "circuit", "Wall", {"fuse_a": 16, "circuit": "shed"})
SHED = subentry("shed", "circuit", "Shed", {"fuse_a": 20})


async def submit(
    hass: HomeAssistant, entered: dict[str, Any], changed: str | None = None
) -> SubentryFlowResult:
    """Open the form of a new circuit, or of one that is changed, and submit it."""
    flow = hass.config_entries.subentries
    if changed is None:
        result = await flow.async_init(("site", "circuit"), context={"source": SOURCE_USER})
    else:
        context: Any = {"source": "reconfigure", "subentry_id": changed}
        result = await flow.async_init(("site", "circuit"), context=context)
    assert result["type"] is FlowResultType.FORM
    return await flow.async_configure(result["flow_id"], entered)


async def test_circuit_is_added_and_picked_at_a_charger(hass: HomeAssistant, house: House) -> None:
    entry = await house.async_set_up_site(*CHARGERS)
    result = await submit(hass, {"name": " Shed ", "fuse_a": 10})
    assert (result["type"], result["title"]) == (FlowResultType.CREATE_ENTRY, "Shed")
    await house.async_settle()
    (circuit,) = entry.get_subentries_of_type("circuit")
    assert circuit.data == {"fuse_a": 10}

    flow = hass.config_entries.subentries
    form = await flow.async_init(
        ("site", "charger"), context={"source": "reconfigure", "subentry_id": "garage"}
    )
    entered = {**as_found(form["data_schema"]), "circuit": circuit.subentry_id}
    result = await flow.async_configure(form["flow_id"], entered)
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    assert entry.subentries["garage"].data["circuit"] == circuit.subentry_id
    await house.async_plug_in("garage")
    await house.async_select("select.garage_mode", "now")
    assert house.garage_kw == pytest.approx(10 * 0.69)


async def test_everything_that_is_entered_is_kept_and_shown_again(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(SHED, *CHARGERS)
    house.set_power("sensor.wall", 1200)
    inside = {"even_phases": True}
    full = {"fuse_a": 16, "limit_kw": 9.5, "circuit": "shed", "power_entity": "sensor.wall"}
    meter = {"meter_inverted": True, "meter_factor": 0.5}
    result = await submit(hass, {"name": "Wall", **full, "meter": meter, "per_phase": inside})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await house.async_settle()
    wall = next(c for c in entry.get_subentries_of_type("circuit") if c.title == "Wall")
    assert wall.data == {**full, **meter, **inside}
    again = await hass.config_entries.subentries.async_init(
        ("site", "circuit"), context={"source": "reconfigure", "subentry_id": wall.subentry_id}
    )
    shown = {"name": "Wall", **full, "meter": meter, "per_phase": inside}
    assert as_found(again["data_schema"]) == shown


@pytest.mark.parametrize(("meter", "kept"), [("sensor.wall", True), ("sensor.other", False)])
async def test_what_corrects_the_meter_of_a_circuit_is_not_for_another_one(
    hass: HomeAssistant, house: House, meter: str, kept: bool
) -> None:
    house.set_power("sensor.wall", 1200)
    house.set_power("sensor.other", 1200)
    data = {"fuse_a": 16, "power_entity": "sensor.wall", "meter_inverted": True}
    entry = await house.async_set_up_site(subentry("wall", "circuit", "Wall", data), *CHARGERS)
    entered = {"name": "Wall", "fuse_a": 16, "power_entity": meter}
    # The form shows it as it stands; a factor of 1 corrects nothing.
    meter_section = {"meter_inverted": True, "meter_factor": 1.0}
    result = await submit(hass, {**entered, "meter": meter_section}, "wall")
    assert result["type"] is FlowResultType.ABORT
    await house.async_settle()
    corrected = {"meter_inverted": True} if kept else {}
    assert entry.subentries["wall"].data == {"fuse_a": 16, "power_entity": meter, **corrected}


@pytest.mark.parametrize(
    ("entered", "field", "error"),
    [
        ({"name": " "}, "name", "name_missing"),
        ({"name": "x" * 101}, "name", "name_too_long"),
        ({"name": "shed"}, "name", "name_in_use"),
        ({"fuse_a": None}, "fuse_a", "limit_missing"),
        ({"power_entity": GRID}, "power_entity", "power_in_use"),
        ({"power_entity": "sensor.garage_power"}, "power_entity", "power_in_use"),
        ({"power_entity": "sensor.nothing"}, "power_entity", "entity_missing"),
        ({"per_phase": {"l1_entity": "sensor.carport_l1"}}, "per_phase", "phases_incomplete"),
    ],
)
async def test_what_cannot_be_is_refused(
    hass: HomeAssistant, house: House, entered: dict[str, Any], field: str, error: str
) -> None:
    await house.async_set_up_site(SHED, *CHARGERS)
    merged = {"name": "Wall", "fuse_a": 16, **entered}
    result = await submit(hass, {key: kept for key, kept in merged.items() if kept is not None})
    assert result["errors"] == {field: error}
    text = ENGLISH["config_subentries"]["circuit"]["error"][error]
    assert named_in(text) <= (result["description_placeholders"] or {}).keys()


@pytest.mark.parametrize("above", ["shed", "wall"])
async def test_circuit_does_not_hang_on_itself_or_what_hangs_on_it(
    hass: HomeAssistant, house: House, above: str
) -> None:
    await house.async_set_up_site(SHED, WALL, *CHARGERS)
    with pytest.raises(InvalidData):
        await submit(hass, {"name": "Shed", "fuse_a": 20, "circuit": above}, "shed")


async def test_what_hung_on_a_deleted_circuit_hangs_on_the_one_above(
    hass: HomeAssistant, house: House
) -> None:
    entry = await house.async_set_up_site(
        SHED,
        WALL,
        subentry("garage", "charger", "Garage", {**GARAGE_DATA, "circuit": "wall"}),
        subentry("carport", "charger", "Carport", {**CARPORT_DATA, "circuit": "shed"}),
    )
    hass.config_entries.async_remove_subentry(entry, "wall")
    await house.async_settle()
    assert entry.subentries["garage"].data["circuit"] == "shed"
    hass.config_entries.async_remove_subentry(entry, "shed")
    await house.async_settle()
    assert "circuit" not in entry.subentries["garage"].data
    assert "circuit" not in entry.subentries["carport"].data
    assert house.state("sensor.garage_status").state != "unavailable"
