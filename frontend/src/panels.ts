/** The two panels above the lanes: what energy costs, and what all draw. */

import { nothing, svg, type SVGTemplateResult } from "lit";

import { isStriped, RAMP, rampStep } from "./colours";
import type { Tick } from "./scale";
import { areas, bars, curve, curveArea, line, runsOf, type Span, textWidth } from "./shapes";
import { FULL, NOTHING_KW, type Step, totalKw, type View } from "./view";

const AXIS_H = 20;
const HEAD_ROOM = 18;

export const priceHeight = (view: View): number => (view.narrow ? 60 : 76);
export const powerHeight = (view: View): number => (view.narrow ? 104 : 128);

/** The steps that are seen, with where they begin and end. */
function* seen(view: View): Generator<Seen> {
  for (const step of view.steps) {
    const x0 = view.scale.within(step.start);
    const x1 = view.scale.within(step.end);
    if (x1 > x0) yield { step, x0, x1 };
  }
}

/** One path for hours and one for midnights: a line for each tick of a hundred lanes takes long. */
export function grid(ticks: Tick[], height: number): SVGTemplateResult {
  const lines = (day: boolean): string =>
    ticks.flatMap((tick) => (tick.day === day ? `M${tick.x} 0V${height}` : [])).join("");
  return svg`<path class="hour" d=${lines(false)}></path><path class="day" d=${lines(true)}></path>`;
}

export function nowLine(view: View, height: number): SVGTemplateResult | typeof nothing {
  const x = view.scale.x(view.at);
  if (x < 0 || x > view.scale.width) return nothing;
  return svg`<line class="now" x1=${x} x2=${x} y1="0" y2=${height}></line>`;
}

export function hatch(id: string): SVGTemplateResult {
  return svg`<pattern id=${id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="2" height="5" class="hatch"></rect></pattern>`;
}

export function axis(view: View, ticks: Tick[]): SVGTemplateResult {
  const clock = view.formats.clock(view.at);
  const x = view.scale.x(view.at);
  const pill = textWidth(clock) + 10;
  const hidden = (tick: Tick): boolean =>
    Math.abs(tick.x - x) < (pill + textWidth(tick.label)) / 2 + 4 ||
    // A label beside a day's name gives way to it.
    ticks.some(
      (other) =>
        other.day &&
        other !== tick &&
        !tick.day &&
        Math.abs(other.x - tick.x) < (textWidth(other.label) + textWidth(tick.label)) / 2 + 4,
    );
  return svg`<svg class="axis" width=${view.scale.width} height=${AXIS_H} aria-hidden="true">
    ${ticks
      .filter((tick) => !hidden(tick) && tick.x > 12 && tick.x < view.scale.width - 12)
      .map(
        (tick) =>
          svg`<text class=${tick.day ? "p m" : ""} x=${tick.x} y="13" text-anchor="middle">${tick.label}</text>`,
      )}
    ${
      x >= 0 && x <= view.scale.width
        ? svg`<rect class="ink" x=${x - pill / 2} y="0" width=${pill} height="18" rx="9"></rect>
          <text class="m paper" x=${x} y="13" text-anchor="middle">${clock}</text>`
        : nothing
    }
  </svg>`;
}

/** Where on the panel a price stands. Negative ones hang below zero. */
export function priceY(view: View, price: number): number {
  const height = priceHeight(view);
  const low = Math.min(0, view.lowest);
  const high = Math.max(view.highest, low + 0.001);
  return height - ((price - low) / (high - low)) * (height - HEAD_ROOM);
}

export function pricePanel(view: View, ticks: Tick[]): SVGTemplateResult {
  const height = priceHeight(view);
  const { scale, formats, texts } = view;
  const zero = priceY(view, 0);
  const steps = [...seen(view)].filter(({ step }) => step.price !== null);
  const spans = steps.map(({ step, x0, x1 }) => ({
    step,
    span: { x0, x1, y0: zero, y1: priceY(view, step.price!) },
    level: rampStep(step.price!, view.lowest, view.highest),
  }));
  const known = spans.filter(({ step }) => !step.estimated).map(({ span }) => span);
  const guessed = spans.filter(({ step }) => step.estimated).map(({ span }) => span);
  const future = steps.filter(({ step }) => !step.past && !step.estimated);
  const lowest = extreme(future, (one, other) => one < other);
  const highest = extreme(future, (one, other) => one > other);
  const sold = [...seen(view)].filter(({ step }) => step.export !== null);
  const runs = runsOf(guessed);
  const widest = runs.toSorted((a, b) => b.at(-1)!.x1 - b[0]!.x0 - (a.at(-1)!.x1 - a[0]!.x0))[0];
  return svg`
    <defs>${hatch("guess")}</defs>
    ${veil(view, height)}
    ${Array.from({ length: RAMP }, (_, level) =>
      (["past", "next"] as const).map((time) => {
        const path = bars(
          spans
            .filter((one) => one.level === level && one.step.past === (time === "past"))
            .map(({ span }) => span),
        );
        return path
          ? svg`<path class="crisp ${time}" d=${path} fill="var(--ov-p${level})"></path>`
          : nothing;
      }),
    )}
    ${guessed.length ? svg`<path d=${bars(guessed)} fill="url(#guess)"></path>` : nothing}
    <path class="edge" d=${line(known)}></path>
    <path class="edge guessed" d=${line(guessed)}></path>
    ${grid(ticks, height)}
    ${
      sold.length
        ? svg`<path class="sold" d=${line(
            sold.map(({ step, x0, x1 }) => ({ x0, x1, y0: zero, y1: priceY(view, step.export!) })),
          )}></path>`
        : nothing
    }
    ${widest && widest.at(-1)!.x1 - widest[0]!.x0 > textWidth(texts.say("estimated")) ? svg`<text x=${(widest[0]!.x0 + widest.at(-1)!.x1) / 2} y="11" text-anchor="middle">${texts.say("estimated")}</text>` : nothing}
    ${[lowest, highest].map((found, index) =>
      found && (index === 0 || found !== lowest)
        ? priceDot(found.x0 + (found.x1 - found.x0) / 2, priceY(view, found.step.price!), formats.price(found.step.price!), scale.width)
        : nothing,
    )}
    <line class="base" x1="0" x2=${scale.width} y1=${zero - 0.5} y2=${zero - 0.5}></line>
    ${nowLine(view, height)}`;
}

