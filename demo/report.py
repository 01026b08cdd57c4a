"""Waits until the chargers follow the plan, then reports."""

from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from .client import DemoError, wait_for
from .site import CARS, PLUGS, PRICE, VOLTAGE, CarPlan, Plug
from .stage import Stage

FOLLOWED_S = 150
SHARE = 0.95
"""A car that charges draws at least this share of its limit: no battery here is nearly full."""
IDLE_W = 50

type Json = dict[str, Any]


async def report(running: Stage) -> Json:
    """Wait until each plugged-in car does what its plan says for now, and return all figures.

    Raises:
        DemoError: They do not; it says what each of those does instead.
    """
    client = running.client
    waited_for: dict[Plug, tuple[Json | None, dict[str, Json]]] = {}

    async def probe() -> Json | None:
        states = {state["entity_id"]: state for state in await client.get("states")}
        schedule = await client.ask("optivgi.get_schedule")
        chargers = {charger["name"]: charger for charger in schedule["chargers"]}
        pairs = [(plug, car) for plug in PLUGS for car in CARS if car.charger == plug.name]
        waited_for.clear()
        for plug, car in pairs:
            if not _follows(plug, car, charger := chargers.get(plug.name), states):
                waited_for[plug] = charger, states
        return None if waited_for else _figures(running, schedule, states)

    try:
        return await wait_for("the chargers to follow their plan", probe, FOLLOWED_S)
    except DemoError as error:
        instead = (_does(plug, *seen) for plug, seen in waited_for.items())
        raise DemoError(f"{error}: {'; '.join(instead)}") from error


def _does(plug: Plug, charger: Json | None, states: dict[str, Json]) -> str:
    """Say what a charger does, for whoever wonders why that is not what is planned."""
    if charger is None:
        return f"{plug.name} is not planned for"
    shown = (plug.limit, plug.switch, plug.power)
    return (
        f"{plug.name} is {charger['status']} ({charger['reason']}), planned are"
        f" {_limit_now(charger['plan']):.2f} kW, profile {_profile(plug, states)}, "
        + ", ".join(f"{entity} {states[entity]['state']}" for entity in shown if entity)
    )


def _follows(plug: Plug, car: CarPlan, charger: Json | None, states: dict[str, Json]) -> bool:
    """Return whether the car draws power, or waits because the plan says so."""
    if charger is None or not any(step["limit_kw"] > 0 for step in charger["plan"]):
        return False
    if _profile(plug, states) not in {None, "confirmed"}:
        return False
    planned_kw = _limit_now(charger["plan"])
    written = _written(plug, states)
    limit_w = written["value"] * (car.phases * VOLTAGE if written["unit"] == "A" else 1)
    drawn_w = _power_kw(plug, states) * 1000
    if planned_kw > 0:
        return bool(limit_w > 0 and drawn_w > SHARE * limit_w)
    return bool(limit_w == 0 and drawn_w < IDLE_W)


def _profile(plug: Plug, states: dict[str, Json]) -> str | None:
    """How far a charger has come that follows its plan by itself; None for any other."""
    profile: str | None = states[plug.status]["attributes"].get("profile")
    return profile


def _power_kw(plug: Plug, states: dict[str, Json]) -> float:
    state = states[plug.power]
    per_kw = 1 if state["attributes"]["unit_of_measurement"] == "kW" else 1000
    return float(state["state"]) / per_kw


def _limit_now(plan: list[Json]) -> float:
    now = dt_util.utcnow()
    for step in plan:
        if datetime.fromisoformat(step["start"]) <= now < datetime.fromisoformat(step["end"]):
            return float(step["limit_kw"])
    return 0.0


def _written(plug: Plug, states: dict[str, Json]) -> Json:
    """What stands in the charger: 0 when its switch is off, whatever its number says."""
    limit = states[plug.limit]
    switch = states[plug.switch]["state"] if plug.switch else None
    return {
        "value": 0 if switch == "off" else float(limit["state"]),
        "unit": limit["attributes"]["unit_of_measurement"],
        "entity_id": plug.limit,
        "switch": switch,
    }


def _figures(running: Stage, schedule: Json, states: dict[str, Json]) -> Json:
    prices = states[PRICE]["attributes"]
    plugs = {plug.name: plug for plug in PLUGS}
    return {
        "home_assistant": running.version,
        "boot_s": round(running.boot_s, 1),
        "prices": len(prices["raw_today"]) + len(prices["raw_tomorrow"]),
        "chargers": [
            _charger_figures(charger, plugs[charger["name"]], states)
            for charger in schedule["chargers"]
        ],
        "site": {key: schedule["site"][key] for key in ("limit_kw", "planned_peak_kw")},
        "solver": {key: schedule["solver"][key] for key in ("status", "algorithm", "ms")},
    }


def _charger_figures(charger: Json, plug: Plug, states: dict[str, Json]) -> Json:
    plan_keys = ("start", "end", "limit_kw", "price")
    return {
        **{key: charger[key] for key in ("name", "mode", "status", "reason")},
        "limit_written": _written(plug, states),
        "profile": _profile(plug, states),
        "power_kw": _power_kw(plug, states),
        "plan": [{key: step[key] for key in plan_keys} for step in charger["plan"]],
        **{key: charger[key] for key in ("energy_kwh", "cost", "cost_if_charged_at_once")},
    }
