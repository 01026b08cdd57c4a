"""The dashboard of the demo: it opens on the plan. Built-in cards only."""

from collections import defaultdict
from typing import Any

from .client import Client
from .site import CARS, GRID_POWER, PLUGS, PRICE, Plug

type Card = dict[str, Any]

URL_PATH = "charging-plan"

# By the integration's own names for its entities.
CHARGER_TILES = (
    "planned_limit",
    "planned_cost",
    "next_start",
    "expected_finish",
    "planned_energy",
)
CHARGER_SETTINGS = ("mode", "vehicle", "target_soc", "departure")
SITE_TILES = ("planned_power", "planned_peak", "planned_cost", "plan_age")

# The hours to come: when, what a kWh costs on the market, and that as a bar.
PRICES = """\
{% set prices = state_attr('PRICE', 'raw_today') + state_attr('PRICE', 'raw_tomorrow') %}
{% set from = now().replace(minute=0, second=0, microsecond=0) %}
{% set coming = prices | selectattr('start', 'ge', from) | list %}
{% set highest = coming | map(attribute='value') | max %}
| | EUR/kWh | |
|:-|-:|:-|
{% for hour in coming | batch(4) -%}
{% set price = hour | map(attribute='value') | average -%}
| {{ hour[0].start.strftime('%H:%M') }} | {{ '%.3f' | format(price) }} | \
{{ '█' * (14 * price / highest) | round | int }} |
{% endfor %}
"""
# What has come of the plan that a charger was sent to follow by itself.
PROFILE = """\
{% set words = {'waiting': 'waits to be sent', 'told': 'sent', 'confirmed': 'followed', \
'failed': 'not followed'} %}
Charging profile: {{ words.get(state_attr('STATUS', 'profile'), 'none yet') }}
"""
# What the clock and the calendar look like, whatever the browser's own settings are.
LOCALE = {
    "language": "en",
    "number_format": "language",
    "time_format": "24",
    "date_format": "DMY",
    "first_weekday": "monday",
    "time_zone": "server",
}


async def add_dashboard(client: Client, entry_id: str) -> None:
    """Add the dashboard and make it the one that Home Assistant opens on."""
    await client.call(
        "lovelace/dashboards/create",
        url_path=URL_PATH,
        title="Charging plan",
        icon="mdi:ev-station",
        show_in_sidebar=True,
        require_admin=False,
    )
    found = await _entities(client, entry_id)
    await client.call("lovelace/config/save", url_path=URL_PATH, config=_config(found))
    await client.call("frontend/set_system_data", key="core", value={"default_panel": URL_PATH})
    await client.call("frontend/set_user_data", key="language", value=LOCALE)


async def _entities(client: Client, entry_id: str) -> dict[str, dict[str, str]]:
    """OptiVGI's entities: device name → key → entity id."""
    devices = {
        device["id"]: device["name"] for device in await client.call("config/device_registry/list")
    }
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for entity in await client.call("config/entity_registry/list"):
        if entity["config_entry_id"] != entry_id or entity["disabled_by"]:
            continue
        domain = entity["entity_id"].partition(".")[0]
        key = entity["translation_key"] or domain
        found[devices[entity["device_id"]]][key] = entity["entity_id"]
    return found


def _config(found: dict[str, dict[str, str]]) -> dict[str, Any]:
    chargers = [_charger_section(plug, found[plug.name]) for plug in PLUGS]
    site = next((keys for name, keys in found.items() if "planned_power" in keys), {})
    calendars = [
        entity_id
        for keys in found.values()
        for entity_id in keys.values()
        if entity_id.startswith("calendar.")
    ]
    plan = {
        "title": "Plan",
        "path": "plan",
        "type": "sections",
        "max_columns": 3,
        "sections": [*chargers, _site_section(site, calendars), _graphs()],
    }
    return {"title": "Charging plan", "views": [plan]}


def _charger_section(plug: Plug, keys: dict[str, str]) -> Card:
    cars = {car.charger: car for car in CARS}
    cards: list[Card] = [_heading(plug.name, "mdi:ev-station")]
    if status := keys.get("status"):
        reason = f"{{{{ state_attr('{status}', 'reason') }}}}"
        cards.append(_tile(status, wide=True))
        cards.append({"type": "markdown", "text_only": True, "content": reason})
        if plug.follows_by_itself:
            content = PROFILE.replace("STATUS", status)
            cards.append({"type": "markdown", "text_only": True, "content": content})
    cards += [
        _tile(keys[key], wide=key == "planned_energy") for key in CHARGER_TILES if key in keys
    ]
    rows = [_named(keys[key]) for key in CHARGER_SETTINGS if key in keys]
    if rows:
        cards.append({"type": "entities", "entities": rows})
    cards.append(_heading("At the charger", "mdi:power-plug"))
    cards += [_tile(plug.car), _tile(plug.power), _tile(plug.limit)]
    if plug.switch:
        cards.append(_tile(plug.switch))
    if car := cars.get(plug.name):
        cards.append(_tile(car.soc) | {"name": {"type": "device"}})
    return {"type": "grid", "cards": cards}


def _site_section(keys: dict[str, str], calendars: list[str]) -> Card:
    cards: list[Card] = [_heading("Planned charging", "mdi:calendar-clock")]
    if calendars:
        cards.append({"type": "calendar", "initial_view": "listWeek", "entities": calendars})
    cards.append(_heading("Site", "mdi:home-lightning-bolt"))
    cards += [_tile(keys[key]) for key in SITE_TILES if key in keys]
    cards += [_tile(GRID_POWER), _tile("sensor.house_house_load"), _tile(PRICE, wide=True)]
    cards.append(_heading("Market prices", "mdi:currency-eur"))
    cards.append({"type": "markdown", "content": PRICES.replace("PRICE", PRICE)})
    return {"type": "grid", "cards": cards}


def _graphs() -> Card:
    power = [{"entity": plug.power, "name": plug.name} for plug in PLUGS]
    return {
        "type": "grid",
        "cards": [
            _heading("The last hour", "mdi:chart-line"),
            {
                "type": "history-graph",
                "hours_to_show": 1,
                "entities": [{"entity": GRID_POWER, "name": "Grid"}, *power],
            },
        ],
    }


def _heading(text: str, icon: str) -> Card:
    return {"type": "heading", "heading": text, "icon": icon}


def _tile(entity_id: str, *, wide: bool = False) -> Card:
    columns = "full" if wide else 6
    return {"type": "tile", **_named(entity_id), "grid_options": {"columns": columns}}


def _named(entity_id: str) -> Card:
    """An entity by its own name: the heading above says whose it is."""
    return {"entity": entity_id, "name": {"type": "entity"}}
