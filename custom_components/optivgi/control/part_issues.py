"""Issues about a part of a site that does not do what it was commanded: what they keep, and end."""

from collections.abc import Collection

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN, FixedBy

PART_ID = "part_id"
"""Under this an issue keeps the subentry of the part that it is about."""


def part_data(
    part_id: str, fixed_by: FixedBy = FixedBy.PART
) -> dict[str, str | int | float | None]:
    """Return what an issue about a part keeps: what it is about, and what asks for its way out."""
    return {PART_ID: part_id, "fixed_by": fixed_by}


@callback
def async_forget_issues_of(hass: HomeAssistant, part_ids: Collection[str]) -> None:
    """Delete the issues about parts that are gone or were changed: what is still so comes back."""
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain == DOMAIN and (issue.data or {}).get(PART_ID) in part_ids:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
