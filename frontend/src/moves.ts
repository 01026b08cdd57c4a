/** Going through time: along the axis with a finger or a mouse, from step to step with keys. */

import { askFormer, askOlder, keptFrom } from "./history";
import type { PlanCard } from "./plan-card";
import { PAST_H } from "./view";

const PAGE_H = 6;
const DAY_H = 24;

/** Drag the axis to look at what was before, or comes later. */
export function pan(card: PlanCard, event: PointerEvent): void {
  const view = card.current;
  if (!view) return;
  const plot = event.currentTarget as HTMLElement;
  plot.setPointerCapture(event.pointerId);
  const hours = (view.scale.to - view.scale.from) / 3600;
  const before = card.back;
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const move = (now: PointerEvent): void => {
    const by = ((now.clientX - event.clientX) / view.scale.width) * hours;
    look(card, before + by, hours, view.automatic);
  };
  plot.addEventListener("pointermove", move, options);
  plot.addEventListener("pointerup", () => stop.abort(), options);
  plot.addEventListener("pointercancel", () => stop.abort(), options);
}

/** Look some hours back or ahead, as far as there is something. */
function look(card: PlanCard, back: number, hours: number, all: number): void {
  const most = Math.max(0, (card.at - keptFrom(card)) / 3600 - PAST_H);
  card.back = Math.min(most, Math.max(-Math.max(0, all - hours), Math.round(back * 4) / 4));
  if (card.back > 0) askOlder(card);
}

/** Look at the last day: what was planned, and what came of it. */
export function lookBack(card: PlanCard): void {
  look(card, DAY_H, 0, 0);
  card.hours = card.back + PAST_H;
}

export function keys(card: PlanCard, event: KeyboardEvent): void {
  if (event.target !== event.currentTarget || !card.current) return;
  const { steps, at, scale, automatic } = card.current;
  const shown = steps.filter((step) => step.end > scale.from && step.start < scale.to);
  const page = { PageDown: -PAGE_H, PageUp: PAGE_H }[event.key];
  if (page) {
    event.preventDefault();
    look(card, card.back + page, (scale.to - scale.from) / 3600, automatic);
  }
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") {
    if (card.hover === null) card.former = null;
    card.hover = null;
  }
  if (event.key === "Enter" && card.hover !== null && card.hover < at) askFormer(card, card.hover);
  if (!by || !shown.length) return;
  event.preventDefault();
  const here = card.hover ?? at;
  const index = shown.findIndex((step) => step.start <= here && here < step.end);
  const jump = card.hover === null ? 0 : by * (event.shiftKey ? 4 : 1);
  card.hover = shown[Math.min(shown.length - 1, Math.max(0, index + jump))]!.start;
}
