"""The phase rotation of a charger: cars with one phase count where that is said to be."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from tests.flows.charger_forms import as_found
from tests.house import CARPORT_DATA, GARAGE_DATA, VEHICLES, House, charger_of, subentry

AMPERE_KW = 0.23
ONE_PHASE: dict[str, Any] = {"phases": "1"}


async def async_charge(house: House, **of_carport: Any) -> tuple[float, float]:
    """Let two chargers with one phase charge at once; return the current of each."""
    await house.async_set_up_site(
        subentry("garage", "charger", "Garage", {**GARAGE_DATA, **ONE_PHASE}),
        subentry("carport", "charger", "Carport", {**CARPORT_DATA, **ONE_PHASE, **of_carport}),
        *VEHICLES,
    )
    for charger in ("garage", "carport"):
        await house.async_plug_in(charger)
        await house.async_select(f"select.{charger}_mode", "now")
    return house.value("input_number.garage_limit"), house.carport_kw / AMPERE_KW


@pytest.mark.parametrize("rotation", ["l2_l3_l1", "l3_l1_l2"])
async def test_chargers_on_different_phases_share_nothing(house: House, rotation: str) -> None:
    currents = await async_charge(house, phase_rotation=rotation)
    assert currents == pytest.approx((16, 16), abs=0.1)
    planned = [
        max(step["limit_kw"] for step in charger_of(await house.async_schedule(), name)["plan"])
        for name in ("Garage", "Carport")
    ]
    assert planned == pytest.approx([16 * AMPERE_KW] * 2, abs=0.05)


@pytest.mark.parametrize("data", [{}, {"phase_rotation": "l1_l2_l3"}])
async def test_chargers_on_the_same_phase_share_it(house: House, data: dict[str, Any]) -> None:
    garage_a, carport_a = await async_charge(house, **data)
    assert garage_a + carport_a <= 25
    assert min(garage_a, carport_a) >= 6


async def test_phase_rotation_is_picked_in_the_form(hass: HomeAssistant, house: House) -> None:
    await async_charge(house)
    flow = hass.config_entries.subentries
    form = await flow.async_init(
        ("site", "charger"), context={"source": "reconfigure", "subentry_id": "carport"}
    )
    entered = {**as_found(form["data_schema"]), "phase_rotation": "l2_l3_l1"}
    await flow.async_configure(form["flow_id"], entered)
    await house.async_settle()
    await house.async_settle()
    assert house.entry is not None
    assert house.entry.subentries["carport"].data["phase_rotation"] == "l2_l3_l1"
    assert house.carport_kw == pytest.approx(16 * AMPERE_KW, abs=0.02)
