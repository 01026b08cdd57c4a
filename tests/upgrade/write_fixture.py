"""Writes what this version stores into tests/fixtures, once: before it is released.

    scripts/test tests/upgrade/write_fixture.py

A house is set up through its forms and used for an evening; then Home Assistant stops.
"""

import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.bootstrap import async_load_base_functionality
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.optivgi import const
from tests.upgrade.sites import Sites
from tests.upgrade.stored import async_end, folder_of, unused


@pytest.mark.timeout(1800)
async def test_write(
    recorder_mock: object,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    freezer: FrozenDateTimeFactory,
    aioclient_mock: AiohttpClientMocker,
) -> None:
    """Refuse what leaves a field unused."""
    assert await async_load_base_functionality(hass)
    manifest = json.loads((Path(const.__file__).parent / "manifest.json").read_text())
    sites = Sites(hass, freezer)
    await sites.async_set_up(aioclient_mock)
    await sites.async_live()
    stored = await async_end(hass, hass_storage, dt_util.utcnow())
    assert not unused(stored, sites.forms.shown)
    stored.write(folder_of(manifest["version"]))
