/** The sentences around the picture: headline, captions, footer. */

import { html, nothing, type TemplateResult } from "lit";

import { FULL, type Lane, stepAt, totalKw, type View } from "./view";
import type { IconName } from "./icons";

export interface Headline {
  icon: IconName;
  tone: "calm" | "alarm" | "quiet";
  title: string;
  detail: string;
}

/** What matters most, in one sentence; what else is to be said, below it. */
export function headline(view: View): Headline {
  const { lanes, texts, formats, at, plan, now } = view;
  const here = lanes.filter(({ charger }) => charger.plugged);
  const short = here.filter(({ charger }) => charger.trouble);
  const charging = here.filter(({ charger }) => charger.status === "charging");
  if (!now.planned || !plan) {
    return { icon: "warning", tone: "alarm", title: texts.say("no_plan"), detail: texts.say("no_plan_detail") };
  }
  if (short.length) {
    const lane = short[0]!;
    return {
      icon: "warning",
      tone: "alarm",
      title: texts.say("head_short", {
        name: lane.name,
        departure: formats.when(lane.car?.departure ?? at, at),
      }),
      detail: said(
        texts.say("head_missing", { missing: formats.number(lane.car?.shortfall_kwh ?? 0, 1) }),
        next(view, here.filter((other) => other !== lane)),
      ),
    };
  }
  if (!here.length) {
    return { icon: "unplugged", tone: "quiet", title: texts.say("nobody"), detail: expected(view) };
  }
  if (charging.length === 1) {
    const [lane] = charging;
    const until = endOfBlock(view, lane!);
    const named = { name: lane!.name, power: formats.kw(lane!.charger.power_kw) };
    return {
      icon: "station",
      tone: "calm",
      title:
        until === null
          ? texts.say("head_charging", named)
          : texts.say("head_charging_until", { ...named, until: formats.when(until, at) }),
      detail: said(next(view, here.filter((other) => other !== lane)), ready(view, here)),
    };
  }
  if (charging.length > 1) {
    const power = charging.reduce((sum, { charger }) => sum + charger.power_kw, 0);
    return {
      icon: "station",
      tone: "calm",
      title: texts.say("head_several", {
        count: String(charging.length),
        of: String(here.length),
        power: formats.kw(power),
      }),
      detail: said(next(view, here.filter((lane) => !charging.includes(lane))), ready(view, here)),
    };
  }
  const waiting = startsNext(view, here);
  if (waiting) {
    return {
      icon: "station",
      tone: "calm",
      title: texts.say("head_starts", {
        name: waiting.lane.name,
        start: formats.when(waiting.at, at),
      }),
      detail: said(next(view, here.filter((lane) => lane !== waiting.lane)), ready(view, here)),
    };
  }
  return { icon: "station", tone: "calm", title: texts.say("head_nothing"), detail: expected(view) };
}

const said = (...sentences: string[]): string => sentences.filter(Boolean).join(" ");

/** When a lane's charging that goes on now ends by the plan. */
function endOfBlock(view: View, lane: Lane): number | null {
  const index = view.lanes.indexOf(lane);
  let end: number | null = null;
  for (const step of view.steps) {
    if (step.past || step.end <= view.at) continue;
    if ((step.kw[index] ?? 0) <= 0) break;
    end = Math.min(step.end, lane.car?.departure ?? step.end);
  }
  return end;
}

function startOf(view: View, lane: Lane): number | null {
  const index = view.lanes.indexOf(lane);
  return view.steps.find((step) => !step.past && step.start > view.at && (step.kw[index] ?? 0) > 0)?.start ?? null;
}

function startsNext(view: View, lanes: Lane[]): { lane: Lane; at: number } | null {
  return (
    lanes
      .map((lane) => ({ lane, at: startOf(view, lane) }))
      .filter((one): one is { lane: Lane; at: number } => one.at !== null)
      .toSorted((one, other) => one.at - other.at)[0] ?? null
  );
}

function next(view: View, lanes: Lane[]): string {
  const first = startsNext(view, lanes);
  if (!first) return "";
  return view.texts.say("starts", {
    name: first.lane.name,
    start: view.formats.when(first.at, view.at),
  });
}

function ready(view: View, here: Lane[]): string {
  const planned = here.filter(({ car }) => car && car.energy_kwh > 0.05);
  if (!planned.length || planned.some(({ charger }) => charger.trouble)) return "";
  return view.texts.say(planned.length === 1 ? "one_ready" : "all_ready");
}

function expected(view: View): string {
  const { now, texts, formats, at } = view;
  const coming = now.reservations.filter(({ arrival }) => arrival > at - 3600)[0];
  if (!coming) return texts.say(now.chargers.length ? "nobody_detail" : "no_chargers");
  return texts.say("expected", {
    name: coming.name,
    arrival: formats.when(coming.arrival, at),
    departure: formats.when(coming.departure, at),
  });
}

