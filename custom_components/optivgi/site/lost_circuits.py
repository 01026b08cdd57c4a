"""Circuits that were deleted: what hung on them hangs on the one above, as a repair says."""

from collections.abc import Mapping
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import CONF_CIRCUIT, DOMAIN, SUBENTRY_CHARGER
from .site_circuit import SiteCircuit

_DELETED: Final = "circuit_deleted"


def lost_circuit_issue_id(charger_id: str) -> str:
    """Return the id of the issue about a charger whose circuit was deleted."""
    return f"{_DELETED}_{charger_id}"


@callback
def async_rehang(
    hass: HomeAssistant, entry: ConfigEntry, before: Mapping[str, SiteCircuit]
) -> None:
    """Have what hung on a circuit that was deleted hang on the one above, whose limit still holds.

    Chargers that named it are reported, until somebody confirms that or names another circuit.

    Args:
        hass: Home Assistant.
        entry: The site as it is now.
        before: Its circuits as they were; none where it was not loaded meanwhile: what was above
            one is not known then.
    """
    for subentry in list(entry.subentries.values()):
        hung_on: str | None = subentry.data.get(CONF_CIRCUIT)
        above = hung_on
        while above is not None and above not in entry.subentries:
            above = before[above].parent if above in before else None
        if above == hung_on:
            continue
        data = {key: value for key, value in subentry.data.items() if key != CONF_CIRCUIT}
        data |= {} if above is None else {CONF_CIRCUIT: above}
        hass.config_entries.async_update_subentry(entry, subentry, data=data)
        if subentry.subentry_type == SUBENTRY_CHARGER:
            _report(hass, entry, subentry, above)


@callback
def async_hang_anew(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Have all hang on what is there when a site is set up, also what changed meanwhile.

    The issues of chargers are deleted that are gone, or have got another circuit since.
    """
    async_rehang(hass, entry, {})
    for issue in list(ir.async_get(hass).issues.values()):
        of_charger = issue.data or {}
        if issue.domain != DOMAIN or of_charger.get("lost_circuit_of") != entry.entry_id:
            continue
        charger = entry.subentries.get(str(of_charger["charger"]))
        if charger is None or charger.data.get(CONF_CIRCUIT) != of_charger["above"]:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


def _report(
    hass: HomeAssistant, entry: ConfigEntry, charger: ConfigSubentry, above: str | None
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        lost_circuit_issue_id(charger.subentry_id),
        data={
            "lost_circuit_of": entry.entry_id,
            "charger": charger.subentry_id,
            "above": above,
        },
        is_fixable=True,
        # What it hung on is forgotten by the next start.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_DELETED,
        translation_placeholders={
            "charger": charger.title,
            "above": entry.title if above is None else entry.subentries[above].title,
        },
    )
