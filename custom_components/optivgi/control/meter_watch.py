"""Watches the meter: asks it before it is called silent, and says when it is lost or wrong."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
import math
from typing import Final

from homeassistant.components.homeassistant import DOMAIN as CORE_DOMAIN, SERVICE_UPDATE_ENTITY
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..bindings.house.meter import GridMeter
from ..bindings.house.power_sensor import MeterFault
from ..charging.charging_point import ChargingPoint
from ..const import DOMAIN, LOGGER, FixedBy
from ..site.site import Site
from ..site.site_circuit import SiteCircuit
from .part_issues import part_data

_TEXTS: Final[Mapping[tuple[MeterFault, bool], str]] = {
    (MeterFault.BEYOND, False): "meter_beyond",
    (MeterFault.BELOW, False): "meter_below",
    (MeterFault.BEYOND, True): "circuit_meter_beyond",
    (MeterFault.BELOW, True): "circuit_meter_below",
}
"""By what is wrong, and whether it is the meter of a circuit."""
_FAULTS: Final = (MeterFault.BEYOND, MeterFault.BELOW)
# Meters of chargers that report every few minutes lag behind for that long; nobody has to be
# called for that.
_LASTS: Final = timedelta(minutes=5)


def meter_issue_ids(entry_id: str) -> list[str]:
    """Return the ids of the issues about the meter of a site."""
    return [_issue_id(fault, entry_id) for fault in _FAULTS]


def _issue_id(fault: MeterFault, owner_id: str, *, of_circuit: bool = False) -> str:
    return f"{_TEXTS[fault, of_circuit]}_{owner_id}"


class MeterIssues:
    """Has a person look at one meter that goes on showing what cannot be."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        meter: GridMeter,
        points: Sequence[ChargingPoint],
        *,
        limit_kw: float,
        circuit: SiteCircuit | None = None,
    ) -> None:
        """Watch the meter of a site, or of a circuit.

        Args:
            hass: Home Assistant.
            entry: The site.
            meter: Its meter.
            points: The chargers behind it.
            limit_kw: What it carries.
            circuit: The circuit that it measures; None for the whole site.
        """
        self._hass, self._entry, self._meter = hass, entry, meter
        self._points, self._limit_kw, self._circuit = points, limit_kw, circuit
        self._since: datetime | None = None

    @callback
    def look(self, now: datetime) -> None:
        """Look at the meter as it was last observed."""
        meter = self._meter
        shown = meter.implausible
        if not shown:
            self._since = None
            if meter.fault is None and (meter.doubt.proven or not meter.counts_chargers):
                for issue_id in map(self._issue_id, _FAULTS):
                    ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        self._since = self._since or now
        if now - self._since >= _LASTS:
            self._report(MeterFault.BELOW if meter.doubt.lasting else MeterFault.BEYOND, shown)

    def _issue_id(self, fault: MeterFault) -> str:
        circuit = self._circuit
        owner_id = self._entry.entry_id if circuit is None else circuit.id
        return _issue_id(fault, owner_id, of_circuit=circuit is not None)

    def _report(self, fault: MeterFault, shown: Mapping[str, float | None]) -> None:
        issue_id, circuit = self._issue_id(fault), self._circuit
        if ir.async_get(self._hass).async_get_issue(DOMAIN, issue_id) is not None:
            return
        drawn_kw = math.fsum(point.load.drawn_kw for point in self._points if point.plugged)
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            data={"entry_id": self._entry.entry_id}
            if circuit is None
            else part_data(circuit.id, FixedBy.CIRCUIT_METER),
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_TEXTS[fault, circuit is not None],
            translation_placeholders={
                "entity": ", ".join(shown),
                "shown": ", ".join("-" if kw is None else f"{kw:.3g}" for kw in shown.values()),
                "drawn": f"{drawn_kw:.1f}",
                "limit": f"{self._limit_kw:.3g}",
                "circuit": "" if circuit is None else circuit.name,
            },
        )


class MeterWatch:
    """Looks after the meter of a site, and those of its circuits."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, site: Site) -> None:
        """Watch a site's meter."""
        self._hass = hass
        self._entry = entry
        self._site = site
        self._lost = False
        points = site.points.values()
        self._issues = [MeterIssues(hass, entry, site.meter, list(points), limit_kw=site.limit_kw)]
        for circuit in site.circuits.values():
            if not circuit.house.meter.entity_ids:
                continue
            behind = [point for point in points if circuit.id in point.circuits]
            meter, limit_kw = circuit.house.meter, circuit.limit_kw
            self._issues.append(
                MeterIssues(hass, entry, meter, behind, limit_kw=limit_kw, circuit=circuit)
            )

    @callback
    def look(self, now: datetime) -> None:
        """Look at the meters as they were last observed."""
        for issues in self._issues:
            issues.look(now)
        # Where nobody charges, nobody needs to know what the house takes.
        charging = any(point.plugged for point in self._site.points.values())
        if charging:
            self._ask(now)
        self._log(charging=charging)

    def _log(self, *, charging: bool) -> None:
        """Log once that the meter was lost, and once that it is back."""
        lost = [e for house in self._site.houses for e in house.meter.entities_at_fault]
        if lost and charging and not self._lost:
            self._lost = True
            LOGGER.warning(
                "%s: %s of no use now, cars charge with their min current",
                self._site.name,
                ", ".join(lost),
            )
        elif not lost and self._lost:
            self._lost = False
            LOGGER.info("%s: the meter is back", self._site.name)

    def _ask(self, now: datetime) -> None:
        if self._hass.services.has_service(CORE_DOMAIN, SERVICE_UPDATE_ENTITY) and (
            silent := [e for house in self._site.houses for e in house.meter.ask(now)]
        ):
            self._hass.async_create_task(
                self._hass.services.async_call(
                    CORE_DOMAIN, SERVICE_UPDATE_ENTITY, {ATTR_ENTITY_ID: silent}
                ),
                "optivgi ask the meter",
            )
