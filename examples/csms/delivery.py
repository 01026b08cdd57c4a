"""Sends limits to chargers in an order in which no fuse is ever overloaded.

Two plans may fit a fuse each, and a mix of them may not. So first every charger gets the lower of
what it holds and what it is to get; only when all have accepted that, those that get more get it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .limits import Limits

RETRY = timedelta(minutes=1)
"""So long a charger that did not accept a limit is left alone."""
MAX_PERIODS = 24
"""What simple chargers can hold; what is cut off is sent in time, as the plan goes on."""


class Link(Protocol):
    """A connection to a charge point."""

    async def send_limits(self, limits: Limits, now: datetime) -> bool:
        """Send a profile; return whether it was accepted.

        Raises:
            Exception: Nobody knows whether it holds now.
        """


class ChargePointState:
    """What is known of a charge point.

    Attributes:
        link: The connection; None while there is none.
        held: The limits it holds; None where nobody knows, so that it may draw its maximum.
        failed: When it last did not accept a limit.
    """

    def __init__(self) -> None:
        """Know nothing of it."""
        self.link: Link | None = None
        self.held: Limits | None = None
        self.failed: datetime | None = None

    @property
    def obeys(self) -> bool:
        """Whether it can be planned for: it is connected and takes limits."""
        waited = self.failed is None or datetime.now(UTC) - self.failed > RETRY
        return self.link is not None and waited

    async def send(self, limits: Limits) -> bool:
        """Send limits unless it holds them already; return whether it holds them now."""
        now = datetime.now(UTC)
        limits = limits.since(now).cut(MAX_PERIODS)
        if self.held is not None and limits == self.held.since(now):
            return True
        if self.link is None:
            return False
        try:
            accepted = await self.link.send_limits(limits, now)
        except Exception:  # noqa: BLE001 - lost, mute or malformed: it may hold either
            accepted = False
            if self.held is not None:
                self.held = self.held.with_other(limits, max)
        if accepted:
            self.held, self.failed = limits, None
        else:
            self.failed = now
        return accepted


async def deliver(
    points: Mapping[str, ChargePointState],
    wanted: Mapping[str, Limits],
    accepted: Callable[[str, Limits], Awaitable[None]],
) -> bool:
    """Bring chargers to the limits that they are to get.

    Args:
        points: All charge points.
        wanted: The limits, for those that obey.
        accepted: Called with each that holds its limits.

    Returns:
        Whether all hold them; where not, a new plan has to count with what they may draw.
    """

    async def all_hold(limits: Iterable[tuple[str, Limits]]) -> bool:
        return all(await asyncio.gather(*(points[one].send(what) for one, what in limits)))

    held = {name: points[name].held for name in wanted}
    lowered = {
        name: limits if (before := held[name]) is None else limits.with_other(before, min)
        for name, limits in wanted.items()
    }
    if not await all_hold(lowered.items()) or not await all_hold(wanted.items()):
        return False
    now = datetime.now(UTC)
    for name, before in held.items():
        after = points[name].held
        if after is not None and (before is None or after.since(now) != before.since(now)):
            await accepted(name, after)
    return True
