"""A charge point that speaks OCPP 2.0.1."""

from itertools import count
from typing import Any, override

import websockets

from ocpp.routing import on
from ocpp.v201 import (
    ChargePoint as LibraryChargePoint201,
    call as call201,
    call_result as result201,
)
from ocpp.v201.enums import Action as Action201

from .charge_point import ChargePoint, Hearing
from .hardware import Quirks
from .profile_store import RefusedError, Transaction


class _Link201(Hearing, LibraryChargePoint201):
    def __init__(self, owner: ChargePoint201, socket: websockets.ClientConnection) -> None:
        super().__init__(owner.identity, socket)
        self.owner: ChargePoint201 = owner

    @on(Action201.set_charging_profile)
    def set_charging_profile(
        self, evse_id: int, charging_profile: dict[str, Any]
    ) -> result201.SetChargingProfile:
        try:
            self.owner.install(evse_id, charging_profile)
        except RefusedError as error:
            info = {"reason_code": str(error)[:20]}
            return result201.SetChargingProfile(status="Rejected", status_info=info)
        return result201.SetChargingProfile(status="Accepted")

    @on(Action201.clear_charging_profile)
    def clear_charging_profile(
        self,
        charging_profile_id: int | None = None,
        charging_profile_criteria: dict[str, Any] | None = None,
    ) -> result201.ClearChargingProfile:
        criteria = charging_profile_criteria or {}
        cleared = self.owner.hardware.store.clear(
            id=charging_profile_id,
            connector=criteria.get("evse_id"),
            purpose=criteria.get("charging_profile_purpose"),
            stack_level=criteria.get("stack_level"),
        )
        return result201.ClearChargingProfile(status="Accepted" if cleared else "Unknown")

    @on(Action201.get_composite_schedule)
    def get_composite_schedule(
        self, evse_id: int, duration: int, charging_rate_unit: str = "A"
    ) -> result201.GetCompositeSchedule:
        hardware = self.owner.hardware
        return result201.GetCompositeSchedule(
            status="Accepted",
            schedule={
                "evse_id": evse_id,
                "duration": duration,
                "schedule_start": hardware.now.isoformat(),
                "charging_rate_unit": "A",
                "charging_schedule_period": [
                    {"start_period": offset, "limit": round(limit, 1)}
                    for offset, limit in hardware.composite(evse_id, duration)
                ],
            },
        )

    @on(Action201.request_start_transaction)
    def remote_start(
        self, id_token: dict[str, Any], remote_start_id: int, evse_id: int = 1
    ) -> result201.RequestStartTransaction:
        return result201.RequestStartTransaction(status=self.owner.start_soon(evse_id))

    @on(Action201.request_stop_transaction)
    def remote_stop(self, transaction_id: str) -> result201.RequestStopTransaction:
        return result201.RequestStopTransaction(status=self.owner.stop_soon(transaction_id))

    @on(Action201.get_variables)
    def get_variables(self, get_variable_data: list[dict[str, Any]]) -> result201.GetVariables:
        quirks = self.owner.hardware.quirks
        known = {
            "RateUnit": ",".join(sorted(quirks.units)),
            "ProfileStackLevel": str(quirks.max_stack_level),
            "PeriodsPerSchedule": str(quirks.max_periods),
        }
        results = []
        for asked in get_variable_data:
            name = asked["variable"]["name"]
            there = asked["component"]["name"] == "SmartChargingCtrlr" and name in known
            there = there and name not in quirks.hides
            value = {"attribute_value": known[name]} if there else {}
            status = "Accepted" if there else "UnknownVariable"
            results.append(asked | {"attribute_status": status} | value)
        return result201.GetVariables(get_variable_result=results)


class ChargePoint201(ChargePoint):
    """A charging station that speaks OCPP 2.0.1."""

    subprotocol = "ocpp2.0.1"
    v201 = True

    def __init__(self, identity: str, quirks: Quirks | None = None) -> None:
        """Count its transactions and their events."""
        super().__init__(identity, quirks)
        self._events = count()
        self._transactions = count(1)

    @override
    def make_link(self, socket: websockets.ClientConnection) -> _Link201:
        return _Link201(self, socket)

    @override
    async def async_boot(self) -> None:
        boot = call201.BootNotification(
            charging_station={"model": "Sim", "vendor_name": "Test"}, reason="PowerUp"
        )
        await self.link.call(boot, suppress=False)

    @override
    async def async_tell_status(self, connector: int) -> None:
        occupied = self.hardware.connectors[connector].car is not None
        status = call201.StatusNotification(
            timestamp=self.hardware.now.isoformat(),
            connector_status="Occupied" if occupied else "Available",
            evse_id=connector,
            connector_id=1,
        )
        await self.link.call(status, suppress=False)

    @override
    async def async_begin(self, connector: int) -> None:
        transaction = Transaction(id=f"tx-{next(self._transactions)}", started=self.hardware.now)
        self.hardware.connectors[connector].transaction = transaction
        await self._tell("Started", "CablePluggedIn", connector, transaction)

    @override
    async def async_end(self, connector: int, reason: str = "Local") -> None:
        transaction = self.hardware.connectors[connector].transaction
        assert transaction is not None
        self.hardware.connectors[connector].transaction = None
        self.hardware.store.end_transaction(connector)
        await self._tell("Ended", "EVDeparted", connector, transaction, reason=reason)

    @override
    async def async_measure(self, connector: int) -> None:
        transaction = self.hardware.connectors[connector].transaction
        assert transaction is not None
        await self._tell("Updated", "MeterValuePeriodic", connector, transaction)

    async def _tell(
        self,
        kind: str,
        why: str,
        connector: int,
        transaction: Transaction,
        *,
        reason: str | None = None,
    ) -> None:
        now = self.hardware.now
        words = {"Preparing": "EVConnected", "Finishing": "EVConnected", "Available": "Idle"}
        state = words.get(status := self.hardware.status(connector), status)
        values = [_sampled(value) for value in self.measured(connector)]
        if kind != "Updated":
            values = []
        await self.link.call(
            call201.TransactionEvent(
                event_type=kind,
                timestamp=now.isoformat(),
                trigger_reason=why,
                seq_no=next(self._events),
                transaction_info={"transaction_id": transaction.id, "charging_state": state}
                | ({} if reason is None else {"stopped_reason": reason}),
                evse={"id": connector, "connector_id": 1},
                meter_value=[{"timestamp": now.isoformat(), "sampled_value": values}]
                if values
                else None,
            ),
            suppress=False,
        )


def _sampled(value: dict[str, Any]) -> dict[str, Any]:
    """Return a measured value with its unit where OCPP 2.0.1 has it."""
    sampled = {key: part for key, part in value.items() if key != "unit"}
    return sampled | ({"unit_of_measure": {"unit": value["unit"]}} if "unit" in value else {})
