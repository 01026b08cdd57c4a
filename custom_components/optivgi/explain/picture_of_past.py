"""The past as one picture shows it: what was drawn, and what had been planned, as plain types."""

from datetime import datetime
from typing import TypedDict

from ..const import STEP
from ..planning.record import Chapter
from ..site.site import Site
from .past import HOUSE, SOLAR, PastHours, drawn, planned
from .picture import Moment


class PictureOfPast(TypedDict):
    """The past as it was: a value for each quarter of an hour between two ``edges``.

    ``kept_from`` is when the first one begins of which anything is known; None for nothing.
    """

    kept_from: Moment | None
    edges: list[Moment]
    price: list[float | None]
    house_kw: list[float | None]
    solar_kw: list[float | None]
    chargers: dict[str, dict[str, list[float | None]]]


class PictureOfFormerPlan(TypedDict):
    """What a plan that is not followed any more gave to each charger."""

    made_at: Moment
    edges: list[Moment]
    chargers: dict[str, list[float]]


def picture_of_former_plan(site: Site, chapter: Chapter) -> PictureOfFormerPlan:
    """Return what was planned at a time, for a picture."""
    schedule = chapter.schedule
    return {
        "made_at": chapter.made_at.timestamp(),
        "edges": [edge.timestamp() for edge in schedule.horizon.edges],
        "chargers": {
            answer.id: [round(kw, 3) for kw in answer.limit_kw]
            for answer in schedule.evs
            if answer.id in site.points
        },
    }


def picture_of_past(
    site: Site, hours: PastHours, *, since: datetime | None = None
) -> PictureOfPast:
    """Return what was drawn, for a picture.

    Args:
        site: The site.
        hours: What is remembered of it.
        since: Leave out what was before; None for all that is kept.
    """
    kept = hours.slots
    slots = kept if since is None else hours.since(since)

    def means(name: str) -> list[float | None]:
        found = (slot.mean_kw(name) for slot in slots)
        return [None if kw is None else round(kw, 2) for kw in found]

    edges = [slot.start for slot in slots]
    return {
        "kept_from": kept[0].start.timestamp() if kept else None,
        "edges": [edge.timestamp() for edge in (*edges, *(edge + STEP for edge in edges[-1:]))],
        "price": [slot.price for slot in slots],
        "house_kw": means(HOUSE),
        "solar_kw": means(SOLAR),
        "chargers": {
            charger_id: {
                "drawn_kw": means(drawn(charger_id)),
                "planned_kw": means(planned(charger_id)),
            }
            for charger_id in site.points
        },
    }
