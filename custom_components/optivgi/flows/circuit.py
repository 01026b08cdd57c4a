"""Add or change a circuit: what it hangs on, what it may carry, and what measures it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector, TextSelector
import voluptuous as vol

from ..const import (
    CONF_CIRCUIT,
    CONF_FUSE_A,
    CONF_LIMIT_KW,
    CONF_METER_FACTOR,
    CONF_METER_INVERTED,
    CONF_PHASES,
    CONF_POWER_ENTITY,
    CONF_VOLTAGE,
    DEFAULT_VOLTAGE,
    METER_CORRECTIONS,
    METERS,
    PHASE_ENTITIES,
    SUBENTRY_CHARGER,
    SUBENTRY_CIRCUIT,
)
from ..site.site_circuit import circuit_paths
from .fields import POWER_FIELD, AskedOnce, Refusal, circuit_field, number_field
from .meter_checks import METER_WARNINGS, check_phase_readings, check_phase_sensors, check_power
from .site_schemas import METER_FACTOR_FIELD, PER_PHASE_FIELDS, SECTION_METER, SECTION_PHASES
from .subentry import FilledSubentryFlow

_FORM: Final = "config_subentries.circuit.step.user"


def circuit_schema(circuits: Mapping[str, str]) -> vol.Schema:
    """Return the form of a circuit; ``circuits`` are the names of those it may hang on, by id."""
    return vol.Schema(
        {
            vol.Required(CONF_NAME): TextSelector(),
            vol.Optional(CONF_FUSE_A): number_field(1, 10_000, "A"),
            vol.Optional(CONF_LIMIT_KW): number_field(0.1, 10_000, "kW"),
            **({vol.Optional(CONF_CIRCUIT): circuit_field(circuits)} if circuits else {}),
            vol.Optional(CONF_POWER_ENTITY): POWER_FIELD,
            vol.Optional(SECTION_METER): section(
                vol.Schema(
                    {
                        vol.Optional(CONF_METER_INVERTED): BooleanSelector(),
                        vol.Optional(CONF_METER_FACTOR): METER_FACTOR_FIELD,
                    }
                ),
                {"collapsed": True},
            ),
            vol.Optional(SECTION_PHASES): section(
                vol.Schema(PER_PHASE_FIELDS), {"collapsed": True}
            ),
        }
    )


class CircuitFlow(FilledSubentryFlow):
    """Adds a circuit to a site, or changes one."""

    form = _FORM

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.asked = AskedOnce(METER_WARNINGS)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new circuit."""
        return await self.async_fill(SOURCE_USER, user_input, {}, circuit_schema(self._above()))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a circuit."""
        return await self.async_fill(
            SOURCE_RECONFIGURE, user_input, self.configured(), circuit_schema(self._above())
        )

    @override
    def configured(self) -> dict[str, Any]:
        known = super().configured()
        if known.get(CONF_CIRCUIT) not in self._above():
            known.pop(CONF_CIRCUIT, None)
        return known

    def _above(self) -> dict[str, str]:
        """Return the circuits that it may hang on: those that do not hang on it."""
        entry = self._get_entry()
        return {
            circuit_id: entry.subentries[circuit_id].title
            for circuit_id, path in circuit_paths(entry).items()
            if self.own_id not in path
        }

    @override
    def refusals(self, entered: Mapping[str, Any]) -> Iterator[Refusal | None]:
        """Yield what is wrong, one after the other."""
        yield self.check_name(entered[CONF_NAME], SUBENTRY_CIRCUIT)
        if not entered.keys() & {CONF_FUSE_A, CONF_LIMIT_KW}:
            yield CONF_FUSE_A, "limit_missing", {}
            return
        yield self._check_meter_unused(entered)
        site = self._get_entry().data
        meter = {
            **entered,
            CONF_PHASES: site[CONF_PHASES],
            CONF_VOLTAGE: site.get(CONF_VOLTAGE, DEFAULT_VOLTAGE),
        }
        for check in (check_power, check_phase_sensors, check_phase_readings):
            yield check(self.hass, meter)

    @override
    def finish(self, entered: dict[str, Any]) -> SubentryFlowResult:
        kept = {k: v for k, v in entered.items() if METER_CORRECTIONS.get(k) != v}
        if self.source == SOURCE_RECONFIGURE:
            before = self._get_reconfigure_subentry().data
            is_other = any(before.get(key) != kept.get(key) for key in METERS)
            if is_other and all(before.get(k) == kept.get(k) for k in METER_CORRECTIONS):
                # What corrects a meter is wrong for another one, and was left as it stood.
                kept = {k: v for k, v in kept.items() if k not in METER_CORRECTIONS}
        return super().finish(kept)

    def _check_meter_unused(self, entered: Mapping[str, Any]) -> Refusal | None:
        """Return which sensor measures something else: another circuit, a charger, or the site."""
        entry = self._get_entry()
        others = {entry.title: entry.data} | {
            other.title: other.data
            for kind in (SUBENTRY_CIRCUIT, SUBENTRY_CHARGER)
            for other in entry.get_subentries_of_type(kind)
            if other.subentry_id != self.own_id
        }
        for key in (CONF_POWER_ENTITY, *PHASE_ENTITIES):
            for title, data in others.items():
                if key in entered and entered[key] in [data.get(meter) for meter in METERS]:
                    return key, "power_in_use", {"entity": entered[key], "other": title}
        return None
