"""Serves the card that shows plans, and has every dashboard load it.

The card is a module of its own (its source is in ``frontend/`` beside this project's code). Home
Assistant works without a frontend, and so do we: then there is nobody to show anything to.
"""

import asyncio
from pathlib import Path
import re
from typing import Any, Final

from aiohttp import hdrs, web
from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.http.static import CACHE_HEADER
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

_NAME: Final = re.compile(r"[a-z]+-[\w-]+\.js")
_ADDRESS: Final = HassKey[str](f"{DOMAIN}_card_address")
_LOCK: Final = HassKey[asyncio.Lock](f"{DOMAIN}_card_lock")


class CardView(HomeAssistantView):
    """Serves the modules of the card by their names, which change with what is in them.

    From an update on until Home Assistant restarts, pages ask for modules that are no more: they
    get those that are.
    """

    url = f"{URL}/{{name}}"
    name = DOMAIN
    requires_auth = False

    async def get(self, request: web.Request, name: str) -> web.StreamResponse:
        """Answer with a module."""
        found, is_same = await request.app[KEY_HASS].async_add_executor_job(_module, name)
        if found is None:
            raise web.HTTPNotFound
        cache = CACHE_HEADER if is_same else "no-store"
        return web.FileResponse(found, headers={hdrs.CACHE_CONTROL: cache})


def _first() -> str:
    return next(_FOLDER.glob(_ENTRY)).name


def _module(name: str) -> tuple[Path | None, bool]:
    """Return a module, or what has taken its place; and whether it is the one of that name."""
    if not _NAME.fullmatch(name):
        return None, False
    if (path := _FOLDER / name).is_file():
        return path, True
    return next(_FOLDER.glob(f"{name.partition('-')[0]}-*.js"), None), False


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
            hass.http.register_view(CardView())
            hass.data[_ADDRESS] = f"{URL}/{await hass.async_add_executor_job(_first)}"
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
