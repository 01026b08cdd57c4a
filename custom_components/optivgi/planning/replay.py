"""Plans again what diagnostics hold, and decides again what was commanded: the answers are equal.

``scripts/replay DIAGNOSTICS.json [TIME]`` runs this.
"""

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
import json
from pathlib import Path
import sys
from typing import Any

from ..scheduler.guard import guard
from ..scheduler.model import Schedule
from ..scheduler.runner import Runner, algorithms_after
from ..scheduler.serialization import schedule_from_json, schedule_to_json
from .plan import NOTHING_KW
from .record import Chapter, DecidedLook, from_text

TIME_LIMIT_S = 5.0
"""As much as Home Assistant gave the plan: who has more time may find another one."""

EXIT_DIFFERS = 1
"""The answer is another one."""
EXIT_NOTHING = 2
"""There is nothing to replay; what argparse ends with, too."""


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What came of it.

    Attributes:
        chapter: What was kept.
        schedule: The new answer; None where the plan that was followed before is not kept, so that
            what is asked is not known completely.
        different: The decisions that differ from those that are kept.
    """

    chapter: Chapter
    schedule: Schedule | None
    different: tuple[DecidedLook, ...]

    @property
    def same_plan(self) -> bool | None:
        """Whether the plan is the same; None where it could not be made again."""
        if self.schedule is None:
            return None
        return decisions_of(self.schedule) == decisions_of(self.chapter.schedule)


def decisions_of(schedule: Schedule) -> str:
    """Return all of a plan but how long it took."""
    timeless = replace(schedule, build_ms=0.0, solve_ms=0.0, stages_ms={})
    # Read once more: what is kept has been, too, which makes fractions of whole numbers.
    return schedule_to_json(schedule_from_json(schedule_to_json(timeless)))


def chapters_of(diagnostics: dict[str, Any]) -> tuple[Chapter, ...]:
    """Return what a file of diagnostics holds.

    Raises:
        ValueError: It holds something else.
    """
    kept = diagnostics.get("data", diagnostics).get("record")
    if kept is None:
        raise ValueError("there is no record in it")
    return tuple(map(from_text, kept))


def chapter_at(chapters: Sequence[Chapter], moment: datetime | None) -> Chapter | None:
    """Return what held at a moment, or the last chapter."""
    found = [one for one in chapters if moment is None or one.made_at <= moment]
    return found[-1] if found else None


async def replay(chapters: Sequence[Chapter], chapter: Chapter, runner: Runner) -> Replay:
    """Plan and decide again.

    Args:
        chapters: All that are kept: a plan depends on the one that was followed before.
        chapter: Which one.
        runner: Solves with the algorithms of the site.
    """
    followed = next((one for one in chapters if one.number == chapter.follows), None)
    schedule = None
    if followed is not None or chapter.follows is None:
        earlier = None if followed is None else followed.schedule
        schedule = await runner.solve_with_reserve(chapter.problem, chapter.reserve, earlier)
    different = [look for look in chapter.looks if guard(look.given) != look.decided]
    return Replay(chapter=chapter, schedule=schedule, different=tuple(different))


def runner_for(diagnostics: dict[str, Any]) -> Runner:
    """Return what solves as the site of diagnostics did."""
    entry = diagnostics.get("data", diagnostics).get("entry", {})
    first = entry.get("data", {}).get("algorithm")
    return Runner(algorithms=algorithms_after(first), time_limit_s=TIME_LIMIT_S)


def _lines(replayed: Replay) -> Iterator[str]:
    chapter = replayed.chapter
    verdict = {None: "cannot be made again", True: "is the same", False: "DIFFERS"}
    yield f"Plan of {chapter.made_at:%Y-%m-%d %H:%M:%S} UTC {verdict[replayed.same_plan]}."
    shown = replayed.schedule or chapter.schedule
    edges = shown.horizon.edges
    for ev in shown.evs:
        yield f"  {ev.id}: {ev.energy_kwh:.2f} kWh for {ev.cost:.2f}"
        for index, (start, end) in enumerate(pairwise(edges)):
            why = f" ({ev.reasons[index].kind})" if ev.reasons else ""
            if ev.limit_kw[index] > NOTHING_KW:
                yield f"    {start:%d %H:%M} to {end:%H:%M} {ev.limit_kw[index]:.2f} kW{why}"
    count = len(chapter.looks)
    yield f"Commands: {count} new decisions, {len(replayed.different)} of them DIFFER."
    for look in chapter.looks:
        said = ", ".join(
            f"{charger_id} {'left alone' if value is None else f'{value:g}'}"
            for charger_id, value in look.commands.items()
        )
        yield f"  {look.given.now:%d %H:%M:%S} {said}"


async def _replayed(diagnostics: dict[str, Any], moment: datetime | None) -> Replay | None:
    chapters = chapters_of(diagnostics)
    if (chapter := chapter_at(chapters, moment)) is None:
        return None
    runner = runner_for(diagnostics)
    try:
        return await replay(chapters, chapter, runner)
    finally:
        runner.shutdown()


def main(arguments: Sequence[str] | None = None) -> int:
    """Replay a file; 0 where all is the same, 1 where something differs, 2 where nothing can be."""
    parser = argparse.ArgumentParser(prog="scripts/replay", description=__doc__)
    parser.add_argument("diagnostics", type=Path, help="as downloaded from Home Assistant")
    parser.add_argument(
        "time",
        nargs="?",
        type=datetime.fromisoformat,
        help="UTC where it names no zone; the last plan where it is left out",
    )
    parsed = parser.parse_args(arguments)
    moment: datetime | None = parsed.time
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        replayed = asyncio.run(_replayed(json.loads(parsed.diagnostics.read_text()), moment))
    except (OSError, ValueError) as err:
        sys.stderr.write(f"{err}\n")
        return EXIT_NOTHING
    if replayed is None:
        sys.stderr.write("Nothing is kept of that time.\n")
        return EXIT_NOTHING
    sys.stdout.writelines(f"{line}\n" for line in _lines(replayed))
    return EXIT_DIFFERS if replayed.same_plan is False or replayed.different else 0


if __name__ == "__main__":
    sys.exit(main())
