"""What a reservation has to fulfil."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from ..cars.reservation import ASSUMED_ARRIVAL_SOC, Reservation
from ..cars.soc import FULL_SOC
from ..charging.charging_point import ChargingPoint
from ..errors import RefusedError

# No car has a larger battery; a typing error has.
_MAX_KWH: Final = 200.0
# A year, leap years included; a later date is a typing error.
_FARTHEST: Final = timedelta(days=366)
# Who stays longer is a car of the site; a later date is a typing error.
_LONGEST: Final = timedelta(days=31)
# No car takes more; a typing error does.
_MAX_KW: Final = 1000.0
# A garage of hundreds of chargers has as many for a day; more is an automation that has run wild.
_MOST: Final = 200


def check_reservation(
    wanted: Reservation,
    others: Iterable[Reservation],
    points: Sequence[ChargingPoint],
    now: datetime,
) -> None:
    """Raise RefusedError where a reservation is not plausible, or there is no charger for it."""
    _check_times(wanted, now)
    _check_need(wanted)
    _check_power(wanted, points)
    _check_room(wanted, [other for other in others if other.id != wanted.id], len(points))


def _check_times(wanted: Reservation, now: datetime) -> None:
    if wanted.departure <= wanted.arrival:
        raise RefusedError(
            "reservation_order", arrival=_said(wanted.arrival), departure=_said(wanted.departure)
        )
    if wanted.departure <= now:
        raise RefusedError("reservation_past", departure=_said(wanted.departure))
    if wanted.arrival - now > _FARTHEST:
        raise RefusedError("reservation_far", arrival=_said(wanted.arrival))
    if wanted.departure - wanted.arrival > _LONGEST:
        raise RefusedError(
            "reservation_long", departure=_said(wanted.departure), days=str(_LONGEST.days)
        )


def _check_need(wanted: Reservation) -> None:
    if (wanted.energy_kwh is None) == (wanted.target_soc is None):
        raise RefusedError("reservation_target")
    if wanted.energy_kwh is not None and not 0 < wanted.energy_kwh <= _MAX_KWH:
        raise RefusedError(
            "reservation_energy", energy=f"{wanted.energy_kwh:g}", maximum=f"{_MAX_KWH:g}"
        )
    for soc in (wanted.target_soc, wanted.arrival_soc):
        if soc is not None and not 0 <= soc <= FULL_SOC:
            raise RefusedError("reservation_soc", soc=f"{soc:g}")
    arrival_soc = wanted.arrival_soc
    if arrival_soc is None:
        # What a car of the site comes with, its sensor reports later.
        arrival_soc = ASSUMED_ARRIVAL_SOC if wanted.vehicle_id is None else 0.0
    if wanted.target_soc is not None and wanted.target_soc <= arrival_soc:
        raise RefusedError(
            "reservation_nothing_missing",
            target=f"{wanted.target_soc:g}",
            arrival=f"{arrival_soc:g}",
        )


def _check_power(wanted: Reservation, points: Sequence[ChargingPoint]) -> None:
    min_kw = min(
        point.range_kw[0] for point in points if wanted.charger_id in {None, point.charger.id}
    )
    # NaN is neither above nor below anything, and must be refused, too.
    if wanted.max_power_kw is not None and not min_kw <= wanted.max_power_kw <= _MAX_KW:
        raise RefusedError(
            "reservation_power",
            power=f"{wanted.max_power_kw:g}",
            minimum=f"{min_kw:.1f}",
            maximum=f"{_MAX_KW:g}",
        )


def _check_room(wanted: Reservation, others: Sequence[Reservation], chargers: int) -> None:
    if len(others) >= _MOST:
        raise RefusedError("reservation_too_many", maximum=str(_MOST))
    beside = [other for other in others if other.overlaps(wanted)]
    for other in beside:
        same_charger = wanted.charger_id is not None and other.charger_id == wanted.charger_id
        same_car = wanted.vehicle_id is not None and other.vehicle_id == wanted.vehicle_id
        if same_charger or same_car:
            raise RefusedError(
                "reservation_overlaps",
                name=other.name,
                arrival=_said(other.arrival),
                departure=_said(other.departure),
            )
    # At the beginning of each stay the others are counted that are there then.
    for moment in {wanted.arrival, *(o.arrival for o in beside if o.arrival > wanted.arrival)}:
        there = sum(other.arrival <= moment < other.departure for other in beside)
        if there >= chargers:
            raise RefusedError("reservation_no_charger_free", moment=_said(moment))


def _said(moment: datetime) -> str:
    return f"{dt_util.as_local(moment):%Y-%m-%d %H:%M}"
