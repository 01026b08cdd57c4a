"""A house with a charger of OCPP: the whole integration, and charge points over real sockets."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import VOLTAGE, Quirks
from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.optivgi.const import DOMAIN
from tests.house import GRID, VEHICLES, House, charger_of, planned_kw_at, subentry

from .bench import Bench

LOOK: Final = timedelta(seconds=10)
HOUSE_W: Final = 500.0


def charger_data(prefix: str = "wallbox_1", **data: Any) -> dict[str, Any]:
    """Return the configuration of a charger whose entities begin like this."""
    return {
        "limit_entity": f"number.{prefix}_maximum_current",
        "switch_entity": f"switch.{prefix}_charge_control",
        "status_entity": f"sensor.{prefix}_status_connector",
        "power_entity": f"sensor.{prefix}_power_active_import",
        "phases": "3",
        "min_a": 6,
        "max_a": 16,
        "ocpp_profiles": "tx_default",
        **data,
    }


def install_foreign(charge_point: ChargePoint, limit_a: float) -> None:
    """Let somebody else store a profile on the highest level, which wins over ours."""
    period = {"start_period": 0, "limit": limit_a}
    profile: dict[str, Any] = {
        "charging_profile_id": 5,
        "stack_level": 8,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": {"charging_rate_unit": "A", "charging_schedule_period": [period]},
    }
    charge_point.install(1, profile)


class Home:
    """A house, its charge points and the site that drives them."""

    def __init__(self, house: House, bench: Bench) -> None:
        """Set nothing up yet."""
        self.house = house
        self.bench = bench
        self.hass: HomeAssistant = house.hass
        self.house_w = HOUSE_W

    async def async_start(
        self,
        *versions: str,
        chargers: Mapping[str, Mapping[str, Any]] | None = None,
        others: tuple[Any, ...] = (),
        circuits: Mapping[str, Mapping[str, Any]] | None = None,
        quirks: Quirks | None = None,
        since_012: bool = True,
        data: Mapping[str, Any] | None = None,
    ) -> ChargePoint:
        """Set everything up; return the first charge point.

        Args:
            versions: Of OCPP, one for each charge point.
            chargers: Their configuration by id; one charger at the first charge point by default.
            others: Subentries beside them.
            circuits: What the chargers may hang on, by id.
            quirks: What the charge points are like.
            since_012: Whether the integration `ocpp` is as of 0.12.
            data: What is different about the site.
        """
        cp = await self.bench.async_start(*versions, quirks=quirks, since_012=since_012)
        chargers = {"box": charger_data()} if chargers is None else chargers
        await self.house.async_set_up_site(
            *(subentry(id_, "charger", id_.title(), data) for id_, data in chargers.items()),
            *others,
            *(subentry(id_, "circuit", id_.title(), of) for id_, of in (circuits or {}).items()),
            *(VEHICLES if others else ()),
            data=data,
        )
        return cp

    async def async_plug_in(
        self, charge_point: ChargePoint, connector: int = 1, **car: Any
    ) -> None:
        """Plug a car in, and let the site plan for it."""
        await charge_point.async_plug_in(connector, **car)
        await self.async_pass(2)

    async def async_pass(self, looks: int = 1, every: timedelta = LOOK) -> None:
        """Let time pass in which charge points and the meter report and the site looks."""
        await self._async_settle()
        for _ in range(looks):
            self.house.freezer.tick(every)
            for charge_point in self.bench.charge_points:
                if charge_point.connected:
                    await charge_point.async_report()
            self.report_meter()
            async_fire_time_changed(self.hass)
            await self._async_settle()

    async def _async_settle(self) -> None:
        """Wait for all that is under way: it would be given up, if time passed before its answer.

        What charge points begin after an answer goes over sockets, of which Home Assistant knows
        nothing: on a busy machine that takes longer than all it has to do itself.
        """
        await self.hass.async_block_till_done(wait_background_tasks=True)
        while any([await charge_point.async_finish() for charge_point in self.bench.charge_points]):
            await self.hass.async_block_till_done(wait_background_tasks=True)

    async def async_set_by(self, user: User, entity_id: str, value: float) -> None:
        """Let a person set a number."""
        await self.hass.services.async_call(
            "number",
            "set_value",
            {"entity_id": entity_id, "value": value},
            blocking=True,
            context=Context(user_id=user.id),
        )

    def report_meter(self) -> None:
        """Let the meter at the grid tell what is drawn."""
        drawn_w = sum(
            sum(cp.hardware.drawn_a(connector)) * VOLTAGE
            for cp in self.bench.charge_points
            for connector in cp.hardware.connectors
        )
        self.house.set_power(GRID, self.house_w + drawn_w)

    async def async_status(self, name: str = "Box") -> tuple[str, str]:
        """Return what a charger does and why."""
        found = charger_of(await self.house.async_schedule(), name)
        return found["status"], found["reason"]

    async def async_planned_kw(self, moments: list[datetime], name: str = "Box") -> list[float]:
        """Return what is planned for a charger at some moments."""
        charger = charger_of(await self.house.async_schedule(), name)
        return [planned_kw_at(charger, moment) for moment in moments]

    @property
    def issues(self) -> set[str]:
        """What people are asked to fix."""
        return {id_ for domain, id_ in ir.async_get(self.hass).issues if domain == DOMAIN}

    def attributes(self, sensor: str = "sensor.box_status") -> Mapping[str, Any]:
        """Return what a status tells beside its word."""
        return self.house.state(sensor).attributes


def allowed_kw(
    charge_point: ChargePoint, moment: datetime | None = None, connector: int = 1
) -> float:
    """Return what a charge point allows on three phases."""
    return charge_point.hardware.limit_a(connector, moment) * 3 * VOLTAGE / 1000
