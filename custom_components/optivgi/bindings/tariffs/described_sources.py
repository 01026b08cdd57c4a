"""The integrations that hand out prices through an action, a description each."""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from homeassistant.helpers import device_registry as dr, entity_registry as er

from .base import TariffError
from .described import ActionSource, Picked

# Day-ahead prices of Europe are published from about 12:45 CET on.
_FROM_MIDDAY = time(12, 30)


def _energyzero_interval(picked: Picked) -> str:
    """Return the interval that the household is billed by, as set in the integration."""
    interval = picked.entry.options.get("electricity_price_interval", "hourly")
    return "quarter" if interval == "quarter_hourly" else "hour"


def _returns(picked: Picked) -> bool:
    return picked.is_about("_energy_return_")


def _omie_country(picked: Picked) -> str:
    return "pt" if picked.is_about("pt_") else "es"


def _tibber_home(picked: Picked, homes: Mapping[str | None, Any]) -> Any:
    """Return the prices of the picked entity's home; homes are known by name only."""
    if len(homes) == 1:
        return next(iter(homes.values()))
    device = dr.async_get(picked.hass).async_get(picked.entity.device_id or "")
    state = picked.hass.states.get(picked.entity.entity_id)
    nickname: str | None = state.attributes.get("app_nickname") if state else None
    for name in (device.name if device else None, nickname):
        if name in homes:
            return homes[name]
    raise TariffError(
        "price_area_unknown",
        entity=picked.entity.entity_id,
        areas=", ".join(str(name) for name in homes) or "-",
    )


_AMBER_CHANNELS = ("controlled_load", "feed_in", "general")


def _amber_channel(picked: Picked) -> str:
    return next((name for name in _AMBER_CHANNELS if picked.is_about(name)), "general")


def _amber_now(picked: Picked) -> Iterable[Mapping[str, Any]]:
    site = picked.entity.unique_id.partition("-")[0]
    channel = _amber_channel(picked)
    entity_id = er.async_get(picked.hass).async_get_entity_id(
        "sensor", picked.entity.platform, f"{site}-current-{channel}"
    )
    state = picked.hass.states.get(entity_id) if entity_id else None
    if state is not None and "start_time" in state.attributes:
        yield state.attributes


ENERGYZERO = ActionSource(
    action="get_energy_prices",
    data=lambda picked, window: {
        "config_entry": picked.entry.entry_id,
        "start": window.day.isoformat(),
        "end": window.day.isoformat(),
        "incl_vat": True,
        "price_type": "all_in" if picked.is_about("_all_in_") else "market",
        "interval": _energyzero_interval(picked),
    },
    rows=lambda _, answer: answer["prices"],
    published_from=_FROM_MIDDAY,
)

EASYENERGY = ActionSource(
    action=lambda picked: (
        "get_energy_return_prices" if _returns(picked) else "get_energy_usage_prices"
    ),
    data=lambda picked, window: {
        "config_entry": picked.entry.entry_id,
        "start": window.day.isoformat(),
        "end": window.day.isoformat(),
        # The price of what is returned knows no choice of taxes.
        **({} if _returns(picked) else {"incl_vat": True}),
    },
    rows=lambda _, answer: answer["prices"],
    published_from=_FROM_MIDDAY,
)

OMIE = ActionSource(
    action="get_prices_for_date",
    data=lambda picked, window: {
        "date": window.day.isoformat(),
        "countries": [_omie_country(picked)],
    },
    rows=lambda picked, answer: answer[_omie_country(picked)],
    published_from=_FROM_MIDDAY,
    zone="Europe/Madrid",
)

TIBBER = ActionSource(
    action="get_prices",
    data=lambda _, window: {"start": window.start.isoformat(), "end": window.end.isoformat()},
    rows=lambda picked, answer: _tibber_home(picked, answer["prices"]),
    published_from=_FROM_MIDDAY,
)

TIBBER_PRICES = ActionSource(
    action="get_price",
    data=lambda picked, window: {
        "entry_id": picked.entry.entry_id,
        "start_time": window.start.isoformat(),
        "end_time": window.end.isoformat(),
    },
    rows=lambda _, answer: answer["price_info"],
    published_from=_FROM_MIDDAY,
)

GREEN_PLANET_ENERGY = ActionSource(
    action="get_prices",
    data=lambda picked, _: {"config_entry_id": picked.entry.entry_id, "hours": 24},
    rows=lambda _, answer: answer["prices"],
)

AMBERELECTRIC = ActionSource(
    action="get_forecasts",
    data=lambda picked, _: {
        "config_entry_id": picked.entry.entry_id,
        "channel_type": _amber_channel(picked),
    },
    rows=lambda _, answer: answer["forecasts"],
    # Only the running interval is final; and the action returns all but that one.
    estimated=True,
    now=_amber_now,
)
