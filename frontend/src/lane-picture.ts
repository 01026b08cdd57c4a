/** The strip of one charger: the room that its car has, when it charges, when it leaves. */

import { nothing, svg, type SVGTemplateResult } from "lit";

import { isStriped, RAMP, rampStep } from "./colours";
import { iconPath } from "./icons";
import { grid, hatch, nowLine, stripes } from "./panels";
import type { Tick } from "./scale";
import { areas, bars, runsOf, type Span, textWidth } from "./shapes";
import type { Moment } from "./types";
import { type Lane, NOTHING_KW, type View } from "./view";

const FULL_BLOCK = 26;

export interface LaneOptions {
  height: number;
  /** A departure that is being dragged there. */
  dragged: Moment | null;
  /** Words beside the flag; short rows have theirs elsewhere. */
  words: boolean;
}

/** When a lane's car may charge: from plug-in or arrival to departure. */
export function roomOf(lane: Lane, view: View, dragged: Moment | null): [Moment, Moment] | null {
  const { charger, car, reserved } = lane;
  if (charger.plugged) {
    const until = dragged ?? car?.departure ?? charger.departure;
    return [charger.plugged_at ?? view.at, Math.max(until, charger.plugged_at ?? view.at)];
  }
  if (reserved?.arrival != null && reserved.departure != null) {
    return [reserved.arrival, reserved.departure];
  }
  return null;
}

export function lanePicture(
  view: View,
  lane: Lane,
  ticks: Tick[],
  options: LaneOptions,
): SVGTemplateResult {
  const { height, dragged } = options;
  const { scale } = view;
  const index = view.lanes.indexOf(lane);
  const room = roomOf(lane, view, dragged);
  const block = Math.min(FULL_BLOCK, height - 2);
  const strongest = Math.max(lane.charger.max_kw, ...view.steps.map((step) => step.kw[index] ?? 0), 0.1);
  const spans = (past: boolean | null, kwOf: (kw: number, planned: number | null) => number | null): Span[] =>
    view.steps.flatMap((step) => {
      const kw = kwOf(step.kw[index] ?? 0, step.planned[index] ?? null);
      const x0 = scale.within(step.start);
      const x1 = scale.within(step.end);
      return (past === null || step.past === past) && x1 > x0 && kw !== null && kw >= NOTHING_KW
        ? [{ x0, x1, y0: height, y1: height - (kw / strongest) * block }]
        : [];
    });
  const next = spans(false, (kw) => kw);
  const past = spans(true, (kw) => kw);
  const before = spans(null, (_, planned) => planned);
  const fill = isStriped(lane.number) ? `url(#car${lane.number})` : lane.colour;
  return svg`
    <defs>${hatch("guess")}${isStriped(lane.number) ? stripes(lane.number, lane.colour) : nothing}</defs>
    ${grid(ticks, height)}
    ${room ? ground(view, room, height) : nothing}
    <line class="base" x1="0" x2=${scale.width} y1=${height - 0.5} y2=${height - 0.5}></line>
    ${room ? start(view, room[0], height) : nothing}
    <path class="car" d=${areas(past)} fill=${fill}></path>
    <path class=${lane.charger.plugged ? "car" : "car ahead"} d=${areas(next)} fill=${fill} stroke=${lane.charger.plugged ? nothing : lane.colour}></path>
    <path class="before" d=${areas(before)}></path>
    ${options.words && scale.to > view.at ? words(view, lane, next, room, height) : nothing}
    ${room && room[1] > view.at && room[1] >= scale.from && room[1] <= scale.to ? flag(scale.x(room[1]), height, lane.charger.trouble) : nothing}
    ${nowLine(view, height)}`;
}

/** The price is laid under the time that a car has. */
function ground(view: View, [from, to]: [Moment, Moment], height: number): SVGTemplateResult {
  const spans = view.steps
    .filter((step) => step.end > from && step.start < to && step.price !== null)
    .map((step) => ({
      level: rampStep(step.price!, view.lowest, view.highest),
      estimated: step.estimated,
      past: step.past,
      x0: view.scale.within(Math.max(step.start, from)),
      x1: view.scale.within(Math.min(step.end, to)),
      y0: 0,
      y1: height,
    }))
    .filter(({ x0, x1 }) => x1 > x0);
  const path = (level: number, past: boolean): string =>
    bars(spans.filter((span) => span.level === level && span.past === past));
  const guessed = spans.filter(({ estimated }) => estimated);
  return svg`${Array.from({ length: RAMP }, (_, level) => level).flatMap((level) =>
    [true, false].flatMap((past) => {
      const d = path(level, past);
      return d ? [svg`<path class="ground${past ? " past" : ""}" d=${d} fill="var(--ov-p${level})"></path>`] : [];
    }),
  )}
  ${guessed.length ? svg`<path d=${bars(guessed)} fill="url(#guess)"></path>` : nothing}`;
}

