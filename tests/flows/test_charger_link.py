"""The link of a charger to its cloud is connected, too, and is not taken for a car that is."""

from collections.abc import Mapping
import random
from typing import Any, Final

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from tests.bindings.chargers.cases import Case, RegisteredCase
from tests.flows.charger_forms import pick, suggested
from tests.flows.test_charger_roles import check, picked

_BOX: Final[tuple[Case, ...]] = (
    {
        "domain": "number",
        "unique_id": "b_limit",
        "name": "Charging current limit",
        "unit": "A",
        "min": 6,
        "max": 16,
    },
    {"domain": "switch", "unique_id": "b_charging", "name": "Charging", "state": "off"},
)
_STATUS: Final[Case] = {
    "domain": "sensor",
    "unique_id": "b_state",
    "name": "Charging state",
    "state": "Preparing",
}
_LINK_CLASS: Final = {"device_class": "connectivity"}
LINKS: Final[dict[str, Mapping[str, Any]]] = {
    "Connection status": {"state": "Connected"},
    "EV charger connection status": {"state": "connected"},
    "Charger status": {"state": "Online"},
    "Main charging status": {"state": "online", "options": ["online", "offline"]},
    "Connector state": {"state": "Connected to cloud"},
    "Status": {"options": ["connected", "disconnected", "online"], "state": "connected"},
    "Charger connectivity": {"state": "connected"},
    "Charger reachable": {"state": "on", "domain": "binary_sensor", **_LINK_CLASS},
    "EV charger connected": {"state": "on", "domain": "binary_sensor", **_LINK_CLASS},
    "Charging station connected": {"state": "on", "domain": "binary_sensor"},
    "Charger link state": {"state": "Connected"},
    "Wi-Fi status": {"state": "connected"},
    "WebSocket state": {"state": "Connected"},
    "OCPP status": {"state": "Available", "options": ["Available", "Connected", "Charging"]},
    "OCPPConnection": {"state": "Connected"},
    "Backoffice state": {"state": "connected"},
    "Communication status": {"state": "occupied"},
    "Verbindungsstatus Ladestation": {"state": "Verbunden"},
    "Verbindingsstatus laadpaal": {"state": "verbonden"},
    "Charging point status": {"state": "WiFi connected"},
}


def box(*more: Case, **wanted: str) -> Case:
    """Return a charger with some more entities, and what is wanted of it."""
    return {
        "platform": "some_box",
        "device": {"name": "Box", "manufacturer": "Some"},
        "entities": [*_BOX, *more],
        "wanted": {"limit": "number.b_limit", "switch": "switch.b_charging", **wanted},
    }


def link(name: str) -> Case:
    """Return an entity that is about the link to a network, not about a car."""
    return {"domain": "sensor", "unique_id": f"x{len(name)}", "name": name, **LINKS[name]}


@pytest.mark.parametrize("name", LINKS)
async def test_link_alone_is_no_status(
    hass: HomeAssistant, site: MockConfigEntry, name: str
) -> None:
    case = box(link(name))
    device = RegisteredCase(hass, case)
    check(case, device, suggested((await pick(hass, picked(case, device)))["data_schema"]))


@pytest.mark.parametrize("seed", range(5))
async def test_status_is_found_beside_any_links(
    hass: HomeAssistant, site: MockConfigEntry, seed: int
) -> None:
    """In any order, whatever people have called them, with a status that has no state yet."""
    chance = random.Random(seed)  # noqa: S311
    real = {**_STATUS, "state": chance.choice(["Preparing", "unknown", "Charging"])}
    case = box(real, *map(link, chance.sample(list(LINKS), 6)), status="sensor.b_state")
    case["entities"].sort(key=lambda _: chance.random())
    ids = [f"charging_status_{index}" for index in range(len(case["entities"]))]
    chance.shuffle(ids)
    device = RegisteredCase(hass, case, ids=ids)
    check(case, device, suggested((await pick(hass, picked(case, device)))["data_schema"]))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("Car connected", {"domain": "binary_sensor", "state": "off", **_LINK_CLASS}),
        ("EV charger plug", {"domain": "binary_sensor", "state": "on", "device_class": "plug"}),
        ("EV charger vehicle connected", {"domain": "binary_sensor", "state": "on"}),
        ("Charger status", {"state": "online", "options": ["online", "charging", "available"]}),
        ("Charger status", {"state": "Connected"}),
    ],
)
async def test_car_that_is_connected_is_still_found(
    hass: HomeAssistant, site: MockConfigEntry, name: str, more: Mapping[str, Any]
) -> None:
    entity: Case = {"domain": "sensor", "unique_id": "b_car", "name": name, **more}
    case = box(entity, status=f"{entity['domain']}.b_car")
    device = RegisteredCase(hass, case)
    check(case, device, suggested((await pick(hass, picked(case, device)))["data_schema"]))
