/** The pictures of what was paid, saved and charged: columns beside each other that share one axis. */

import { svg, type SVGTemplateResult } from "lit";

import type { Formats } from "./formats";
import { isEstimated, type Period, pricesOf, savedOf } from "./savings-figures";
import { textWidth } from "./shapes";

const COST_H = 112;
const ENERGY_H = 72;
const PRICE_H = 72;
/** For what is written above a column. */
const HEAD_ROOM = 20;
const WIDEST_PX = 30;

/** Where a panel's columns stand. */
export class Columns {
  readonly slot: number;
  readonly bar: number;

  constructor(
    readonly width: number,
    readonly count: number,
  ) {
    this.slot = width / Math.max(1, count);
    this.bar = Math.min(WIDEST_PX, this.slot * 0.65);
  }

  middle(index: number): number {
    return Math.round((index + 0.5) * this.slot * 10) / 10;
  }

  at(x: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor(x / this.slot)));
  }

  fits(text: string): boolean {
    return textWidth(text) <= this.slot + 2;
  }
}

const r = (value: number): number => Math.round(value * 10) / 10;

export const labels = (columns: Columns, periods: Period[]): SVGTemplateResult => svg`<svg width=${columns.width} height="20" aria-hidden="true">
  ${periods.map(({ label, now }, index) => svg`<text class=${now ? "p m" : ""} x=${columns.middle(index)} y="13" text-anchor="middle">${label}</text>`)}
</svg>`;

/** What was paid, and above it what was saved; where charging at once would have cost less, that within it. */
export function costPanel(columns: Columns, periods: Period[], formats: Formats, name: string): SVGTemplateResult {
  const highs = periods.map(({ figures }) => Math.max(figures?.cost ?? 0, figures?.cost_if_charged_at_once ?? 0, 0));
  const lows = periods.map(({ figures }) => Math.min(figures?.cost ?? 0, figures?.cost_if_charged_at_once ?? 0, 0));
  const [high, low] = [Math.max(0.01, ...highs), Math.min(0, ...lows)];
  const y = (value: number): number => r(COST_H - ((value - low) / (high - low)) * (COST_H - HEAD_ROOM));
  const digits = high >= 20 ? 0 : 2;
  const box = (index: number, kind: string, from: number, to: number): SVGTemplateResult =>
    svg`<rect class=${kind} x=${r(columns.middle(index) - columns.bar / 2)} width=${r(columns.bar)} y=${Math.min(y(from), y(to))} height=${r(Math.abs(y(from) - y(to)))}></rect>`;
  const column = ({ figures }: Period, index: number): SVGTemplateResult[] => {
    const saved = figures && savedOf(figures);
    if (!figures || figures.cost === null || saved === null) return [];
    const { cost } = figures;
    const [paid, over] = [formats.number(cost, digits), formats.number(saved, digits)];
    const x = columns.middle(index);
    const inside = y(0) - y(cost);
    return [
      box(index, "paid", 0, cost),
      ...(isEstimated(figures) ? [box(index, "guessed", 0, cost)] : []),
      box(index, saved < 0 ? "lost" : "gained", cost, cost + saved),
      ...(figures.planned_kwh ? [box(index, "would", cost, cost - (figures.would_save ?? 0))] : []),
      ...(columns.fits(over) && Math.abs(saved) >= 0.5 * 10 ** -digits
        ? [svg`<text class=${saved < 0 ? "m lost" : "m gained"} x=${x} y=${y(Math.max(cost, cost + saved, 0)) - 5} text-anchor="middle">${over}</text>`]
        : []),
      ...(columns.fits(paid) && inside >= 16 && (saved >= 0 || y(cost + saved) - y(cost) > 16 || -saved < 0.02 * high)
        ? [svg`<text class="paper" x=${x} y=${y(cost) + 14} text-anchor="middle">${paid}</text>`]
        : []),
    ];
  };
  return svg`<svg width=${columns.width} height=${COST_H} role="img" aria-label=${name}>
    <defs><pattern id="guess" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="5" class="hatch"></rect></pattern></defs>
    ${periods.flatMap(column)}
    <line class="base" x1="0" x2=${columns.width} y1=${y(0) - 0.5} y2=${y(0) - 0.5}></line></svg>`;
}

