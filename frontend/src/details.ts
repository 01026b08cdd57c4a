/**
 * What is not needed for the first look, in a module of its own: what can be set at an open lane; one
 * moment of the plan as a box beside it; and all of them as a table, for who cannot see them.
 */

import { html, nothing, svg, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { icon } from "./icons";
import { dot, type LaneActions, modes, pendingOf, sentence, stateWord } from "./lane";
import { lanePicture, outcome } from "./lane-picture";
import { grid, nowLine } from "./panels";
import { changeOf, type Preview } from "./preview";
import type { Tick } from "./scale";
import { areas, runsOf, textWidth } from "./shapes";
import type { Battery, EntityKey } from "./types";
import { type Lane, MANY, NOTHING_KW, PAST_H, type Step, totalKw, type View } from "./view";

export { styles } from "./details-styles";
export { choose, compare, formerPlan, merged } from "./history";
export { keys, lookBack, pan } from "./moves";
export { previewed, previewHeadline } from "./preview";
export { Setting } from "./setting";

const WIDTH = 232;

export function tooltip(view: View, step: Step, x: number, left: number, width: number): TemplateResult {
  const { texts, formats, lanes } = view;
  const inset = x + left + 14 + WIDTH > width ? x + left - 14 - WIDTH : x + left + 14;
  const until = formats.clock(step.end);
  const rows = lanes.flatMap((lane, index) => {
    const planned = step.planned[index] ?? 0;
    return Math.max(step.kw[index] ?? 0, planned) < NOTHING_KW ? [] : [{ lane, power: power(view, step, index) }];
  });
  const why = reasonsOf(view, step);
  return html`<div class="tip" style="inset-inline-start:auto;left:${Math.max(4, Math.min(width - WIDTH - 4, inset))}px" aria-hidden="true">
    <b>${texts.say("span", { from: formats.when(step.start, view.at), until })}</b>
    ${step.price === null ? nothing : html`<span class="c price">${formats.price(step.price)} ${formats.currency}/kWh${step.estimated ? ` (${texts.say("estimated")})` : ""}</span>`}
    <hr />
    <table>
      ${rows.map(({ lane, power }) => row(html`<span class="dot" style="--dot:${lane.colour}"></span>${lane.name}`, power))}
      ${step.house === null ? nothing : row(html`<span class="dot" style="--dot:var(--ov-house)"></span>${texts.say("house")}`, `${formats.kw(step.house)} kW`)}
      ${step.solar === null || step.solar < NOTHING_KW ? nothing : row(html`<span class="dot" style="--dot:var(--ov-sun)"></span>${texts.say("solar")}`, `${formats.kw(step.solar)} kW`)}
      ${rows.length ? row(html`${texts.say("together")}`, html`<b>${formats.kw(totalKw(step))} kW</b>`) : nothing}
      ${step.full && rows.length ? row(html`${step.full.name}`, carried(view, step)) : nothing}
    </table>
    ${why.length ? html`<hr /><span class="c">${why.join(" ")}</span>` : nothing}
  </div>`;
}

/** What a car draws, beside what had been planned where that was something else. */
function power({ texts, formats }: View, step: Step, index: number): string {
  const kw = step.kw[index] ?? 0;
  const planned = step.planned[index] ?? null;
  return planned === null || Math.abs(planned - kw) < 0.05
    ? `${formats.kw(kw)} kW`
    : texts.say("was_planned", { power: formats.kw(kw), planned: formats.kw(planned) });
}

const row = (name: TemplateResult, value: string | TemplateResult): TemplateResult =>
  html`<tr><td>${name}</td><td><bdi>${value}</bdi></td></tr>`;

function carried(view: View, step: Step): string {
  const { formats, texts } = view;
  const { used, limit, phase } = step.full!;
  const scale = phase ? 1000 / view.now.site.voltage : 1;
  return texts.say("of", {
    used: formats.number(used * scale, 1),
    limit: `${formats.plain(limit * scale)} ${phase ? "A" : "kW"}`,
  });
}

/** Why cars charge in a step, or do not; each reason once. */
function reasonsOf(view: View, step: Step): string[] {
  const { plan, lanes, texts } = view;
  if (!plan || step.index === null) return [];
  const found = new Set<string>();
  for (const { car, name } of lanes) {
    const reason = plan.reasons[car?.why[step.index] ?? -1];
    if (!car || !reason?.kind || reason.kind === "absent") continue;
    const text = texts.say(`why_${reason.kind}`, {
      name,
      part: reason.detail,
    });
    if (text) found.add(text);
  }
  return [...found].slice(0, 3);
}

/** The same as a table, an hour a row: what is seen at a glance is heard at once. */
export function table(view: View): TemplateResult {
  const { texts, formats, lanes, scale } = view;
  // The last hours are seen by the way; who looks further back wants to know.
  const from = scale.from < view.at - (PAST_H + 1) * 3600 ? scale.from : view.at;
  const steps = view.steps
    .filter((step) => step.end > from && step.start < scale.to)
    .filter((step, index, all) => index === 0 || !sameAsBefore(all[index - 1]!, step));
  // Nobody listens to a hundred columns: of many, those that charge are named.
  const columns =
    lanes.length > MANY
      ? [{ name: texts.say("power"), cell: (step: Step) => charging(view, step) }]
      : lanes.map(({ name }, index) => ({ name, cell: (step: Step) => power(view, step, index) }));
  return html`<table class="unseen">
    <caption>${texts.say("table")}</caption>
    <thead><tr><th scope="col">${texts.say("time")}</th><th scope="col">${texts.say("price")}</th>
      ${columns.map(({ name }) => html`<th scope="col">${name}</th>`)}<th scope="col">${texts.say("together")}</th></tr></thead>
    <tbody>${steps.map(
      (step) => html`<tr><th scope="row">${formats.when(step.start, view.at)}</th>
        <td>${step.price === null ? "" : formats.price(step.price)}</td>
        ${columns.map(({ cell }) => html`<td>${cell(step)}</td>`)}
        <td>${formats.kw(totalKw(step))} kW</td></tr>`,
    )}</tbody>
  </table>`;
}

const charging = ({ lanes, formats }: View, step: Step): string =>
  lanes
    .flatMap(({ name }, index) => {
      const kw = step.kw[index] ?? 0;
      return kw < NOTHING_KW ? [] : [`${name} ${formats.kw(kw)} kW`];
    })
    .join(", ");

function sameAsBefore(before: Step, step: Step): boolean {
  return (
    before.past === step.past &&
    before.price === step.price &&
    before.planned.every((kw, index) => kw === step.planned[index]) &&
    before.kw.every((kw, index) => Math.abs(kw - (step.kw[index] ?? 0)) < 0.1)
  );
}

/** What can be set, where a lane is open. */
export function panel(view: View, lane: Lane, actions: LaneActions): TemplateResult {
  const { charger } = lane;
  const { texts } = view;
  const { entities } = charger;
  const links: EntityKey[] = ["vehicle", "status"];
  return html`<div class="exp">
    <div class="field modes"><span class="label">${texts.entity("select", "mode")}</span>${modes(view, lane, actions, true)}</div>
    ${charger.target_soc !== null && entities.target_soc ? target(view, lane, actions) : energy(view, lane, actions)}
    ${entities.next_departure ? departure(view, lane, actions) : nothing}
    <div class="field wide">
      ${repeat(
        links.filter((key) => entities[key]),
        (key) => key,
        (key) => html`<button class="btn" @click=${() => actions.more(lane, key)}>${key === "vehicle" ? texts.entity("select", "vehicle") : texts.say("details")}</button>`,
      )}
      <span class="c">${facts(view, lane)}</span>
    </div>
  </div>`;
}

function facts(view: View, lane: Lane): string {
  const { texts, formats } = view;
  const { charger, car } = lane;
  const said: string[] = [];
  if (charger.delivered_kwh > 0.05) {
    said.push(texts.say("delivered", { energy: formats.number(charger.delivered_kwh, 1) }));
  }
  if (car && view.plan?.prices_known && car.cost_at_once > car.cost + 0.005) {
    said.push(texts.say("at_once", { amount: formats.money(car.cost_at_once) }));
  }
  return said.join(" ");
}

const FINE = 1;
const COARSE = 10;

function target(view: View, lane: Lane, actions: LaneActions): TemplateResult {
  const { charger } = lane;
  const { texts, formats } = view;
  const wanted = pendingOf(actions, lane)?.target ?? charger.target_soc!;
  const name = texts.entity("number", "target_soc");
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = Math.min(100, Math.max(1, wanted + by * (event.shiftKey ? COARSE : FINE)));
    actions.setting!.setTarget(lane, next, false);
  };
  return html`<div class="field"><span class="label">${name}</span>
    <div class="slide">
      <span class="m">${charger.soc === null ? nothing : formats.percent(charger.soc)}</span>
      <input type="range" min="1" max="100" step="1" aria-label=${name} aria-valuetext=${formats.percent(wanted)}
        .value=${String(wanted)} style="--dot:${lane.colour};--soc:${charger.soc ?? 0}%;--target:${wanted}%"
        @keydown=${keys}
        @input=${(event: Event) => actions.setting!.setTarget(lane, Number((event.target as HTMLInputElement).value), false)}
        @change=${(event: Event) => actions.setting!.setTarget(lane, Number((event.target as HTMLInputElement).value), true)} />
      <span>${formats.percent(wanted)}</span>
    </div></div>`;
}

