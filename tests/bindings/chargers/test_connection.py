"""The words of the brands for what a car does at their chargers."""

import pytest

from custom_components.optivgi.bindings.chargers.connection import Connection
from custom_components.optivgi.bindings.chargers.meanings import connection_of, is_status_of_charger

UNPLUGGED, PLUGGED, CHARGING = Connection.UNPLUGGED, Connection.PLUGGED, Connection.CHARGING
FINISHED, FAULT, UNKNOWN = Connection.FINISHED, Connection.FAULT, Connection.UNKNOWN

BRANDS: dict[str, dict[str, Connection]] = {
    "plugged entity": {"on": PLUGGED, "off": UNPLUGGED, "True": PLUGGED, "no": UNPLUGGED},
    "OCPP": {
        "Available": UNPLUGGED,
        "Preparing": PLUGGED,
        "Charging": CHARGING,
        "SuspendedEV": FINISHED,
        "SuspendedEVSE": PLUGGED,
        "Finishing": FINISHED,
        "Reserved": UNPLUGGED,
        "Unavailable": FAULT,
        "Faulted": FAULT,
        "Occupied": PLUGGED,
    },
    "IEC 61851": {
        "A": UNPLUGGED,
        "B": PLUGGED,
        "C": CHARGING,
        "D": CHARGING,
        "E": FAULT,
        "F": FAULT,
    },
    "Wallbox": {
        "Charging": CHARGING,
        "Discharging": CHARGING,
        "Paused": PLUGGED,
        "Scheduled": PLUGGED,
        "Waiting for car demand": PLUGGED,
        "Waiting": PLUGGED,
        "Waiting in queue by Power Boost": PLUGGED,
        "Disconnected": UNPLUGGED,
        "Ready": UNPLUGGED,
        "Locked": UNPLUGGED,
        "Locked, car connected": PLUGGED,
        "Error": FAULT,
    },
    "Peblar": {
        "no_ev_connected": UNPLUGGED,
        "suspended": PLUGGED,
        "charging": CHARGING,
        "error": FAULT,
        "fault": FAULT,
        "invalid": FAULT,
    },
    "OpenEVSE": {
        "not_connected": UNPLUGGED,
        "connected": PLUGGED,
        "charging": CHARGING,
        "sleeping": PLUGGED,
        "vent_required": FAULT,
        "diode_check_failed": FAULT,
        "gfci_fault": FAULT,
        "gfci_self_test_failure": FAULT,
        "no_ground": FAULT,
        "stuck_relay": FAULT,
        "over_temperature": FAULT,
        "disabled": UNKNOWN,
    },
    "Lektrico": {
        "available": UNPLUGGED,
        "connected": PLUGGED,
        "need_auth": PLUGGED,
        "paused": PLUGGED,
        "paused_by_scheduler": PLUGGED,
        "charging": CHARGING,
        "error": FAULT,
        "updating_firmware": FAULT,
    },
    "TechnoVE": {
        "unplugged": UNPLUGGED,
        "plugged_waiting": PLUGGED,
        "plugged_charging": CHARGING,
        "high_tariff_period": PLUGGED,
        "out_of_activation_period": PLUGGED,
        "pilot_fault": FAULT,
    },
    "NRGkick": {
        "standby": UNPLUGGED,
        "connected": PLUGGED,
        "charging": CHARGING,
        "wakeup": PLUGGED,
        "error": FAULT,
    },
    "BESEN": {
        "not_connected": UNPLUGGED,
        "ready_to_charge": PLUGGED,
        "waiting_for_swipe": PLUGGED,
        "charging_reservation": PLUGGED,
        "charging": CHARGING,
        "completed_full_charge": FINISHED,
        "charging_fault_1": FAULT,
    },
    "Prism": {"idle": UNPLUGGED, "waiting": PLUGGED, "pause": PLUGGED, "charging": CHARGING},
    "Ohme": {
        "unplugged": UNPLUGGED,
        "pending_approval": PLUGGED,
        "plugged_in": PLUGGED,
        "paused": PLUGGED,
        "charging": CHARGING,
        "finished": FINISHED,
    },
    "Tesla": {
        "disconnected": UNPLUGGED,
        "no_power": PLUGGED,
        "starting": PLUGGED,
        "stopped": PLUGGED,
        "charging": CHARGING,
        "complete": FINISHED,
    },
    "Shelly": {
        "charger_free": UNPLUGGED,
        "charger_insert": PLUGGED,
        "charger_wait": PLUGGED,
        "charger_pause": PLUGGED,
        "charger_charging": CHARGING,
        "charger_end": FINISHED,
        "charger_fault": FAULT,
        "charger_free_fault": FAULT,
    },
    "Easee": {
        "disconnected": UNPLUGGED,
        "awaiting_start": PLUGGED,
        "awaiting_authorization": PLUGGED,
        "de_authorizing": PLUGGED,
        "ready_to_charge": PLUGGED,
        "charging": CHARGING,
        "completed": FINISHED,
        "error": FAULT,
    },
    "Zaptec": {
        "disconnected": UNPLUGGED,
        "connected_requesting": PLUGGED,
        "connected_charging": CHARGING,
        "connected_finished": FINISHED,
    },
    "go-e": {
        "Idle": UNPLUGGED,
        "Wait for car": PLUGGED,
        "Charging": CHARGING,
        "Complete": FINISHED,
        "Error": FAULT,
    },
    "myenergi": {
        "EV Disconnected": UNPLUGGED,
        "EV Connected": PLUGGED,
        "EV Ready to Charge": PLUGGED,
        "Waiting for EV": PLUGGED,
        "Charging": CHARGING,
        "Fault": FAULT,
    },
    "others": {
        "Charging paused": PLUGGED,
        "Charging stopped": PLUGGED,
        "Charging finished": FINISHED,
        "Ready for charging": PLUGGED,
        "Not charging": PLUGGED,
        "Not plugged in": UNPLUGGED,
        "No vehicle": UNPLUGGED,
        "21.5": UNKNOWN,
        "": UNKNOWN,
        "banana": UNKNOWN,
    },
}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(state, expected, id=f"{brand}: {state}")
        for brand, states in BRANDS.items()
        for state, expected in states.items()
    ],
)
def test_words_of_the_brands(state: str, expected: Connection) -> None:
    assert connection_of(state) is expected


@pytest.mark.parametrize(
    ("connection", "plugged"),
    [
        (UNPLUGGED, False),
        (PLUGGED, True),
        (CHARGING, True),
        (FINISHED, True),
        # A charger may be out of order without any car.
        (FAULT, False),
        (UNKNOWN, False),
    ],
)
def test_what_says_that_a_car_is_there(connection: Connection, *, plugged: bool) -> None:
    assert connection.plugged is plugged


def test_status_is_known_by_its_states() -> None:
    assert is_status_of_charger(["charging", "fault", "no_ev_connected"])
    assert not is_status_of_charger(["charging", "idle_mode"])
    assert not is_status_of_charger(["connected", "disconnected"])
    assert not is_status_of_charger([])
