"""Faults of a charge point."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from tests.faults.fault import AILING, Broken, Event, Fault, Repeated, words
from tests.faults.stand import Stand

from .fault_stand import OcppStand, Station

FAILS: Final = "charging_profiles_fail"
NOT_FOLLOWED: Final = words("profiles_failed", "not_following")
GONE: Final = words("out_of_reach")


def _ocpp(stand: Stand) -> OcppStand:
    assert isinstance(stand, OcppStand)
    return stand


def ailing(stand: Stand) -> Station:
    """Return the charge point that is broken."""
    return _ocpp(stand).station(AILING)


def _point(stand: Stand) -> Any:
    return ailing(stand).point


def _broken(name: str, becomes: dict[str, Any], **kwargs: Any) -> Broken:
    return Broken(name=f"station {name}", what=_point, becomes=becomes, **kwargs)


def _quirk(name: str, **kwargs: Any) -> Callable[..., Event]:
    """Return a charge point with another nature while the fault holds."""

    def row(**of_row: Any) -> Event:
        def begin(stand: Stand) -> None:
            hardware = _point(stand).hardware
            stand.before[name] = {"quirks": hardware.quirks}
            hardware.quirks = replace(hardware.quirks, **kwargs)

        def end(stand: Stand) -> None:
            _point(stand).hardware.quirks = stand.before.pop(name)["quirks"]

        return Event(name=f"station {name}", happens=begin, undoes=end, **of_row)

    return row


async def _lose(stand: Stand) -> None:
    await _ocpp(stand).bench.async_lose(_point(stand))


async def _come_back(stand: Stand) -> None:
    await _ocpp(stand).async_connect()


async def _reboot(stand: Stand) -> None:
    """Lose power for half a minute: the transaction ends, profiles stay, the car begins again."""
    point = _point(stand)
    await _lose(stand)
    point.hardware.restart()

    async def boot() -> None:
        await _come_back(stand)
        if point.hardware.connectors[1].transaction is None:
            await point.async_begin(1)
        await point.async_report()

    stand.after(30, lambda: stand.soon(boot()))


async def _reboot_forgetful(stand: Stand) -> None:
    _point(stand).hardware.store.profiles.clear()
    await _reboot(stand)


def _rebooting(reboot: Any) -> Callable[[Stand], None]:
    return lambda stand: stand.soon(reboot(stand))


def _offline(stand: Stand) -> Any:
    """Be gone for five minutes."""
    stand.after(300, lambda: stand.soon(_come_back(stand)))
    return _lose(stand)


async def _ended_by_person(stand: Stand) -> None:
    """Hold a card to it; the cable stays plugged in."""
    point = _point(stand)
    ailing(stand).taken_over = True
    point.hardware.quirks = replace(point.hardware.quirks, finishing=True)
    await point.async_report()
    started = point.started
    await point.async_end(1, "Local")

    def look() -> None:
        if point.started > started:
            stand.complaints.add("started again what a person has ended")

    stand.after(700, look)


async def _died(stand: Stand) -> None:
    _ocpp(stand).dead = True
    await _ocpp(stand).bench.central.async_kill()


async def _restarted(stand: Stand) -> None:
    _ocpp(stand).dead = False
    for station in _ocpp(stand).stations:
        await station.point.async_disconnect()
    await _ocpp(stand).bench.central.async_listen()
    await _come_back(stand)
    assert await stand.hass.config_entries.async_reload("site")
    await stand.async_come_to_rest()


async def _stopped(stand: Stand) -> None:
    """Be stopped by us, and say Finishing."""
    point = _point(stand)
    point.hardware.quirks = replace(point.hardware.quirks, ends_at_zero=True, finishing=True)
    await stand.async_mode(AILING, "off")


async def _wanted_again(stand: Stand) -> None:
    await stand.async_mode(AILING, "now")


IGNORES: Final = _quirk("accepts and does not obey", ignores_profiles=True)
STATION: Final[tuple[Fault, ...]] = (
    _broken("refuses", {"refuses": True}, says=NOT_FOLLOWED, issue=FAILS),
    _broken(
        "refuses profiles", {"refuses_custom": True}, says=NOT_FOLLOWED, issue=FAILS, recovers=False
    ),
    IGNORES(says=NOT_FOLLOWED, issue=FAILS, recovers=False),
    Broken(name="station answers after 20 s", what=ailing, becomes={"hangs_s": 20.0}),
    Repeated(name="station reboots twice", does=_rebooting(_reboot), every_s=330),
    Repeated(
        name="station reboots and forgets twice", does=_rebooting(_reboot_forgetful), every_s=330
    ),
    Event(name="station offline for 5 min", happens=_offline, says=GONE),
    Event(name="station ended by a person", happens=_ended_by_person, recovers=False),
    Event(name="station finishing after our stop", happens=_stopped, undoes=_wanted_again),
    Event(name="Home Assistant dies", happens=_died, undoes=_restarted),
)