/** How much a car is to get whose state of charge is not known. */
function energy(view: View, lane: Lane, actions: LaneActions): TemplateResult | typeof nothing {
  const { texts, formats, hass } = view;
  const kwh = Number(hass.states[lane.charger.entities.target_energy ?? ""]?.state ?? NaN);
  if (!Number.isFinite(kwh)) return nothing;
  const to = (by: number): void => actions.setting!.setEnergy(lane, Math.max(0, Math.round(kwh) + by));
  return html`<div class="field"><span class="label">${texts.entity("number", "target_energy")}</span>
    <div class="step">
      <button aria-label=${texts.say("less")} @click=${() => to(-1)}>${icon("minus")}</button>
      <span class="value">${texts.say("energy", { energy: formats.plain(kwh) })}</span>
      <button aria-label=${texts.say("more")} @click=${() => to(1)}>${icon("plus")}</button>
    </div></div>`;
}

const QUARTER_S = 900;

function departure(view: View, lane: Lane, actions: LaneActions): TemplateResult {
  const { texts, formats } = view;
  const wanted = pendingOf(actions, lane)?.departure ?? lane.charger.departure;
  const name = texts.entity("time", "departure");
  const to = (by: number): void => actions.setting!.setDeparture(lane, moved(wanted, by, view.at));
  const keys = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    to(by * (event.shiftKey ? 4 : 1));
  };
  return html`<div class="field"><span class="label">${name}</span>
    <div class="step">
      <button aria-label=${texts.say("earlier")} @click=${() => to(-1)}>${icon("minus")}</button>
      <span class="value" tabindex="0" role="slider" aria-label=${name} aria-valuenow=${Math.round(wanted / 60)} aria-valuetext=${formats.dayClock(wanted)} @keydown=${keys}>${formats.dayClock(wanted)}</span>
      <button aria-label=${texts.say("later")} @click=${() => to(1)}>${icon("plus")}</button>
    </div></div>`;
}

