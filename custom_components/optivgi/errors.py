"""What a person asked for and cannot have, said in words of the translations."""

from datetime import datetime

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN


class RefusedError(ServiceValidationError):
    """A request that contradicts itself or the site; nothing was changed."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Keep the reason as a key, and what its text names."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders=placeholders,
        )


def in_utc(entered: datetime) -> datetime:
    """Return a moment that a person entered in UTC.

    Raises:
        RefusedError: It is the first or the last of all, and another day in UTC.
    """
    try:
        return dt_util.as_utc(entered)
    except OverflowError as error:
        raise RefusedError("moment_impossible", moment=f"{entered:%Y-%m-%d %H:%M}") from error
