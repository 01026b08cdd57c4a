"""A charger that is lent for a moment to who tries it out, and the room that it needs meanwhile."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from ..scheduler.allocation import Capacity, Load
from ..scheduler.guard import TOLERANCE_KW
from ..scheduler.model import Phase
from ..site.site import Site
from .controller import Controller
from .decisions import charger_input

_NEW: Final = "new"
"""Stands for a charger that the site does not have yet."""


class Loan:
    """Keeps the controller away from a charger, and room for it at the fuse."""

    def __init__(
        self,
        site: Site,
        controller: Controller,
        charger_id: str | None,
        *,
        place: Load,
        is_current: Callable[[], bool],
    ) -> None:
        """Take nothing yet.

        Args:
            site: Where the charger is.
            controller: Who commands it otherwise.
            charger_id: The charger; None for a new one, which nobody commands.
            place: From which phases a new one draws, and which circuits carry it.
            is_current: Returns whether the site has not been set up again since.
        """
        self._site = site
        self._controller = controller
        self._is_current = is_current
        self._id = charger_id or _NEW
        self._point = site.points.get(self._id)
        self._place = place if self._point is None else self._point.carried(0.0)
        self._was_held = self._point is not None and self._point.session.held
        # What a new one draws is part of the house where all meters see it.
        houses = (site.house, *(site.circuits[id_].house for id_ in self._place.circuits))
        self._is_seen = self._point is None and all(h.meter.counts_chargers for h in houses)
        self._kept_kw = 0.0

    @property
    def is_free(self) -> bool:
        """Whether nothing else is being tried out here."""
        return not self._site.house.is_lending

    @property
    def knows_room(self) -> bool:
        """Whether the meter shows what the house leaves on the phases of the charger."""
        return self._site.capacity(dt_util.utcnow()).is_known_for(self._place)

    async def async_take(self, limit_kw: float, drawn_kw: float) -> None:
        """Have the charger to oneself, as soon as nothing is on its way to it."""
        self.keep(limit_kw, drawn_kw)
        if self._point is not None:
            self._point.lent = True
            await self._controller.async_let_go(self._id)

    def give_back(self) -> None:
        """Leave the charger to the controller again."""
        self._site.lend(self._id, None)
        if self._point is not None:
            self._point.lent = False
        self._controller.async_apply_soon()

    def keep(self, limit_kw: float, drawn_kw: float) -> None:
        """Keep room for a limit.

        Args:
            limit_kw: What the car may draw.
            drawn_kw: What it draws by the charger's meter.
        """
        self._kept_kw = max(0.0, limit_kw - drawn_kw) if self._is_seen else limit_kw
        self._site.lend(self._id, self._place._replace(kw=self._kept_kw))

    def note_command(self, limit_kw: float) -> None:
        """Have what the meters show understood while the charger follows a command."""
        if self._point is not None:
            self._point.note_command(dt_util.utcnow(), limit_kw)

    def fits(self, drawn_kw: float) -> bool:
        """Return whether the connection carries what is kept beside the house and the others.

        Args:
            drawn_kw: What the car draws by the charger's meter.
        """
        now = dt_util.utcnow()
        left = self._left(self._site.capacity(now))
        if self._is_seen:
            # Of that the meter may show a part by now, and nothing counts twice.
            left = left.beside([self._place._replace(kw=-min(self._kept_kw, drawn_kw))])
        return min(kw for _, kw in left.left()) >= -TOLERANCE_KW

    def would_fit(self, limit_kw: float, drawn_kw: float) -> bool:
        """Return whether there is room for a limit, without taking the charger."""
        if self._point is not None:
            self._point.lent = True
        self.keep(limit_kw, drawn_kw)
        fits = self.fits(0.0)
        self._site.lend(self._id, None)
        if self._point is not None:
            self._point.lent = False
        return fits

    @property
    def phases_kw(self) -> Mapping[Phase, float]:
        """What each phase of the connection carries; empty where that is not measured."""
        return self._site.meter.phases.carried_kw or {}

    def note_phases_used(self, used: int, phase: Phase | None) -> None:
        """Remember from how many phases the car draws, and from which where it is one."""
        if self._point is not None and self._is_current():
            self._point.taking.note_tried(used, phase)
            self._site.store.save_soon()

    @property
    def taken_away_by(self) -> str | None:
        """Who commands the charger by now: a person, or a site that was set up again."""
        if not self._is_current():
            return "site"
        is_held = self._point is not None and self._point.session.held
        return "hand" if is_held and not self._was_held else None

    def _left(self, capacity: Capacity) -> Capacity:
        """Return what the other chargers leave of a capacity."""
        now = dt_util.utcnow()
        states = self._controller.states
        return capacity.beside(
            [
                charger_input(point, states[charger_id], now).load
                for charger_id, point in self._site.points.items()
                if charger_id != self._id
            ]
        )
