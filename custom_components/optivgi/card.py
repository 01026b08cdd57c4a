"""Serves the card that shows plans, and has every dashboard load it.

The card is a module of its own (its source is in ``frontend/`` beside this project's code). Home
Assistant works without a frontend, and so do we: then there is nobody to show anything to.
"""

import asyncio
from pathlib import Path
from typing import Any, Final

from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http import StaticPathConfig
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.core import HomeAssistant, callback
from homeassistant.setup import async_when_setup
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_FOLDER: Final = Path(__file__).parent / "frontend"
URL: Final = f"/{DOMAIN}"
"""Where the card is served. The frontend keeps what has "static" in its address for too long."""
_ENTRY: Final = "card-*.js"
"""The first module; its name changes with what is in it, as browsers keep what has one name."""

_ADDRESS: Final = HassKey[str](f"{DOMAIN}_card_address")
_LOCK: Final = HassKey[asyncio.Lock](f"{DOMAIN}_card_lock")


@callback
def async_setup_card(hass: HomeAssistant) -> None:
    """Have the card shown once there are dashboards for it; asked again, see that it still is."""
    async_when_setup(hass, "lovelace", _async_show)


async def _async_show(hass: HomeAssistant, _: str) -> None:
    # Sites are set up side by side, and each asks for it.
    async with hass.data.setdefault(_LOCK, asyncio.Lock()):
        if "http" not in hass.config.components:
            return
        if _ADDRESS not in hass.data:
            found = await hass.async_add_executor_job(lambda: sorted(_FOLDER.glob(_ENTRY)))
            await hass.http.async_register_static_paths(
                [StaticPathConfig(URL, str(_FOLDER), cache_headers=True)]
            )
            hass.data[_ADDRESS] = f"{URL}/{found[0].name}"
        await _async_list(hass, hass.data[_ADDRESS])


async def _async_list(hass: HomeAssistant, address: str) -> None:
    """Have dashboards load a module, once, in place of what we had them load before."""
    if (resources := _resources(hass)) is None:
        # Resources in YAML cannot be written to.
        add_extra_js_url(hass, address)
        return
    # They are read when they are first asked for; before that all would be written anew.
    await resources.async_get_info()
    ours = _ours(resources)
    if not ours:
        await resources.async_create_item({"res_type": "module", "url": address})
    elif ours[0]["url"] != address:
        await resources.async_update_item(ours[0]["id"], {"url": address})
    for left in ours[1:]:
        await resources.async_delete_item(left["id"])


async def async_remove_card(hass: HomeAssistant) -> None:
    """Have dashboards load the card no more once the last site is gone."""
    resources = _resources(hass)
    if resources is None or hass.config_entries.async_entries(DOMAIN):
        return
    await resources.async_get_info()
    for ours in _ours(resources):
        await resources.async_delete_item(ours["id"])


def _resources(hass: HomeAssistant) -> Any:
    """Return the modules that dashboards load; None where those stand in YAML."""
    data = hass.data.get(LOVELACE_DATA)
    return None if data is None or data.resource_mode != "storage" else data.resources


def _ours(resources: Any) -> list[dict[str, Any]]:
    return [item for item in resources.async_items() if item["url"].startswith(f"{URL}/card-")]
