"""A central system in Home Assistant, charge points connected to it, and a control to try."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.charge_point_16 import ChargePoint16
from demo.custom_components.ocpp.charge_point_201 import ChargePoint201
from demo.custom_components.ocpp.hardware import Quirks
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.optivgi.bindings.chargers.ocpp.charging_profile import PlannedLimits, Wiring
from custom_components.optivgi.bindings.chargers.ocpp.profile_control import (
    OcppAddress,
    OcppProfileControl,
    ProfileReport,
)
from custom_components.optivgi.const import DOMAIN
from custom_components.optivgi.scheduler.model import Horizon

from .central_system import CentralSystem

THREE_PHASES = Wiring(phases=3, voltage=230)
MINUTE = timedelta(minutes=1)
# 16, 10 and 6 A on three phases
FAST_KW, MIDDLE_KW, MIN_KW = 11.04, 6.9, 4.14


class Bench:
    """What a test needs at hand; it ends everything that it began."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Begin nothing yet."""
        self.hass = hass
        self.freezer = freezer
        self.central = CentralSystem(hass)
        self.charge_points: list[ChargePoint] = []

    async def async_start(
        self, *versions: str, since_012: bool = True, quirks: Quirks | None = None
    ) -> ChargePoint:
        """Set the central system up with connected charge points; return the first one.

        They are called wallbox_1, wallbox_2 and so on.
        """
        self.central.since_012 = since_012
        quirks = quirks or Quirks()
        kinds = {"1.6": ChargePoint16, "2.0.1": ChargePoint201}
        for number, version in enumerate(versions, 1):
            self.charge_points.append(kinds[version](f"CP-{number}", quirks))
            self.central.add(f"wallbox_{number}", f"CP-{number}", quirks.connectors)
        port = await self.central.async_set_up()
        for charge_point in self.charge_points:
            await charge_point.async_connect(port)
        return self.charge_points[0]

    async def async_stop(self) -> None:
        """End the site, and all connections.

        A test may end while something is on its way. Who waits for an answer gives up only as
        time passes, and by itself it does not.
        """
        passing = asyncio.create_task(self._let_time_pass())
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            if entry.state is ConfigEntryState.LOADED:
                await self.hass.config_entries.async_unload(entry.entry_id)
        for charge_point in self.charge_points:
            await charge_point.async_disconnect()
        await self.central.async_kill()
        await self.hass.async_block_till_done(wait_background_tasks=True)
        passing.cancel()

    async def _let_time_pass(self) -> None:
        while True:
            self.freezer.tick()
            await asyncio.sleep(0)

    def control(
        self, entity_id: str = "sensor.wallbox_1_status_connector", **options: Any
    ) -> OcppProfileControl:
        """Return a control for the connector that an entity belongs to."""
        address = OcppAddress.find(self.hass, [entity_id])
        assert address is not None
        return OcppProfileControl(self.hass, address, **({"max_a": 16.0} | options))

    @property
    def now(self) -> datetime:
        """The present."""
        return datetime.now(UTC)

    async def async_wait(self, times: int = 1, every: timedelta = MINUTE) -> None:
        """Let minutes pass in which charge points report and nobody looks."""
        for _ in range(times):
            self.freezer.tick(every)
            for charge_point in self.charge_points:
                if charge_point.connected:
                    await charge_point.async_report()

    async def async_pass(
        self,
        control: OcppProfileControl,
        limits: PlannedLimits,
        times: int = 1,
        every: timedelta = MINUTE,
        **options: Any,
    ) -> ProfileReport:
        """Let minutes pass in which charge points report, and the control looks at its own."""
        for _ in range(times):
            await self.async_wait(every=every)
            await control.async_apply(limits, THREE_PHASES, **options)
        return control.report

    async def async_lose(self, charge_point: ChargePoint) -> None:
        """Let a charge point lose its connection, and the central system find that out."""
        station = next(
            s for s in self.central.stations.values() if s.identity == charge_point.identity
        )
        await charge_point.async_disconnect()
        await station.gone.wait()

    async def async_apply_in_vain(
        self,
        control: OcppProfileControl,
        limits: PlannedLimits,
        charge_point: ChargePoint,
        seconds: float,
    ) -> ProfileReport:
        """Tell a mute charge point something, and let time pass until that is given up."""
        charge_point.left_unanswered.clear()
        applying = asyncio.create_task(control.async_apply(limits, THREE_PHASES))
        await charge_point.left_unanswered.wait()
        # The event loop goes by this clock too; to the instant, it would never get there.
        self.freezer.tick(seconds + 0.5)
        return await applying


def limits_from(
    now: datetime, *limit_kw: float, step_h: float = 1.0, safe_kw: float = MIN_KW
) -> PlannedLimits:
    """Return limits of steps from now on."""
    horizon = Horizon(start=now, step_h=(step_h,) * len(limit_kw))
    return PlannedLimits(horizon=horizon, limit_kw=limit_kw, safe_kw=safe_kw)


def offered(charge_point: ChargePoint, moments: Iterable[datetime]) -> list[float]:
    """Return what a charge point will allow at its first connector, rounded to 0.1 A."""
    return [round(charge_point.hardware.limit_a(1, moment), 1) for moment in moments]
