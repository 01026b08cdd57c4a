"""Reasons are read in the language of Home Assistant, and in English where it has no text."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import translation
import pytest
from tests.explain.test_reasons import refuse
from tests.house import House
from tests.test_sensor import NIGHT

from custom_components.optivgi.const import DOMAIN

DUTCH: Mapping[str, str] = {
    "reason_no_car": "Er is geen auto aangesloten.",
    "reason_waits_for_price": "Wacht tot {at}: dan kost een kWh {saved_price} {currency} minder.",
    "reason_limit_refused": "De lader neemt zijn limiet niet aan: {error}.",
    "charger_write_failed": "{charger} weigert een opdracht voor {entity}: {error}.",
    "calendar_planned": "Tot {power} kW voor {cost} {currency}",
    "calendar_estimated": "Tot {power} kW voor ongeveer {cost} {currency}",
    "calendar_here": "Bij {charger}",
    "clock_sat": "zaterdag {time}",
}


@pytest.fixture(autouse=True)
def _dutch(disable_translations_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a file with a few Dutch texts beside the English ones."""
    load = translation._load_translations_files_by_language

    def load_with_dutch(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        loaded = load({language: files[language] for language in files if language != "nl"})
        if DOMAIN in files.get("nl", {}):
            texts = {key: {"message": text} for key, text in DUTCH.items()}
            loaded["nl"] = {DOMAIN: {"exceptions": texts}}
        return loaded

    monkeypatch.setattr(translation, "_load_translations_files_by_language", load_with_dutch)


def reason(house: House, charger: str = "garage") -> str:
    """Return why a charger does what it does."""
    return str(house.state(f"sensor.{charger}_status").attributes["reason"])


async def test_another_language_is_read_as_soon_as_it_is_chosen(
    hass: HomeAssistant, house: House
) -> None:
    await house.async_set_up_site()
    assert reason(house) == "No car is plugged in."
    await hass.config.async_update(language="nl")
    await hass.async_block_till_done()
    assert reason(house) == "Er is geen auto aangesloten."
    await hass.config.async_update(language="en")
    await hass.async_block_till_done()
    assert reason(house) == "No car is plugged in."


async def test_times_and_prices_stand_where_a_language_wants_them(
    hass: HomeAssistant, house: House
) -> None:
    hass.config.language = "nl"
    house.set_hourly_prices(NIGHT)
    hass.states.async_set("sensor.zoe_battery", "unavailable")
    await house.async_set_up_site()
    await house.async_plug_in("garage")
    assert reason(house).startswith(
        "Wacht tot zaterdag 02:00: dan kost een kWh 0.200 EUR minder."
        " The car's state of charge is not known."
    )


async def test_what_an_integration_refuses_is_read_in_that_language(
    hass: HomeAssistant, house: House
) -> None:
    hass.config.language = "nl"
    refused = HomeAssistantError(
        translation_domain=DOMAIN, translation_key="reason_no_car", translation_placeholders={}
    )
    await refuse(house, refused)
    assert reason(house, "carport") == (
        "De lader neemt zijn limiet niet aan: Carport weigert een opdracht voor"
        " input_number.carport_limit: Er is geen auto aangesloten."
    )


async def events_of(house: House, calendar: str) -> list[str]:
    """Return what the events of a calendar say beside their titles."""
    response: Any = await house.hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": calendar, "duration": {"days": 2}},
        blocking=True,
        return_response=True,
    )
    return [event["description"] for event in response[calendar]["events"]]


async def test_events_of_calendars_are_read_in_that_language(
    hass: HomeAssistant, house: House
) -> None:
    """Also the ones that have been read before."""
    house.set_hourly_prices(NIGHT)
    await house.async_set_up_site()
    await hass.services.async_call(
        "calendar",
        "create_event",
        {
            "entity_id": "calendar.home_reservations",
            "summary": "Zoe 5 kWh @ Garage",
            "start_date_time": "2026-11-20 21:00:00",
            "end_date_time": "2026-11-21 07:00:00",
        },
        blocking=True,
    )
    await house.async_advance(timedelta(hours=1, minutes=5))
    await house.async_plug_in("garage")
    english = await events_of(house, "calendar.garage_schedule")
    assert english[0].startswith("Up to ")
    assert await events_of(house, "calendar.home_reservations") == ["Here at Garage"]
    await hass.config.async_update(language="nl")
    await hass.async_block_till_done()
    dutch = await events_of(house, "calendar.garage_schedule")
    assert dutch[0].startswith("Tot ")
    assert len(dutch) == len(english)
    assert await events_of(house, "calendar.home_reservations") == ["Bij Garage"]
