"""The central system's end of the connections to charge points.

What it reports of a charge point are metrics, by connector and by the name that the entity's id
ends with; connector 0 is the charge point itself.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import logging
from typing import Any, override

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ocpp.routing import on
from ocpp.v16 import ChargePoint as LibraryChargePoint16, call as call16, call_result as result16
from ocpp.v16.enums import Action as Action16
from ocpp.v201 import (
    ChargePoint as LibraryChargePoint201,
    call as call201,
    call_result as result201,
)
from ocpp.v201.enums import Action as Action201

LOGGER = logging.getLogger("tests.ocpp")
STATION = 0


class Station:
    """A charge point as the central system knows it, whether it is connected or not."""

    def __init__(self, cpid: str, identity: str, connectors: int) -> None:
        """Know nothing of it yet."""
        self.cpid = cpid
        self.identity = identity
        self.connectors = connectors
        self.link: Link16 | Link201 | None = None
        self.connected = False
        self.gone = asyncio.Event()
        """Set while the central system knows that the connection is lost."""
        self.metrics: dict[tuple[int, str], Any] = {(STATION, "reconnects"): 0}
        self.phases: dict[int, dict[str, float]] = {}
        self.last_transaction = 0
        self.on_change: Callable[[], None] | None = None

    def tell(self, connector: int, **metrics: Any) -> None:
        """Take up what a charge point reported, and let the entities show it."""
        self.metrics |= {(connector, name): value for name, value in metrics.items()}
        self.publish()

    def publish(self) -> None:
        """Let the entities write their states."""
        if self.on_change is not None:
            self.on_change()

    def take_values(self, connector: int, meter_values: list[dict[str, Any]]) -> None:
        """Take up meter values: A as the average of the phases that carry any."""
        per_phase: dict[str, list[float]] = {}
        units: dict[str, str | None] = {}
        for sample in (sample for value in meter_values for sample in value["sampled_value"]):
            name = sample.get("measurand", "").replace(".", "_").lower()
            per_phase.setdefault(name, []).append(float(sample["value"]))
            units[name] = sample.get("unit") or sample.get("unit_of_measure", {}).get("unit")
        sent = {}
        for name, values in per_phase.items():
            carrying = [value for value in values if value] or [0.0]
            # What comes without a unit is shown as it is, in kW.
            per_unit = 1000 if units[name] == "W" else 1
            sent[name] = round(sum(carrying) / len(carrying) / per_unit, 3)
        self.tell(connector, **sent)


class Link16(LibraryChargePoint16):
    """A connection to a charge point that speaks OCPP 1.6."""

    def __init__(self, station: Station, socket: Any, timeout_s: float) -> None:
        """Listen to a charge point."""
        super().__init__(station.identity, socket, response_timeout=timeout_s)
        self.station = station

    @on(Action16.boot_notification)
    def _boot_notification(self, **_: Any) -> result16.BootNotification:
        return result16.BootNotification(
            current_time=datetime.now(UTC).isoformat(), interval=300, status="Accepted"
        )

    @on(Action16.status_notification)
    def _status_notification(
        self, connector_id: int, status: str, **_: Any
    ) -> result16.StatusNotification:
        self.station.tell(connector_id, status_connector=status)
        return result16.StatusNotification()

    @on(Action16.start_transaction)
    def _start_transaction(self, connector_id: int, **_: Any) -> result16.StartTransaction:
        station = self.station
        station.last_transaction = max(
            station.last_transaction + 1, int(datetime.now(UTC).timestamp())
        )
        station.tell(connector_id, transaction_id=station.last_transaction)
        return result16.StartTransaction(
            transaction_id=station.last_transaction, id_tag_info={"status": "Accepted"}
        )

    @on(Action16.stop_transaction)
    def _stop_transaction(
        self, transaction_id: int, reason: str = "Local", **_: Any
    ) -> result16.StopTransaction:
        for (connector, name), value in list(self.station.metrics.items()):
            if name == "transaction_id" and value == transaction_id:
                self.station.tell(connector, transaction_id=0, stop_reason=reason)
        return result16.StopTransaction()

    @on(Action16.meter_values)
    def _meter_values(
        self,
        connector_id: int,
        meter_value: list[dict[str, Any]],
        transaction_id: int | None = None,
        **_: Any,
    ) -> result16.MeterValues:
        if transaction_id:
            # What the charge point says counts, whatever it was given.
            self.station.tell(connector_id, transaction_id=transaction_id)
        self.station.take_values(connector_id, meter_value)
        return result16.MeterValues()

    async def async_set_profile(self, connector: int, profile: dict[str, Any]) -> bool:
        """Send a profile; return whether it was accepted."""
        answer = await self.call(
            call16.SetChargingProfile(connector_id=connector, cs_charging_profiles=profile),
            suppress=False,
        )
        return bool(answer.status == "Accepted")

    async def async_set_custom_profile(self, connector: int, profile: dict[str, Any]) -> None:
        """Send somebody's profile; whatever goes wrong is written to the log only."""
        try:
            if not await self.async_set_profile(connector, profile):
                LOGGER.warning("Custom SetChargingProfile rejected")
        except Exception as error:  # noqa: BLE001
            LOGGER.warning("Custom SetChargingProfile failed: %r", error)

    async def async_set_limit(self, connector: int, limit_a: float) -> bool:
        """Limit the station, or where it does not take that, the connector."""
        highest = int(await self.async_get_configuration("ChargeProfileMaxStackLevel"))
        transaction = self.station.metrics.get((connector or 1, "transaction_id"))
        units = await self.async_get_configuration("ChargingScheduleAllowedChargingRateUnit")
        # For one phase, without saying so: a charge point shares it between three.
        in_watt = units == "Power"
        schedule = {
            "chargingRateUnit": "W" if in_watt else "A",
            "chargingSchedulePeriod": [
                {"startPeriod": 0, "limit": limit_a * 230 if in_watt else limit_a}
            ],
        }
        relative = {"chargingProfileKind": "Relative", "chargingSchedule": schedule}
        if await self.async_set_profile(
            STATION,
            {
                "chargingProfileId": 1000,
                "stackLevel": highest,
                "chargingProfilePurpose": "ChargePointMaxProfile",
                **relative,
            },
        ):
            return True
        accepted = False
        if transaction:
            accepted = await self.async_set_session_limit(connector, limit_a)
        default = {
            "chargingProfileId": 2000 + (connector or 1),
            "stackLevel": max(0, highest - 1),
            "chargingProfilePurpose": "TxDefaultProfile",
            **relative,
        }
        return await self.async_set_profile(connector or 1, default) or accepted

    async def async_set_session_limit(self, connector: int, limit_a: float) -> bool:
        """Limit the transaction at a connector."""
        highest = int(await self.async_get_configuration("ChargeProfileMaxStackLevel"))
        profile = {
            "chargingProfileId": 3000 + (connector or 1),
            "transactionId": self.station.metrics[connector or 1, "transaction_id"],
            "stackLevel": highest,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_a}],
            },
        }
        return await self.async_set_profile(connector or 1, profile)

    async def async_start(self, connector: int) -> None:
        """Have a charge point start a transaction."""
        await self.call(
            call16.RemoteStartTransaction(id_tag="tag", connector_id=connector), suppress=False
        )

    async def async_stop(self, connector: int) -> None:
        """Have a charge point end the transaction."""
        transaction = self.station.metrics[connector, "transaction_id"]
        await self.call(call16.RemoteStopTransaction(transaction_id=transaction), suppress=False)

    async def async_clear_profiles(self) -> None:
        """Clear every profile in the charge point, from any sender."""
        await self.call(call16.ClearChargingProfile(), suppress=False)

    async def async_get_configuration(self, key: str) -> Any:
        """Return the value of a key, or all keys."""
        answer = await self.call(
            call16.GetConfiguration(key=[key] if key else None), suppress=False
        )
        found = {entry["key"]: entry["value"] for entry in answer.configuration_key or []}
        return found.get(key, "Unknown") if key else found


