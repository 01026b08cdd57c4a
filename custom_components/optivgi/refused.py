"""What a person asked for and cannot have, said in words of the translations."""

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN


class RefusedError(ServiceValidationError):
    """A wish that contradicts itself or the site; nothing was changed."""

    def __init__(self, reason: str, **placeholders: str) -> None:
        """Keep the reason as a key, and what its text names."""
        super().__init__(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders=placeholders,
        )