/** What stands beside the price: the present one, and when it is lowest. */
export function priceCaption(view: View): string[] {
  const { texts, formats, at, steps, plan } = view;
  if (!plan?.prices_known) return [texts.say("no_prices")];
  const present = stepAt(steps, at);
  const future = steps.filter((step) => !step.past && !step.estimated && step.price !== null && step.start < view.scale.to);
  const lowest = future.reduce<(typeof future)[number] | null>(
    (found, step) => (!found || step.price! < found.price! ? step : found),
    null,
  );
  const lines: string[] = [];
  if (present?.price != null) {
    lines.push(texts.say("price_now", { price: formats.price(present.price), unit: `${formats.currency}/kWh` }));
  }
  if (lowest && lowest !== present && lowest.price! < (present?.price ?? Infinity)) {
    lines.push(texts.say("price_lowest", { at: formats.when(lowest.start, at) }));
  }
  return lines;
}

export function powerCaption(view: View): string[] {
  const { texts, formats, at, steps, now } = view;
  const lines: string[] = [];
  if (now.power_kw !== null) {
    lines.push(
      texts.say("power_now", {
        power: formats.kw(Math.max(0, now.power_kw)),
        limit: formats.plain(now.site.limit_kw),
      }),
    );
  }
  const future = steps.filter((step) => !step.past && step.kw.some((kw) => kw > 0));
  const peak = future.reduce<(typeof future)[number] | null>(
    (found, step) => (!found || totalKw(step) > totalKw(found) ? step : found),
    null,
  );
  if (peak) {
    lines.push(
      texts.say("power_peak", { power: formats.kw(totalKw(peak)), at: formats.when(peak.start, at) }),
    );
  } else if (now.power_kw !== null) {
    lines.push(texts.say("power_free", { power: formats.kw(Math.max(0, now.site.limit_kw - now.power_kw)) }));
  }
  return lines;
}

export function fuseLabel(view: View): string {
  const { site } = view.now;
  const { texts, formats } = view;
  return site.fuse_a === null
    ? texts.say("limit", { limit: formats.plain(site.limit_kw) })
    : texts.say("fuse", { phases: String(site.phases), amps: formats.plain(site.fuse_a) });
}

const rich = (parts: { text: string; strong: boolean }[]): (string | TemplateResult)[] =>
  parts.map(({ text, strong }) => (strong ? html`<b>${text}</b>` : text));

export function footer(view: View): TemplateResult {
  const { plan, texts, formats, at } = view;
  if (!plan) return html``;
  const saved = plan.cost_at_once - plan.cost;
  const paid = formats.money(plan.cost);
  const money = !plan.prices_known
    ? nothing
    : saved > 0.005
      ? rich(texts.parts("foot_saves", { cost: paid, saved: formats.money(saved) }))
      : rich(texts.parts("foot_cost", { cost: paid }));
  return html`<footer class="foot">
    <span class="c money">${money}</span><span class="c">${tightest(view)}</span>
    <span class="c">${age(view, at - plan.made_at)}</span>
  </footer>`;
}

/** Whether the fuse holds, by its tightest moment while cars charge. */
function tightest(view: View): string {
  const { texts, formats, steps, now } = view;
  const busy = steps.filter((step) => !step.past && step.full && step.kw.some((kw) => kw > 0));
  const step = busy.reduce<(typeof busy)[number] | null>(
    (found, one) => (!found || one.full!.used / one.full!.limit > found.full!.used / found.full!.limit ? one : found),
    null,
  );
  if (!step?.full) return "";
  const { name, used, limit, phase } = step.full;
  const amps = (kw: number): string => formats.number((kw * 1000) / now.site.voltage, 1);
  const named = phase
    ? { part: name, used: amps(used), limit: formats.plain((limit * 1000) / now.site.voltage), unit: "A" }
    : { part: name, used: formats.kw(used), limit: formats.plain(limit), unit: "kW" };
  return texts.say(used > limit + 0.05 ? "foot_over" : "foot_kept", named);
}

function age(view: View, seconds: number): string {
  const { plan, texts, formats } = view;
  if (view.preview) return texts.say("preview");
  const named = { age: formats.duration(seconds) };
  if (plan?.price_error) return texts.say("foot_old_prices", named);
  if (plan?.gap == null) return texts.say("foot_age", named);
  const gap = plan.gap * 100;
  return gap < 0.05
    ? texts.say("foot_best", named)
    : texts.say("foot_gap", { ...named, gap: formats.number(gap, 1) });
}

export const isFull = (used: number, limit: number): boolean => used >= FULL * limit;
