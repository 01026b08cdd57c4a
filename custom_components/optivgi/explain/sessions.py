"""Sessions as people and automations read them: figures in plain types, and one sentence."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.util import dt as dt_util

from ..sessions.record import SessionRecord
from ..sessions.sums import Sums
from .reason_texts import ReasonTexts


class SessionText(StrEnum):
    """What a session is described with: keys of the translations."""

    DONE = "session_done"
    UNPRICED = "session_unpriced"
    """Not all that was charged has a known price."""
    NOTHING = "session_nothing"
    """Nothing was charged."""
    SAVED = "session_saved"
    LOST = "session_lost"
    """Charging at once would have cost less."""


OF_GUESTS: Final = (SessionText.DONE, SessionText.UNPRICED, SessionText.NOTHING)
"""Those of which there is another one for guests without a name, under ``<key>_guest``."""


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else dt_util.as_local(moment).isoformat()


def money_of(sums: Sums) -> dict[str, Any]:
    """Return energy in kWh and money in the site's currency, rounded as people need them."""
    share, price = sums.sun_share, sums.average_price
    priced = price is not None or not sums.unpriced_kwh
    return {
        "energy_kwh": round(sums.kwh, 3),
        "grid_kwh": round(sums.grid_kwh, 3),
        "solar_kwh": round(sums.sun_kwh, 3),
        "battery_kwh": round(sums.battery_kwh, 3),
        "solar_share": None if share is None else round(share, 3),
        "cost": round(sums.cost, 4) if priced else None,
        "cost_if_charged_at_once": round(sums.cost_at_once, 4) if priced else None,
        "saved": round(sums.saved, 4) if priced else None,
        "average_price": None if price is None else round(price, 5),
        "estimated_kwh": round(sums.estimated_kwh, 3),
        "unpriced_kwh": round(sums.unpriced_kwh, 3),
        **(
            {
                "planned_kwh": round(sums.planned_kwh, 3),
                "planned_cost": round(sums.planned_cost, 4),
                "would_save": round(sums.would_save, 4),
            }
            if sums.planned_kwh
            else {}
        ),
    }


def figures_of(record: SessionRecord) -> dict[str, Any]:
    """Return all that is known of a session: local ISO times, kWh, the site's currency."""
    missed = record.missed_why
    return {
        "id": record.id,
        "charger": record.charger,
        "charger_id": record.charger_id,
        "vehicle": record.vehicle,
        "vehicle_id": record.vehicle_id,
        "tag": record.tag,
        "guest": record.guest,
        "begin": _iso(record.begin),
        "end": _iso(record.end),
        **money_of(record.sums),
        "missing_kwh": None if record.missing_kwh is None else round(record.missing_kwh, 2),
        "missed_why": None if missed is None else str(missed),
        "target_met": record.target_met,
        "starts": record.starts,
        "writes": record.writes,
        "energy_known_by": str(record.energy_basis),
        "sources_known_by": str(record.source_basis),
        "unobserved_h": round(record.unobserved_h, 2),
    }


def sentence_of(record: SessionRecord, texts: ReasonTexts, currency: str) -> str:
    """Return a session in one or two sentences."""
    sums = record.sums
    who = record.vehicle or record.guest
    named = {
        "charger": record.charger,
        "energy": texts.number(sums.kwh, 1),
        "cost": texts.number(sums.cost, 2),
        "saved": texts.number(abs(sums.saved), 2),
        "solar": f"{100 * (sums.sun_share or 0.0):.0f}",
        "currency": currency,
    }
    said = []
    text = SessionText.NOTHING
    if sums.kwh:
        text = SessionText.UNPRICED if sums.unpriced_kwh else SessionText.DONE
    if who is None:
        said.append(texts.say(f"{text}_guest", **named))
    else:
        said.append(texts.say(text, car=who, **named))
    if text is SessionText.DONE:
        saved = SessionText.SAVED if sums.saved >= 0 else SessionText.LOST
        said.append(texts.say(saved, **named))
    if record.missed_why is not None and record.missing_kwh is not None:
        missing = texts.number(record.missing_kwh, 1)
        said.append(texts.say(f"session_missed_{record.missed_why}", missing=missing))
    return " ".join(said)