/** Many chargers: a short row for each, under the circuit that it hangs on. */
export function rows(view: View, ticks: Tick[], actions: LaneActions): TemplateResult {
  const groups = [...view.now.circuits, null]
    .map((circuit) => ({
      circuit,
      lanes: view.lanes.filter((lane) => lane.charger.circuit === (circuit?.id ?? null)),
    }))
    .filter(({ lanes }) => lanes.length);
  return html`${groups.map(({ circuit, lanes }) => {
    const here = lanes.filter(({ charger }) => charger.plugged).length;
    const named = { here: String(here), of: String(lanes.length) };
    return html`<div class="group"><b>${circuit?.name ?? view.now.site.name}</b><span class="c">${view.texts.say("occupied", named)}</span></div>
      ${repeat(
        lanes,
        (lane) => lane.charger.id,
        (lane) => laneRow(view, lane, ticks, actions),
      )}`;
  })}`;
}

const ROW_H = 20;

/** A short row, for sites with many chargers. */
function laneRow(view: View, lane: Lane, ticks: Tick[], actions: LaneActions): TemplateResult {
  const { charger } = lane;
  const open = actions.open === charger.id;
  const words = outcome(view, lane);
  return html`<section class="short ${charger.trouble ? "trouble" : ""}" aria-label=${lane.name}>
    <div class="g">
      <button class="nm plain" aria-expanded=${open} @click=${() => actions.toggle(charger.id)}>
        ${dot(lane)}<b>${lane.name}</b><span class="c">${lane.place}</span>
        <span class="c end">${charger.soc === null ? nothing : view.formats.percent(charger.soc)}</span>
      </button>
      <div class="plot"><svg width=${view.scale.width} height=${ROW_H} role="img" aria-label=${lane.name}>
        ${lanePicture(view, lane, ticks, { height: ROW_H, dragged: null, words: false })}
      </svg><i class="cross"></i></div>
      <div class="side c">${words ? html`<span class=${words.alarm ? "alarm-text" : "ok"}>${icon(words.alarm ? "alert" : "check", 14)}</span>${view.narrow ? words.text : readyText(view, lane, words)}` : stateWord(view, lane)}</div>
    </div>
    ${open || charger.trouble ? html`<div class="say wrap"><b>${stateWord(view, lane)}</b>&ensp;${sentence(view, lane)}</div>` : nothing}
    ${open ? (actions.details?.panel(view, lane, actions) ?? nothing) : nothing}
  </section>`;
}

