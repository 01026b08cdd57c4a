"""The simulated charge points keep the rules, and the central system shows them as it does."""

from datetime import timedelta
from typing import Any

from demo.custom_components.ocpp.charge_point import ChargePoint
from demo.custom_components.ocpp.hardware import Quirks
from demo.custom_components.ocpp.profile_store import RefusedError
from homeassistant.exceptions import HomeAssistantError
from ocpp.v16 import call as call16
from ocpp.v201 import call as call201
import pytest

from .bench import MINUTE, Bench


def profile(
    *periods: tuple[int, float], purpose: str = "TxDefaultProfile", **fields: Any
) -> dict[str, Any]:
    """Return a profile as the library hands it over, in the shape of 1.6."""
    schedule = {
        "charging_rate_unit": "A",
        "start_schedule": "2026-11-20T19:00:00Z",
        "charging_schedule_period": [
            {"start_period": start, "limit": limit} for start, limit in periods or ((0, 10.0),)
        ],
    } | fields.pop("schedule", {})
    return {
        "charging_profile_id": 1,
        "stack_level": 1,
        "charging_profile_purpose": purpose,
        "charging_profile_kind": "Absolute",
        "charging_schedule": {key: value for key, value in schedule.items() if value is not None},
    } | fields


def install(charge_point: ChargePoint, raw: dict[str, Any], connector: int = 1) -> None:
    charge_point.install(connector, raw)


async def test_profile_of_the_transaction_replaces_the_default_and_ends_with_it(
    bench: Bench,
) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    transaction = cp.hardware.connectors[1].transaction
    assert transaction is not None
    install(cp, profile((0, 8.0)))
    assert cp.hardware.limit_a() == 8.0
    install(
        cp,
        profile(
            (0, 12.0), purpose="TxProfile", charging_profile_id=2, transaction_id=transaction.id
        ),
    )
    assert cp.hardware.limit_a() == 12.0
    install(
        cp, profile((0, 9.0), purpose="ChargePointMaxProfile", charging_profile_id=3), connector=0
    )
    assert cp.hardware.limit_a() == 9.0
    await cp.async_end(1)
    assert cp.hardware.limit_a() == 8.0
    cp.hardware.restart()
    assert {stored.id for stored in cp.hardware.store.profiles} == {1, 3}


