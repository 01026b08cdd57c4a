"""What a person asked for and cannot have, said in words of the translations."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import translation
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


def text_of(hass: HomeAssistant, error: BaseException) -> str:
    """Return an error's text in the language of Home Assistant; in English where it has none."""
    if isinstance(error, HomeAssistantError) and error.translation_key is not None:
        domain, key = str(error.translation_domain), error.translation_key
        texts = translation.async_get_cached_translations(
            hass, hass.config.language, "exceptions", domain
        )
        template = texts.get(f"component.{domain}.exceptions.{key}.message")
        # What another integration raises may not give all that its text names.
        with suppress(KeyError, ValueError):
            if template is not None:
                return template.format(**(error.translation_placeholders or {}))
    return str(error)


def as_part(error: object) -> str:
    """Return what others say of an error so that a sentence can go on or end after it."""
    return str(error).strip().rstrip(".")


def no_plan(error: BaseException | None) -> HomeAssistantError:
    """Return why no plan could be made, for who has asked for one; the log has details."""
    if isinstance(error, HomeAssistantError) and error.translation_key is not None:
        return HomeAssistantError(
            translation_domain=error.translation_domain,
            translation_key=error.translation_key,
            translation_placeholders=error.translation_placeholders,
        )
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key="planning_failed", translation_placeholders={}
    )


def tried(failures: Iterable[str]) -> str:
    """Return the algorithms that were tried in vain; each failure begins with the name of one."""
    return ", ".join(dict.fromkeys(failure.partition(":")[0] for failure in failures))


def in_utc(entered: datetime) -> datetime:
    """Return a moment that a person entered in UTC.

    Raises:
        RefusedError: It is the first or the last of all, and another day in UTC.
    """
    try:
        return dt_util.as_utc(entered)
    except OverflowError as error:
        raise RefusedError("moment_impossible", moment=f"{entered:%Y-%m-%d %H:%M}") from error
