"""Lets one part of a look at a site fail alone: the others are looked at, and chargers driven."""

from collections.abc import Callable

from ..const import LOGGER


class Isolation:
    """Knows which parts have failed, so that each is logged once until it works again."""

    def __init__(self) -> None:
        """Know of no failure."""
        self._failed: set[str] = set()

    def tried[**P](
        self, part: str, look: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Look at a part, and return whether that worked.

        Args:
            part: What it is, for the log.
            look: What looks at it.
            *args: What that takes.
            **kwargs: What that takes by name.
        """
        try:
            look(*args, **kwargs)
        except Exception:  # noqa: BLE001 - a fault in one part must not leave the fuse unguarded
            if part not in self._failed:
                LOGGER.exception("Looking at %s failed; everything else goes on", part)
            self._failed.add(part)
            return False
        self._failed.discard(part)
        return True
