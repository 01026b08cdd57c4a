"""A charger is left to others as they want it, and found by what belongs to it."""

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Quirks
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.optivgi.bindings.chargers.ocpp.profile_control import (
    OcppAddress,
    ProfileUse,
)

from .bench import (
    MIN_KW,
    THREE_PHASES,
    Bench,
    limits_from,
)

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


def ids(charge_point: ChargePoint) -> set[int]:
    """Return the ids of the profiles in a charge point."""
    return {stored.id for stored in charge_point.hardware.store.profiles}


@VERSIONS
async def test_handing_back_leaves_the_profiles_of_others(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)
    await cp.async_plug_in()
    control = bench.control(use=ProfileUse.BOTH)
    await bench.async_pass(control, limits_from(bench.now, 0, safe_kw=0), 2)
    assert cp.hardware.limit_a() == 0
    await bench.hass.services.async_call(
        "ocpp", "set_charge_rate", {"devid": "wallbox_1", "limit_amps": 13}, blocking=True
    )
    others = ids(cp) - {7011, 7012}
    assert others
    assert await control.async_hand_back(THREE_PHASES)
    assert ids(cp) == others | {7011, 7012}
    assert cp.hardware.limit_a() == 13
    await cp.async_unplug()
    assert cp.hardware.limit_a() == 13
    # Taken up again, it is sent everything.
    await bench.async_pass(control, limits_from(bench.now, 0, safe_kw=MIN_KW))
    assert cp.hardware.limit_a() == 6


async def test_handing_back_needs_a_connection(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    control = bench.control()
    await control.async_apply(limits_from(bench.now, 0), THREE_PHASES)
    await bench.async_lose(cp)
    assert not await control.async_hand_back(THREE_PHASES)


# The controls of the integration


@pytest.mark.parametrize(
    ("since_012", "plugged", "entity_id"),
    [
        (False, True, "number.wallbox_1_maximum_current"),
        (True, False, "number.wallbox_1_maximum_current"),
        (True, True, "number.wallbox_1_session_current_limit"),
    ],
)
async def test_number_to_fall_back_to(
    bench: Bench, since_012: bool, plugged: bool, entity_id: str
) -> None:
    cp = await bench.async_start("1.6", since_012=since_012)
    if plugged:
        await cp.async_plug_in()
    assert bench.control().fallback_entity == entity_id


async def test_charger_is_found_by_any_of_its_entities_whatever_they_are_called(
    bench: Bench, entity_registry: er.EntityRegistry
) -> None:
    await bench.async_start("1.6", quirks=Quirks(connectors=2))
    entity_registry.async_update_entity(
        "sensor.wallbox_1_connector_2_status_connector", new_entity_id="sensor.car_port"
    )
    await bench.hass.async_block_till_done()
    found = OcppAddress.find(
        bench.hass, ["number.wallbox_1_maximum_current", "sensor.car_port", "sensor.no_such"]
    )
    assert found is not None
    assert (found.cpid, found.connector) == ("wallbox_1", 2)
    assert "sensor.car_port" in bench.control("sensor.car_port").watched_entities
    assert OcppAddress.find(bench.hass, ["sensor.no_such"]) is None


@pytest.mark.parametrize(
    ("domain", "unique_id", "connector"),
    [
        ("sensor", "ocpp.box.status_connector.sensor", 1),
        ("sensor", "ocpp.box.conn2.Status.Connector.sensor", 2),
        ("number", "number.ocpp.box.conn3.maximum_current", 3),
    ],
)
def test_address_is_read_from_unique_ids(
    hass: HomeAssistant,
    entity_registry: er.EntityRegistry,
    domain: str,
    unique_id: str,
    connector: int,
) -> None:
    entry = MockConfigEntry(domain="ocpp")
    entry.add_to_hass(hass)
    registered = entity_registry.async_get_or_create(domain, "ocpp", unique_id, config_entry=entry)
    found = OcppAddress.find(hass, [registered.entity_id])
    assert found == OcppAddress(entry_id=entry.entry_id, cpid="box", connector=connector)
