"""What a maintainer asks first: versions, and how old and how good the plans of all sites are.

People copy this into public reports: it holds numbers and times, and no names.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .runtime import OptivgiConfigEntry, OptivgiRuntime

_SOLVER: Final = ("pulp", "highspy", "numpy")


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Say what is asked for it."""
    register.async_register_info(async_system_health)


async def async_system_health(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is known; of several sites the one that is worst off."""
    entries: list[OptivgiConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    sites = [entry.runtime_data for entry in entries]
    return {
        # Reading what is installed reads files.
        "solver": await hass.async_add_executor_job(_versions),
        "sites": f"{len(sites)}/{len(hass.config_entries.async_entries(DOMAIN))}",
        **(_of_sites(sites) if sites else {}),
    }


def _of_sites(sites: Sequence[OptivgiRuntime]) -> dict[str, Any]:
    points = [point for site in sites for point in site.site.points.values()]
    plans = [site.coordinator.data for site in sites if site.coordinator.data is not None]
    known = [until for site in sites if (until := site.coordinator.prices.known_until) is not None]
    silent = {
        entity_id
        for site in sites
        for house in site.site.houses
        for entity_id in house.meter.entities_at_fault
    }
    oldest = min(plans, key=lambda plan: plan.made_at, default=None)
    slowest = max(plans, key=lambda plan: plan.schedule.solve_ms, default=None)
    found = {
        "chargers": len(points),
        "last_plan": None if oldest is None else oldest.made_at,
        "solve_time": None if slowest is None else f"{slowest.schedule.solve_ms:.0f} ms",
        "algorithm": None if slowest is None else slowest.schedule.algorithm,
        "plans_failed": sum(not site.coordinator.last_update_success for site in sites),
        "prices_unreadable": sum(site.coordinator.prices.error is not None for site in sites),
        "prices_known_until": min(known, default=None),
        "silent_meters": len(silent),
    }
    return {key: value for key, value in found.items() if value is not None}


def _versions() -> str:
    return ", ".join(f"{name} {version(name)}" for name in _SOLVER)