function start(view: View, from: Moment, height: number): SVGTemplateResult | typeof nothing {
  const x = view.scale.x(from);
  if (x < 0 || x > view.scale.width) return nothing;
  return svg`<line class="plugged" x1=${x} x2=${x} y1="0" y2=${height}></line>`;
}

function flag(x: number, height: number, trouble: boolean): SVGTemplateResult {
  return svg`<g class=${trouble ? "flag alarm" : "flag"}>
    <line x1=${x} x2=${x} y1="-3" y2=${height}></line>
    <path d="M${x} -3h11l-3 4.5l3 4.5h-11z"></path></g>`;
}

/** What the picture cannot say: how much, when ready, when it leaves. */
function words(
  view: View,
  lane: Lane,
  next: Span[],
  room: [Moment, Moment] | null,
  height: number,
): SVGTemplateResult | typeof nothing {
  const { scale, texts } = view;
  const said = outcome(view, lane);
  const energy = energyOf(view, lane);
  const y = height / 2 + 4.5;
  const flagX = room ? scale.within(room[1]) : 0;
  const parts: SVGTemplateResult[] = [];
  const runs = runsOf(next).map((run) => ({ x0: run[0]!.x0, x1: run.at(-1)!.x1, run }));
  let taken = 0;
  if (energy && runs.length) {
    const wide = textWidth(energy);
    const widest = runs.toSorted((a, b) => b.x1 - b.x0 - (a.x1 - a.x0))[0]!;
    const from = room ? scale.within(Math.max(room[0], view.at)) : 0;
    if (runs[0]!.x0 - from > wide + 10) {
      parts.push(svg`<text class="p halo" x=${runs[0]!.x0 - 6} y=${y} text-anchor="end">${energy}</text>`);
      taken = wide + 10;
    } else if (widest.x1 - widest.x0 > wide + 8 && widest.run.every((span) => height - span.y1 > 18)) {
      parts.push(svg`<text class="m on-car" x=${(widest.x0 + widest.x1) / 2} y=${y} text-anchor="middle">${energy}</text>`);
    }
  }
  if (said) {
    const at = gapFor(textWidth(said.text) + 24, view, flagX, runs, taken);
    if (at === null) return svg`${parts}`;
    parts.push(svg`
      <g class=${said.alarm ? "alarm" : "ok"} transform="translate(${at} ${height / 2 - 7}) scale(.5833)"><path d=${iconPath(said.alarm ? "alert" : "check")}></path></g>
      <text class="p halo" x=${at + 19} y=${y}>${said.text}</text>`);
  } else if (!lane.charger.plugged && lane.reserved && room) {
    const label = texts.say("reserved");
    const middle = (scale.within(room[0]) + scale.within(room[1])) / 2;
    parts.push(svg`<text class="p halo" x=${Math.min(scale.width - textWidth(label) / 2, middle)} y=${y} text-anchor="middle">${label}</text>`);
  }
  return svg`${parts}`;
}

/** Where words of a width fit: after the flag, else in the widest gap before it; null for nowhere. */
function gapFor(
  width: number,
  view: View,
  flagX: number,
  runs: { x0: number; x1: number }[],
  taken: number,
): number | null {
  const { scale } = view;
  if (scale.width - flagX - 16 >= width) return flagX + 16;
  const edges = [scale.within(view.at) + 6, ...runs.flatMap(({ x0, x1 }) => [x0, x1]), flagX];
  let best: [number, number] | null = null;
  for (let i = 0; i + 1 < edges.length; i += 2) {
    const from = edges[i]! + 6;
    const to = edges[i + 1]! - 6 - (i === 0 ? taken : 0);
    if (to - from >= width && (!best || to - from >= best[1] - best[0])) best = [from, to];
  }
  // Close to what comes after it.
  return best && best[1] - width;
}

export function energyOf(view: View, lane: Lane): string {
  const kwh = (lane.car ?? lane.reserved)?.energy_kwh ?? 0;
  return kwh > 0.05 ? view.texts.say("energy", { energy: view.formats.number(kwh, 1) }) : "";
}

/** What will have come of it at departure: a sentence, and whether it is bad news. */
export function outcome(view: View, lane: Lane): { text: string; alarm: boolean } | null {
  const { texts, formats, at } = view;
  const { charger, car } = lane;
  if (!charger.plugged || !car?.departure) return null;
  const departure = formats.when(car.departure, at);
  if (charger.trouble) {
    return {
      text: texts.say("short", { missing: formats.number(car.shortfall_kwh, 1), departure }),
      alarm: true,
    };
  }
  if (car.finish === null) return null;
  // A day that both share is said once.
  const ready = formats.when(car.finish, at);
  const leaves = formats.sameDay(car.finish, car.departure) ? formats.clock(car.departure) : departure;
  return { text: texts.say("ready_leaves", { ready, departure: leaves }), alarm: false };
}
