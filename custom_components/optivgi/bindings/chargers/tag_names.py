"""Tags of people who are no car of the house, with or without a name: ``04A2 = Anna``."""

from collections.abc import Iterable

from .words import compact

_NAMED = "="


def tag_names(entered: Iterable[str]) -> dict[str, str | None]:
    """Return who holds each tag, None for a guest without a name, by the tag as it is compared.

    Args:
        entered: Tags, each alone or with a name behind it.
    """
    names = {}
    for row in entered:
        tag, _, name = row.partition(_NAMED)
        names[compact(tag)] = name.strip() or None
    return names
