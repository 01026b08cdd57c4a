"""What is known of the car at a charger."""

from enum import StrEnum


class Connection(StrEnum):
    """What is known of the car at a charger."""

    UNPLUGGED = "unplugged"
    PLUGGED = "plugged"
    CHARGING = "charging"
    FINISHED = "finished"
    """The charger says that the car wants no more, as some do of one that they stopped."""
    FAULT = "fault"
    """Out of order, with a car or without."""
    UNKNOWN = "unknown"

    @property
    def plugged(self) -> bool:
        """Whether this says that a car is plugged in."""
        return self in {Connection.PLUGGED, Connection.CHARGING, Connection.FINISHED}