/** Where the energy came from: the sun below, a home battery on it, the grid above. */
export function energyPanel(columns: Columns, periods: Period[], formats: Formats, name: string): SVGTemplateResult {
  const high = Math.max(0.1, ...periods.map(({ figures }) => figures?.energy_kwh ?? 0));
  const tall = (kwh: number): number => (kwh / high) * (ENERGY_H - HEAD_ROOM + 4);
  const column = ({ figures }: Period, index: number): SVGTemplateResult[] => {
    if (!figures || figures.energy_kwh <= 0) return [];
    const { energy_kwh: all, solar_kwh: solar, battery_kwh: battery } = figures;
    const x = r(columns.middle(index) - columns.bar / 2);
    let below = 0;
    const boxes = [["solar", solar], ["battery", battery], ["grid", all - solar - battery]] as const;
    const total = formats.number(all, high >= 20 ? 0 : 1);
    return [
      ...boxes.flatMap(([kind, kwh]) => {
        below += Math.max(0, kwh);
        return kwh > 0
          ? [svg`<rect class=${kind} x=${x} width=${r(columns.bar)} y=${r(ENERGY_H - tall(below))} height=${r(tall(kwh))}></rect>`]
          : [];
      }),
      ...(columns.fits(total)
        ? [svg`<text x=${columns.middle(index)} y=${r(ENERGY_H - tall(all) - 4)} text-anchor="middle">${total}</text>`]
        : []),
    ];
  };
  return svg`<svg width=${columns.width} height=${ENERGY_H} role="img" aria-label=${name}>${periods.flatMap(column)}
    <line class="base" x1="0" x2=${columns.width} y1=${ENERGY_H - 0.5} y2=${ENERGY_H - 0.5}></line></svg>`;
}

/** Pairs of dots: what a kWh cost, and what it would have cost at once. The first, lowest and last are named. */
export function pricePanel(columns: Columns, periods: Period[], formats: Formats, name: string): SVGTemplateResult {
  const pairs = periods.flatMap(({ figures }, index) => {
    const prices = figures && pricesOf(figures);
    return prices ? [{ index, ...prices }] : [];
  });
  const all = pairs.flatMap(({ paid, atOnce }) => [paid, atOnce]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const y = (price: number): number => r(PRICE_H - 22 - ((price - low) / Math.max(0.01, high - low)) * (PRICE_H - 42));
  const lowest = pairs.reduce<(typeof pairs)[number] | null>((found, one) => (!found || one.paid < found.paid ? one : found), null);
  const named = new Set([pairs[0], lowest, pairs.at(-1)]);
  const word = (index: number, price: number, below: boolean): SVGTemplateResult =>
    svg`<text class=${below ? "p" : ""} x=${columns.middle(index)} y=${y(price) + (below ? 17 : -7)} text-anchor="middle">${formats.price(price)}</text>`;
  return svg`<svg width=${columns.width} height=${PRICE_H} role="img" aria-label=${name}>
    ${pairs.map(({ index, paid, atOnce }) => {
      const x = columns.middle(index);
      return svg`<line class=${atOnce < paid ? "pair lost" : "pair"} x1=${x} x2=${x} y1=${y(atOnce)} y2=${y(paid)}></line>
        <circle class="at-once" cx=${x} cy=${y(atOnce)} r="3"></circle><circle class="paid" cx=${x} cy=${y(paid)} r="3.5"></circle>`;
    })}
    ${pairs.filter((pair) => named.has(pair)).map(({ index, paid, atOnce }) => word(index, paid, paid <= atOnce))}
    ${pairs.slice(0, 1).map(({ index, paid, atOnce }) => word(index, atOnce, paid > atOnce))}
    <line class="base" x1="0" x2=${columns.width} y1=${PRICE_H - 0.5} y2=${PRICE_H - 0.5}></line></svg>`;
}