type Seen = { step: Step; x0: number; x1: number };

function extreme(steps: Seen[], better: (one: number, other: number) => boolean): Seen | null {
  let found: Seen | null = null;
  for (const one of steps) {
    if (!found || better(one.step.price!, found.step.price!)) found = one;
  }
  return found;
}

function priceDot(x: number, y: number, label: string, width: number): SVGTemplateResult {
  const at = Math.min(width - textWidth(label) / 2, Math.max(textWidth(label) / 2, x));
  return svg`<circle class="ink" cx=${x} cy=${y} r="2"></circle>
    <text class="p halo" x=${at} y=${Math.max(11, y - 5)} text-anchor="middle">${label}</text>`;
}

function veil(view: View, height: number): SVGTemplateResult {
  return svg`<rect class="veil" x="0" y="0" width=${view.scale.within(view.at)} height=${height}></rect>`;
}

/** The highest power of the panel: a tenth above what the site may carry, and whatever was drawn. */
export function powerTop(view: View): number {
  const shown = [...seen(view)].map(({ step }) => totalKw(step));
  return Math.max(view.now.site.limit_kw * 1.1, Math.max(0, ...shown) * 1.05, 0.1);
}

export function powerTicks(top: number): number[] {
  const unit = 10 ** Math.floor(Math.log10(top));
  const every = [0.2, 0.25, 0.5, 1, 2, 5].map((one) => one * unit).find((one) => top / one < 4) ?? unit;
  const ticks: number[] = [];
  for (let kw = every; kw < top * 0.85; kw += every) ticks.push(kw);
  return ticks;
}