function readyText(view: View, lane: Lane, words: { text: string; alarm: boolean }): string {
  const finish = lane.car?.finish;
  if (words.alarm) {
    const missing = view.formats.number(lane.car?.shortfall_kwh ?? 0, 1);
    return view.texts.say("short_row", { missing });
  }
  if (finish == null) return words.text;
  return view.texts.say("ready", { ready: view.formats.when(finish, view.at) });
}

const BATTERY_H = 28;

/** A home battery: what it takes above the line, what it gives below; and when it is held. */
export function batteryLane(view: View, battery: Battery, ticks: Tick[]): TemplateResult | typeof nothing {
  const { plan, scale, texts, formats } = view;
  if (!plan || !(battery.power_kw.some(Boolean) || battery.hold.some(Boolean))) return nothing;
  const top = Math.max(0.1, ...battery.power_kw.map(Math.abs));
  const middle = BATTERY_H / 2;
  const spans = battery.power_kw.map((kw, step) => ({
    x0: scale.within(Math.max(plan.edges[step]!, view.at)),
    x1: scale.within(plan.edges[step + 1]!),
    y0: middle,
    y1: middle - (kw / top) * (middle - 1),
  }));
  const held = runsOf(
    battery.hold.flatMap((hold, step) =>
      hold
        ? [{ x0: scale.within(plan.edges[step]!), x1: scale.within(plan.edges[step + 1]!), y0: BATTERY_H, y1: 0 }]
        : [],
    ),
  ).map((run) => ({ ...run[0]!, x1: run.at(-1)!.x1 }));
  const word = texts.say("held");
  const now = view.now.batteries?.find(({ id }) => id === battery.id);
  const name = now?.name ?? texts.say("battery");
  return html`<section class="lane" aria-label=${name}><div class="g">
    <div class="nm"><span class="dot" style="--dot:var(--ov-battery)"></span><b>${name}</b>
      <span class="c end">${now?.soc == null ? nothing : formats.percent(now.soc)}</span></div>
    <div class="plot"><svg width=${scale.width} height=${BATTERY_H} role="img" aria-label=${name}>${svg`
      ${grid(ticks, BATTERY_H)}
      ${held.map((span) => svg`<rect class="held" x=${span.x0} y="4" width=${span.x1 - span.x0} height=${BATTERY_H - 8}></rect>
        ${span.x1 - span.x0 > textWidth(word) + 8 ? svg`<text x=${(span.x0 + span.x1) / 2} y=${middle + 4} text-anchor="middle">${word}</text>` : nothing}`)}
      <path class="battery" d=${areas(spans.filter(({ x0, x1, y1 }) => x1 > x0 && y1 !== middle))}></path>
      <line class="base" x1="0" x2=${scale.width} y1=${middle} y2=${middle}></line>
      ${nowLine(view, BATTERY_H)}`}</svg></div>
    <div class="side c">${battery.power_kw.some(Boolean) ? texts.say("up_to", { power: formats.kw(top) }) : nothing}</div>
  </div></section>`;
}