class Link201(LibraryChargePoint201):
    """A connection to a charging station that speaks OCPP 2.0.1."""

    def __init__(self, station: Station, socket: Any, timeout_s: float) -> None:
        """Listen to a charging station."""
        super().__init__(station.identity, socket, response_timeout=timeout_s)
        self.station = station

    @on(Action201.boot_notification)
    def _boot_notification(self, **_: Any) -> result201.BootNotification:
        return result201.BootNotification(
            current_time=datetime.now(UTC).isoformat(), interval=300, status="Accepted"
        )

    @on(Action201.status_notification)
    def _status_notification(
        self, evse_id: int, connector_status: str, **_: Any
    ) -> result201.StatusNotification:
        known = self.station.metrics.get((evse_id, "status_connector"))
        # A transaction shows more than that something is plugged in.
        if connector_status != "Occupied":
            self.station.tell(evse_id, status_connector=connector_status)
        elif known in {None, "Available"}:
            self.station.tell(evse_id, status_connector="Preparing")
        return result201.StatusNotification()

    @on(Action201.transaction_event)
    def _transaction_event(
        self,
        event_type: str,
        transaction_info: dict[str, Any],
        evse: dict[str, Any],
        meter_value: list[dict[str, Any]] | None = None,
        **_: Any,
    ) -> result201.TransactionEvent:
        connector = evse["id"]
        state = transaction_info.get("charging_state", "EVConnected")
        status = {"EVConnected": "Preparing", "Idle": "Available"}.get(state, state)
        ended = event_type == "Ended"
        self.station.tell(
            connector,
            status_connector=status,
            transaction_id="" if ended else transaction_info["transaction_id"],
            **({"stop_reason": transaction_info.get("stopped_reason")} if ended else {}),
        )
        if meter_value:
            self.station.take_values(connector, meter_value)
        return result201.TransactionEvent()

    @override
    async def call(self, payload: Any, **options: Any) -> Any:
        return await super().call(payload, **({"suppress": False} | options))

    async def async_set_profile(self, connector: int, profile: dict[str, Any]) -> Any:
        """Send a profile; return the answer."""
        return await self.call(
            call201.SetChargingProfile(evse_id=connector, charging_profile=profile)
        )

    async def async_set_custom_profile(self, connector: int, profile: dict[str, Any]) -> None:
        """Send somebody's profile; a refusal is reported."""
        answer = await self.async_set_profile(connector, profile)
        if answer.status != "Accepted":
            raise HomeAssistantError(f"SetChargingProfile {answer.status}: {answer.status_info}")

    async def async_set_limit(self, connector: int, limit_a: float) -> bool:
        """Limit the station."""
        answer = await self.async_set_profile(
            STATION,
            {
                "id": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "ChargingStationMaxProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": [
                    {
                        "id": 1,
                        "startSchedule": "2020-01-01T00:00:00Z",
                        "chargingRateUnit": "A",
                        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_a}],
                    }
                ],
            },
        )
        return bool(answer.status == "Accepted")

    async def async_set_session_limit(self, connector: int, limit_a: float) -> bool:
        """Limit the transaction at a connector; not offered for this version here."""
        return False

    async def async_start(self, connector: int) -> None:
        """Have a charging station start a transaction."""
        token = {"id_token": "tag", "type": "Central"}
        await self.call(
            call201.RequestStartTransaction(id_token=token, remote_start_id=1, evse_id=connector)
        )

    async def async_stop(self, connector: int) -> None:
        """Have a charging station end the transaction."""
        transaction = self.station.metrics[connector, "transaction_id"]
        await self.call(call201.RequestStopTransaction(transaction_id=transaction))

    async def async_clear_profiles(self) -> None:
        """Clear the station's limit only."""
        criteria = {"charging_profile_purpose": "ChargingStationMaxProfile"}
        await self.call(call201.ClearChargingProfile(charging_profile_criteria=criteria))

    async def async_get_configuration(self, key: str) -> Any:
        """Return the value of a variable of a component."""
        component, slash, variable = key.partition("/")
        if not slash:
            raise ServiceValidationError("Invalid OCPP key")
        asked = {"component": {"name": component}, "variable": {"name": variable}}
        answer = await self.call(call201.GetVariables(get_variable_data=[asked]))
        result = answer.get_variable_result[0]
        if result["attribute_status"] != "Accepted":
            raise HomeAssistantError(f"GetVariables {result['attribute_status']}")
        return result["attribute_value"]
