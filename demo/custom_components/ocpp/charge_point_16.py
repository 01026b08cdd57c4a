"""A charge point that speaks OCPP 1.6."""

from typing import Any, override

import websockets

from ocpp.routing import on
from ocpp.v16 import ChargePoint as LibraryChargePoint16, call as call16, call_result as result16
from ocpp.v16.enums import Action as Action16

from .charge_point import ChargePoint, Hearing
from .profile_store import RefusedError, Transaction


class _Link16(Hearing, LibraryChargePoint16):
    def __init__(self, owner: ChargePoint16, socket: websockets.ClientConnection) -> None:
        super().__init__(owner.identity, socket)
        self.owner: ChargePoint16 = owner

    @on(Action16.set_charging_profile)
    def set_charging_profile(
        self, connector_id: int, cs_charging_profiles: dict[str, Any]
    ) -> result16.SetChargingProfile:
        try:
            self.owner.install(connector_id, cs_charging_profiles)
        except RefusedError:
            return result16.SetChargingProfile(status="Rejected")
        return result16.SetChargingProfile(status="Accepted")

    @on(Action16.clear_charging_profile)
    def clear_charging_profile(
        self,
        id: int | None = None,  # noqa: A002
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
    ) -> result16.ClearChargingProfile:
        cleared = self.owner.hardware.store.clear(
            id=id,
            connector=connector_id,
            purpose=charging_profile_purpose,
            stack_level=stack_level,
        )
        return result16.ClearChargingProfile(status="Accepted" if cleared else "Unknown")

    @on(Action16.get_composite_schedule)
    def get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str = "A"
    ) -> result16.GetCompositeSchedule:
        hardware = self.owner.hardware
        periods = [
            {"start_period": offset, "limit": round(limit, 1)}
            for offset, limit in hardware.composite(connector_id, duration)
        ]
        start = hardware.now.isoformat()
        return result16.GetCompositeSchedule(
            status="Accepted",
            connector_id=connector_id,
            schedule_start=start,
            charging_schedule={
                "duration": duration,
                "start_schedule": start,
                "charging_rate_unit": "A",
                "charging_schedule_period": periods,
            },
        )

    @on(Action16.remote_start_transaction)
    def remote_start(self, id_tag: str, connector_id: int = 1) -> result16.RemoteStartTransaction:
        return result16.RemoteStartTransaction(status=self.owner.start_soon(connector_id))

    @on(Action16.remote_stop_transaction)
    def remote_stop(self, transaction_id: int) -> result16.RemoteStopTransaction:
        return result16.RemoteStopTransaction(status=self.owner.stop_soon(transaction_id))

    @on(Action16.get_configuration)
    def get_configuration(self, key: list[str] | None = None) -> result16.GetConfiguration:
        known = self.owner.configuration
        asked = list(known) if key is None else key
        return result16.GetConfiguration(
            configuration_key=[
                {"key": name, "readonly": True, "value": known[name]}
                for name in asked
                if name in known
            ],
            unknown_key=[name for name in asked if name not in known],
        )


class ChargePoint16(ChargePoint):
    """A charge point that speaks OCPP 1.6."""

    subprotocol = "ocpp1.6"
    v201 = False

    @override
    def make_link(self, socket: websockets.ClientConnection) -> _Link16:
        return _Link16(self, socket)

    @override
    async def async_boot(self) -> None:
        boot = call16.BootNotification(charge_point_model="Sim", charge_point_vendor="Test")
        await self.link.call(boot, suppress=False)

    @override
    async def async_tell_status(self, connector: int) -> None:
        status = call16.StatusNotification(
            connector_id=connector, error_code="NoError", status=self.hardware.status(connector)
        )
        await self.link.call(status, suppress=False)

    @override
    async def async_begin(self, connector: int) -> None:
        now = self.hardware.now
        start = call16.StartTransaction(
            connector_id=connector, id_tag="tag", meter_start=0, timestamp=now.isoformat()
        )
        answer = await self.link.call(start, suppress=False)
        own = -1 if self.hardware.quirks.negative_ids else 1
        transaction = Transaction(id=own * answer.transaction_id, started=now)
        self.hardware.connectors[connector].transaction = transaction

    @override
    async def async_end(self, connector: int, reason: str = "Local") -> None:
        transaction = self.hardware.connectors[connector].transaction
        assert transaction is not None
        self.hardware.connectors[connector].transaction = None
        self.hardware.store.end_transaction(connector)
        stop = call16.StopTransaction(
            meter_stop=0,
            timestamp=self.hardware.now.isoformat(),
            transaction_id=transaction.id,
            reason=reason,
        )
        await self.link.call(stop, suppress=False)

    @override
    async def async_measure(self, connector: int) -> None:
        values = [value | {"value": str(value["value"])} for value in self.measured(connector)]
        values = values or [{"value": "0", "measurand": "Energy.Active.Import.Register"}]
        meter_value = [{"timestamp": self.hardware.now.isoformat(), "sampledValue": values}]
        transaction = self.hardware.connectors[connector].transaction
        await self.link.call(
            call16.MeterValues(
                connector_id=connector,
                meter_value=meter_value,
                transaction_id=None if transaction is None else transaction.id,
            ),
            suppress=False,
        )