export function powerPanel(view: View, ticks: Tick[]): SVGTemplateResult {
  const height = powerHeight(view);
  const top = powerTop(view);
  const { scale, now } = view;
  const y = (kw: number): number => Math.round((height - (kw / top) * height) * 10) / 10;
  const steps = [...seen(view)];
  const house: Span[] = [];
  const solar: Span[] = [];
  const planned: Span[] = [];
  const cars: { next: Span[]; past: Span[] }[] = view.lanes.map(() => ({ next: [], past: [] }));
  const full: (Span & { name: string })[] = [];
  for (const { step, x0, x1 } of steps) {
    let base = Math.max(0, step.house ?? 0);
    if (step.house !== null) house.push({ x0, x1, y0: height, y1: y(base) });
    if (step.solar !== null) solar.push({ x0, x1, y0: height, y1: y(step.solar) });
    const before = base + step.planned.reduce<number>((sum, kw) => sum + (kw ?? 0), 0);
    if (step.planned.some((kw) => kw !== null)) {
      planned.push({ x0, x1, y0: height, y1: y(before) });
    }
    step.kw.forEach((kw, lane) => {
      if (kw < NOTHING_KW) return;
      cars[lane]![step.past ? "past" : "next"].push({ x0, x1, y0: y(base), y1: y(base + kw) });
      base += kw;
    });
    if (!step.past && step.full && step.full.used >= FULL * step.full.limit) {
      full.push({ x0, x1, y0: 0, y1: 0, name: step.full.name });
    }
  }
  const fuse = y(now.site.limit_kw);
  const marks = fullMarks(view, full);
  const sun = solar.filter((span) => span.y1 < height - 1);
  return svg`
    <defs>${view.lanes.map(({ number, colour }) => (isStriped(number) ? stripes(number, colour) : nothing))}</defs>
    ${veil(view, height)}
    ${grid(ticks, height)}
    <path class="hour" d=${powerTicks(top).map((kw) => `M0 ${y(kw)}H${scale.width}`).join("")}></path>
    <path class="sun-area" d=${curveArea(sun)}></path>
    <path class="house" d=${areas(house)}></path>
    ${view.lanes.map(({ number, colour, charger }, lane) => {
      const fill = isStriped(number) ? `url(#car${number})` : colour;
      const { past, next } = cars[lane]!;
      const now = charger.plugged ? "" : " ahead";
      return svg`
        <path class="car" d=${areas(past)} fill=${fill}></path>
        <path class="car${now}" d=${areas(next)} fill=${fill}></path>`;
    })}
    ${view.lanes.map(({ name }, lane) => carLabel(cars[lane]!.next, name))}
    <path class="sun" d=${curve(sun)}></path>
    <path class="before" d=${line(planned)}></path>
    ${panelLabels(view, height, sun, house, marks)}
    <line class="fuse" x1="0" x2=${scale.width} y1=${fuse} y2=${fuse}></line>
    ${marks.map(
      ({ x0, width, x, label }) => svg`<rect class="ink" x=${x0} y=${fuse - 2} width=${width} height="4"></rect>
        ${label ? svg`<text class="p halo" x=${x} y=${fuse + 15} text-anchor="middle">${label}</text>` : nothing}`,
    )}
    <line class="base" x1="0" x2=${scale.width} y1=${height - 0.5} y2=${height - 0.5}></line>
    ${nowLine(view, height)}`;
}

type FullMark = { x0: number; width: number; x: number; half: number; label: string };

/** Where parts of the site are full, and what they are called where there is room for that. */
function fullMarks({ scale, texts }: View, full: (Span & { name: string })[]): FullMark[] {
  let free = 0;
  return runsOf(full).map((run) => {
    const { x0, name } = run[0] as (typeof full)[0];
    const width = run.at(-1)!.x1 - x0;
    const said = texts.say("full", { part: name });
    const half = textWidth(said) / 2;
    const x = Math.min(scale.width - half, Math.max(half, x0 + width / 2));
    const label = width > 20 && x - half >= free ? said : "";
    if (label) free = x + half + 4;
    return { x0, width, x, half, label };
  });
}

/** Stripes tell the fifth car from the first. */
export function stripes(number: number, colour: string): SVGTemplateResult {
  return svg`<pattern id="car${number}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="6" height="6" fill=${colour}></rect><rect width="2" height="6" class="stripe"></rect></pattern>`;
}

/** A car's name in its widest block, where it fits. */
function carLabel(spans: Span[], name: string): SVGTemplateResult | typeof nothing {
  let best: { x: number; y: number; room: number } | null = null;
  for (const run of runsOf(spans)) {
    const width = run.at(-1)!.x1 - run[0]!.x0;
    const middle = run[Math.floor(run.length / 2)]!;
    const tall = middle.y0 - middle.y1;
    if (tall >= 16 && width >= textWidth(name) + 4 && (!best || width > best.room)) {
      best = { x: run[0]!.x0 + width / 2, y: (middle.y0 + middle.y1) / 2 + 4, room: width };
    }
  }
  if (!best) return nothing;
  return svg`<text class="m on-car" x=${best.x} y=${best.y} text-anchor="middle">${name}</text>`;
}

function panelLabels(
  view: View,
  height: number,
  sun: Span[],
  house: Span[],
  marks: FullMark[],
): SVGTemplateResult {
  const { scale, texts } = view;
  const x = scale.x(view.at);
  const before = texts.say("measured");
  const after = texts.say("planned");
  const y = height - (view.now.site.limit_kw / powerTop(view)) * height + 15;
  const peak = sun.filter((span) => span.x0 > x).toSorted((one, other) => one.y1 - other.y1)[0];
  // Where a part is full at once, that is said there.
  const busy = marks.some(({ label, x: at, half }) => label && at - half < x + textWidth(after) + 12 && at + half > x);
  const quiet = house.filter(
    (span) =>
      span.x0 > x + 60 &&
      span.y1 < height - 3 &&
      (!peak || Math.abs(span.x0 - peak.x0) > 70) &&
      !crowded(view, span),
  )[0];
  return svg`
    ${x > textWidth(before) + 8 ? svg`<text x=${Math.min(x, scale.width) - 6} y=${y} text-anchor="end">${before}</text>` : nothing}
    ${!busy && x >= 0 && x < scale.width - textWidth(after) - 8 ? svg`<text class="halo" x=${x + 6} y=${y}>${after}</text>` : nothing}
    ${peak ? svg`<text class="sun-text halo" x=${peak.x0} y=${peak.y1 - 6} text-anchor="middle">${texts.say("solar")}</text>` : nothing}
    ${quiet ? svg`<text class="house-text halo" x=${quiet.x0} y=${quiet.y1 - 5} text-anchor="middle">${texts.say("house")}</text>` : nothing}`;
}

/** Whether cars charge around a place, so that a label would lie on them. */
function crowded(view: View, span: Span): boolean {
  const from = view.scale.at(span.x0 - 24);
  const to = view.scale.at(span.x1 + 24);
  return view.steps.some(
    (step) => step.end > from && step.start < to && step.kw.some((kw) => kw >= NOTHING_KW),
  );
}
