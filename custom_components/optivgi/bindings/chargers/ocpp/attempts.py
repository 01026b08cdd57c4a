"""How often a charge point was sent its profile in vain, and when that is enough."""

from datetime import datetime
from typing import Final

from .following import MIN_INTERVAL

# With more, a car would charge too long as it likes where profiles are refused in silence.
_ATTEMPTS: Final = 2
# Reboots come in twos: an update of its firmware, and one more after that.
_FORGIVEN: Final = 3


class Attempts:
    """The attempts that came to nothing since the charge point last followed a profile."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self._forgiven = 0
        self._connected_at: datetime | None = None

    @property
    def exhausted(self) -> bool:
        """Whether it is given up."""
        return self.count >= _ATTEMPTS

    def fail(self, *, for_good: bool = False) -> None:
        """Note that one came to nothing; after one for good there is no other."""
        self.count = _ATTEMPTS if for_good else self.count + 1

    def succeed(self) -> None:
        """Note that it follows."""
        self.count = self._forgiven = 0

    def reconnect(self, now: datetime) -> None:
        """Note that it is back, whatever came of it before.

        One that leaves whenever it is sent a profile is given up all the same.
        """
        self._connected_at = now
        if self._forgiven < _FORGIVEN:
            self._forgiven += 1
            self.count = 0

    def is_final(self, now: datetime) -> bool:
        """Return whether asking later makes no difference; one that boots refuses everything."""
        boots = self._connected_at is not None and now - self._connected_at < MIN_INTERVAL
        return not self.exhausted and not boots