async def test_higher_level_wins_and_falls_back_when_it_ends(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    install(cp, profile((0, 8.0), stack_level=0))
    install(cp, profile((0, 12.0), charging_profile_id=2, schedule={"duration": 600}))
    assert cp.hardware.limit_a() == 12.0
    bench.freezer.tick(10 * MINUTE)
    assert cp.hardware.limit_a() == 8.0
    # The same level again takes its place, whatever its id.
    install(cp, profile((0, 7.0), stack_level=0, charging_profile_id=5))
    assert [stored.id for stored in cp.hardware.store.profiles] == [2, 5]


async def test_profile_that_starts_in_the_future_leaves_no_limit_until_then(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    install(cp, profile((0, 8.0), schedule={"start_schedule": "2026-11-20T20:00:00Z"}))
    assert cp.hardware.limit_a() == 32.0
    assert cp.hardware.limit_a(moment=bench.now + timedelta(hours=1)) == 8.0


@pytest.mark.parametrize(
    ("refused", "connector"),
    [
        (profile((60, 8.0)), 1),
        (profile((0, 8.0), (0, 9.0)), 1),
        (profile(stack_level=9), 1),
        (profile(*((60 * n, float(n)) for n in range(7))), 1),
        (profile(schedule={"start_schedule": None}), 1),
        (profile(charging_profile_kind="Relative"), 1),
        (profile(purpose="ChargePointMaxProfile"), 1),
        (profile(purpose="TxProfile", transaction_id=5), 1),
        (profile(), 3),
    ],
)
async def test_charge_point_refuses_what_breaks_the_rules(
    bench: Bench, refused: dict[str, Any], connector: int
) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(max_periods=6, connectors=2))
    with pytest.raises(RefusedError):
        install(cp, refused, connector)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_composite_schedule_is_told_over_the_wire(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)
    install(cp, profile((0, 8.0), (600, 0.0), (1200, 10.0)))
    link = bench.central.stations["wallbox_1"].link
    assert link is not None
    if version == "1.6":
        request = call16.GetCompositeSchedule(connector_id=1, duration=3600)
        sent = (await link.call(request, suppress=False)).charging_schedule
    else:
        request = call201.GetCompositeSchedule(evse_id=1, duration=3600)
        sent = (await link.call(request, suppress=False)).schedule
    assert [(part["start_period"], part["limit"]) for part in sent["charging_schedule_period"]] == [
        (0, 8.0),
        (273, 0.0),
        (873, 10.0),
    ]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_entities_show_a_session(bench: Bench, version: str) -> None:
    cp = await bench.async_start(version)

    def state(entity_id: str) -> str:
        found = bench.hass.states.get(entity_id)
        assert found is not None
        return found.state

    assert state("sensor.wallbox_1_status_connector") == "Available"
    assert state("number.wallbox_1_session_current_limit") == "unavailable"
    await cp.async_plug_in()
    assert state("sensor.wallbox_1_status_connector") == "Charging"
    assert state("sensor.wallbox_1_current_offered") == "32.0"
    assert state("sensor.wallbox_1_current_import") == "16.0"
    assert state("switch.wallbox_1_charge_control") == "on"
    assert state("number.wallbox_1_session_current_limit") == "unknown"
    running = state("sensor.wallbox_1_transaction_id")
    assert running.isdecimal() if version == "1.6" else running == "tx-1"
    await cp.async_unplug()
    assert state("sensor.wallbox_1_status_connector") == "Available"
    assert state("sensor.wallbox_1_transaction_id") in {"0", ""}


async def test_lost_connection_shows_nowhere_but_in_actions(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    await cp.async_plug_in()
    await bench.async_lose(cp)
    await bench.hass.async_block_till_done()
    state = bench.hass.states.get("sensor.wallbox_1_status_connector")
    assert state is not None
    assert state.state == "Charging"
    with pytest.raises(HomeAssistantError):
        await bench.hass.services.async_call(
            "ocpp",
            "set_charge_rate",
            {"devid": "wallbox_1", "conn_id": 1, "custom_profile": {}},
            blocking=True,
        )


async def test_clearing_on_16_clears_what_others_have_set(bench: Bench) -> None:
    cp = await bench.async_start("1.6")
    install(cp, profile())
    await bench.hass.services.async_call(
        "ocpp", "clear_profile", {"devid": "wallbox_1"}, blocking=True
    )
    assert cp.hardware.store.profiles == []


@pytest.mark.parametrize("since_012", [False, True])
async def test_unknown_charger_is_another_one_before_012(bench: Bench, since_012: bool) -> None:
    cp = await bench.async_start("1.6", since_012=since_012)
    call = bench.hass.services.async_call(
        "ocpp", "set_charge_rate", {"devid": "nonsense", "limit_amps": 9}, blocking=True
    )
    if since_012:
        with pytest.raises(HomeAssistantError):
            await call
    else:
        await call
        assert cp.hardware.limit_a() == 9.0


async def test_what_was_measured_stays_to_be_seen_until_it_is_measured_again(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(meter_interval=MINUTE))
    await cp.async_plug_in()
    install(cp, profile((0, 10.0)))
    await bench.async_wait(every=timedelta(seconds=50))
    offered = bench.hass.states.get("sensor.wallbox_1_current_offered")
    assert offered is not None
    # It is reported again all the same, with whatever is heard of the charge point.
    assert (offered.state, offered.last_reported) == ("32.0", bench.now)
    await bench.async_wait(every=timedelta(seconds=10))
    offered = bench.hass.states.get("sensor.wallbox_1_current_offered")
    assert offered is not None
    assert offered.state == "10.0"


async def test_first_limit_after_a_pause_is_ignored_once(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(ignores_after_zero=True))
    await cp.async_plug_in()
    allowed = []
    for limit in (0.0, 10.0, 10.0, 9.0, 0.0, 8.0):
        install(cp, profile((0, limit)))
        allowed.append(cp.hardware.limit_a())
    assert allowed == [0, 0, 10, 9, 0, 0]


@pytest.mark.parametrize(
    ("quirks", "connector", "taken"),
    [
        (Quirks(station_only=True), 1, False),
        (Quirks(station_only=True), 0, True),
    ],
)
async def test_station_that_knows_no_connectors(
    bench: Bench, quirks: Quirks, connector: int, taken: bool
) -> None:
    cp = await bench.async_start("1.6", quirks=quirks)
    if taken:
        install(cp, profile((0, 10.0)), connector)
        assert cp.hardware.limit_a() == 10
    else:
        with pytest.raises(RefusedError):
            install(cp, profile((0, 10.0)), connector)


async def test_number_of_a_charge_point_in_watts_is_for_one_phase(bench: Bench) -> None:
    """The integration takes one phase, and the charge point shares that between three."""
    cp = await bench.async_start("1.6", quirks=Quirks(units=frozenset({"W"})), since_012=False)
    await bench.hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": "number.wallbox_1_maximum_current", "value": 16},
        blocking=True,
    )
    assert cp.hardware.limit_a() == pytest.approx(16 / 3)


async def test_transaction_has_the_id_that_the_charge_point_gives_it(bench: Bench) -> None:
    cp = await bench.async_start("1.6", quirks=Quirks(negative_ids=True))
    await cp.async_plug_in()
    state = bench.hass.states.get("sensor.wallbox_1_transaction_id")
    assert state is not None
    assert float(state.state) < 0
    await cp.async_unplug()
    reason = bench.hass.states.get("sensor.wallbox_1_stop_reason")
    assert reason is not None
    assert reason.state == "EVDisconnected"
