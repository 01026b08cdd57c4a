"""What every price source offers, and how it says that it cannot."""

from abc import ABC, abstractmethod
from datetime import datetime

from homeassistant.exceptions import HomeAssistantError

from ...const import DOMAIN
from .series import PriceSeries


class TariffError(HomeAssistantError):
    """Prices cannot be read from a source, and somebody has to change something.

    ``translation_key`` serves as the error of a form field and as the message of an exception;
    ``placeholders`` fills in either.
    """

    def __init__(self, translation_key: str, **placeholders: str) -> None:
        """Keep the reason as a key and what its text names."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=translation_key,
            translation_placeholders=placeholders,
        )
        self.reason = translation_key
        self.placeholders = placeholders
        self.field: str | None = None
        """The form field it belongs to, where that is not the one of the price source."""


class TariffNotReady(TariffError):  # noqa: N818, named like ConfigEntryNotReady and PlatformNotReady
    """Prices cannot be read yet; trying again later may well do."""


class Tariff(ABC):
    """A source of prices."""

    @property
    def watched_entities(self) -> tuple[str, ...]:
        """Entities whose change means that there may be new prices."""
        return ()

    @property
    def other_currency(self) -> str | None:
        """The currency of the prices, where that is not the site's and nothing converts it."""
        return None

    @property
    def unread_lists(self) -> tuple[str, ...]:
        """Attributes whose rows look like times with numbers, and could not be read."""
        return ()

    @abstractmethod
    async def async_read(self, start: datetime, end: datetime) -> PriceSeries:
        """Return the prices known between two instants; more is welcome, less is no error.

        Raises:
            TariffNotReady: Nothing is known yet.
            TariffError: Nothing will be known unless somebody changes something.
        """

    async def async_read_past(self, start: datetime, end: datetime) -> PriceSeries:
        """Return what is known of the prices between two instants that have passed.

        Raises:
            TariffError: As for ``async_read``.
        """
        return (await self.async_read(start, end)).known

    async def async_validate(self, start: datetime, end: datetime) -> PriceSeries:
        """Read the prices as ``async_read`` does and check whether they are plausible.

        This is for the moment a person picks the source. In operation a price that was accepted
        once is not refused for being unusual.
        """
        return await self.async_read(start, end)