/** How far a finger may leave the lane before that means no. */
const OFF_PX = 80;

/** The flag as something to take hold of: drag it, or move it with the arrow keys. */
export function grip(view: View, lane: Lane, actions: LaneActions): TemplateResult | typeof nothing {
  const { charger } = lane;
  if (!charger.plugged || !charger.entities.next_departure) return nothing;
  const { texts, formats, scale } = view;
  const dragged = pendingOf(actions, lane)?.departure ?? null;
  const departure = dragged ?? lane.car?.departure ?? charger.departure;
  const x = scale.x(departure);
  if (x < 0 || x > scale.width) return nothing;
  const snapped = (event: PointerEvent): number => {
    const plot = (event.currentTarget as HTMLElement).parentElement!.getBoundingClientRect();
    const at = scale.at(Math.min(scale.width, event.clientX - plot.left));
    return Math.max(Math.ceil((view.at + 1) / QUARTER_S), Math.round(at / QUARTER_S)) * QUARTER_S;
  };
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const flag = event.currentTarget as HTMLElement;
    flag.setPointerCapture(event.pointerId);
    event.stopPropagation();
    const from = { x: event.clientX, y: event.clientY };
    let moved = false;
    const stop = new AbortController();
    const end = (): void => stop.abort();
    const options = { signal: stop.signal };
    flag.addEventListener(
      "pointermove",
      (move) => {
        if (Math.abs(move.clientY - from.y) > OFF_PX) {
          actions.setting!.cancel();
          end();
          return;
        }
        moved ||= Math.abs(move.clientX - from.x) > 3;
        if (moved) actions.setting!.drag(lane, snapped(move));
      },
      options,
    );
    flag.addEventListener(
      "pointerup",
      (up) => {
        end();
        if (moved) actions.setting!.setDeparture(lane, snapped(up), true);
      },
      options,
    );
    flag.addEventListener("pointercancel", () => (actions.setting!.cancel(), end()), options);
    flag.addEventListener("keydown", (key) => key.key === "Escape" && (actions.setting!.cancel(), end()), options);
  };
  const keys = (event: KeyboardEvent): void => {
    if (event.key === "Escape") actions.setting!.cancel();
    if (event.key === "Enter" && dragged !== null) actions.setting!.setDeparture(lane, dragged, true);
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    actions.setting!.setDeparture(lane, moved(departure, by * (event.shiftKey ? 4 : 1), view.at));
  };
  return html`<span class="grip" role="slider" tabindex="0" style="left:${x}px"
      aria-label=${texts.entity("time", "departure")} aria-valuenow=${Math.round(departure / 60)} aria-valuetext=${formats.dayClock(departure)}
      @pointerdown=${down} @keydown=${keys}></span>
    ${dragged === null ? nothing : html`<span class="bubble" style="left:${x}px"><b>${formats.when(dragged, view.at)}</b>${view.preview ? bubbleWords(view, view.preview, lane) : nothing}</span>`}`;
}

function bubbleWords(view: View, preview: Preview, lane: Lane): TemplateResult {
  const { texts, formats, at } = view;
  const finish = lane.car?.finish;
  return html`<span>${formats.signed(changeOf(preview, lane.charger.id))}</span>
    ${finish == null ? nothing : html`<span>${texts.say("ready", { ready: formats.when(finish, at) })}</span>`}`;
}

/** A departure some quarters of an hour later or earlier, but not in the past. */
function moved(from: number, quarters: number, now: number): number {
  const grid = quarters > 0 ? Math.floor(from / QUARTER_S) : Math.ceil(from / QUARTER_S);
  const to = (grid + quarters) * QUARTER_S;
  return to > now ? to : from;
}
