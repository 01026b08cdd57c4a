"""Sets the demo's site up the way a person does: through the forms, then plug by plug."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from .client import Client, DemoError, wait_for
from .flows import add_integration, add_subentry, skip
from .folder import TIME_ZONE

LOADED_S = 90
VOLTAGE = 230

GRID_POWER = "sensor.house_grid_power"
PRICE = "sensor.electricity_market_day_ahead_price"


@dataclass(frozen=True, slots=True)
class Plug:
    """A charger of the simulated house, by its device and entities."""

    name: str
    device: str
    limit: str
    power: str
    car: str
    switch: str | None = None
    follows_by_itself: bool = False
    circuit: str | None = None
    rotation: str | None = None

    @property
    def status(self) -> str:
        """What OptiVGI reports of it."""
        return f"sensor.{self.name.lower()}_status"


@dataclass(frozen=True, slots=True)
class CarPlan:
    """A car of the simulated house and what its driver wants."""

    name: str
    soc: str
    battery_kwh: float
    phases: int
    max_a: float
    target_soc: float
    leaves_in: timedelta | None = None
    """None: not before there was time enough to wait for a low price."""
    charger: str | None = None


PLUGS = (
    Plug(
        name="Garage",
        device="Garage charger",
        limit="number.garage_charger_current_limit",
        power="sensor.garage_charger_power",
        car="select.garage_charger_car",
        switch="switch.garage_charger_charging",
        circuit="Sub-panel",
    ),
    Plug(
        name="Carport",
        device="Carport charger",
        limit="number.carport_charger_power_limit",
        power="sensor.carport_charger_power",
        car="select.carport_charger_car",
        circuit="Sub-panel",
        # The car with one phase there charges from L2.
        rotation="l2_l3_l1",
    ),
    # Follows its plan by itself; what it offers shows that.
    Plug(
        name="Courtyard",
        device="courtyard_charger",
        limit="sensor.courtyard_charger_current_offered",
        power="sensor.courtyard_charger_power_active_import",
        car="select.courtyard_plug_car",
        follows_by_itself=True,
    ),
)
CARS = (
    # Leaves so soon that it has to charge at once, whatever that costs.
    CarPlan("Van", "sensor.van_battery", 60, 3, 11, 80, timedelta(hours=3, minutes=27), "Garage"),
    CarPlan("City car", "sensor.city_car_battery", 36, 1, 16, 80, charger="Carport"),
    CarPlan("Estate", "sensor.estate_battery", 77, 3, 16, 80, charger="Courtyard"),
)
CIRCUITS: dict[str, dict[str, Any]] = {"Sub-panel": {"fuse_a": 20}}
"""A part of the house with a fuse of its own; its other consumers are not measured."""
MORNING = time(7)
AFTERNOON = time(17, 30)
LONG = timedelta(hours=9)
"""So much time to charge leaves a choice."""


async def set_up_house(client: Client) -> None:
    """Build the simulated house."""
    await add_integration(client, "demo_house", {})
    await add_integration(client, "ocpp", {})


async def set_up_site(client: Client) -> str:
    """Set OptiVGI up through its own forms; return the id of its entry."""
    devices = await _devices(client)
    result = await add_integration(
        client,
        "optivgi",
        {
            # Its prices have fees, so that what is found is not taken as it is.
            "user": "site",
            "name": "Home",
            "fuse_a": 25,
            "phases": "3",
            "voltage": VOLTAGE,
            "power_entity": GRID_POWER,
            "power_covers": "grid",
            "price_source": "entity",
            "price_entity": PRICE,
            "price_factor": 1.21,
            "price_offset": 0.13,
        },
    )
    entry_id: str = result["result"]["entry_id"]
    # Creating the site leads straight on to chargers and cars; each is picked here by its own.
    await skip(client, result["next_flow"][1], {"next_charger": "none", "next_vehicle": "none"})
    for name, data in CIRCUITS.items():
        await add_subentry(client, entry_id, "circuit", {"name": name, **data})
    circuits = await _subentries(client, entry_id)
    for plug in PLUGS:
        await add_subentry(client, entry_id, "charger", _charger(plug, devices, circuits))
    chargers = await _subentries(client, entry_id)
    for car in CARS:
        await add_subentry(client, entry_id, "vehicle", _vehicle(car, chargers))
    await wait_for("the site to be loaded", partial(_loaded, client, entry_id), LOADED_S)
    return entry_id


async def _subentries(client: Client, entry_id: str) -> dict[str, str]:
    """The ids of all parts of the site by their names."""
    subentries = await client.call("config_entries/subentries/list", entry_id=entry_id)
    return {subentry["title"]: subentry["subentry_id"] for subentry in subentries}


async def _loaded(client: Client, entry_id: str) -> bool | None:
    entries = await client.call("config_entries/get", domain="optivgi")
    entry = next(entry for entry in entries if entry["entry_id"] == entry_id)
    if entry["state"] in {"setup_error", "migration_error", "failed_unload"}:
        raise DemoError(f"The site does not load: {entry['state']} {entry['reason'] or ''}")
    return True if entry["state"] == "loaded" else None


async def plug_in(client: Client) -> None:
    """Plug in the cars that have a charger of their own."""
    await wait_for("the chargers to be there", partial(_chargers_there, client), LOADED_S)
    for plug in PLUGS:
        for car in CARS:
            if car.charger == plug.name:
                await client.act("select.select_option", plug.car, option=car.name)


async def _chargers_there(client: Client) -> bool | None:
    states = {state["entity_id"]: state["state"] for state in await client.get("states")}
    there = all(states.get(plug.car, "unavailable") != "unavailable" for plug in PLUGS)
    return True if there else None


async def _devices(client: Client) -> dict[str, str]:
    """The ids of all devices by their names."""
    devices = await client.call("config/device_registry/list")
    return {device["name"]: device["id"] for device in devices}


def _charger(plug: Plug, devices: dict[str, str], circuits: dict[str, str]) -> dict[str, Any]:
    """Only the device and its place are chosen; the form finds its entities by itself."""
    wanted: dict[str, Any] = {"name": plug.name, "device_id": devices[plug.device]}
    if plug.circuit:
        wanted["circuit"] = circuits[plug.circuit]
    if plug.rotation:
        wanted["phase_rotation"] = plug.rotation
    return wanted


def _vehicle(car: CarPlan, chargers: dict[str, str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "name": car.name,
        "battery_kwh": car.battery_kwh,
        "soc_entity": car.soc,
        "target_soc": car.target_soc,
        "departure": _departure(car, datetime.now(ZoneInfo(TIME_ZONE))).isoformat("seconds"),
        "phases": str(car.phases),
        "max_a": car.max_a,
    }
    if car.charger:
        wanted["charger"] = chargers[car.charger]
    return wanted


def _departure(car: CarPlan, now: datetime) -> time:
    """When the car leaves: soon, or in the morning, or in the afternoon where that is near."""
    if car.leaves_in:
        return (now + car.leaves_in).time().replace(second=0, microsecond=0)
    midnight = datetime.combine(now, time(), now.tzinfo)
    in_the_morning = midnight + timedelta(hours=MORNING.hour)
    if in_the_morning < now:
        in_the_morning += timedelta(days=1)
    return MORNING if in_the_morning - now >= LONG else AFTERNOON
