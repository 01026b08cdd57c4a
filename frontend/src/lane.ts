/** One charger: its car, how full it is and is to be, what it does and why, and what can be set. */

import { html, nothing, type TemplateResult } from "lit";

import type * as Details from "./details";
import { icon, type IconName } from "./icons";
import { lanePicture, outcome } from "./lane-picture";
import type { Tick } from "./scale";
import type { EntityKey, Mode, Moment } from "./types";
import { type Lane, type View } from "./view";

export const MODES: Mode[] = ["smart", "solar_only", "min_solar", "now", "off"];
const LANE_H = 28;

/** What a person does at a lane. */
export interface LaneActions {
  open: string | null;
  /** What is set and not sent yet. */
  pending: Pending | null;
  /** What is not needed for the first look, once it is there. */
  details: typeof Details | undefined;
  setting: Details.Setting | undefined;
  toggle(charger: string): void;
  setMode(lane: Lane, mode: Mode): void;
  more(lane: Lane, key: EntityKey): void;
}

export interface Pending {
  charger: string;
  target: number | null;
  departure: Moment | null;
}

export const pendingOf = (actions: LaneActions, lane: Lane): Pending | null =>
  actions.pending?.charger === lane.charger.id ? actions.pending : null;

export function laneView(view: View, lane: Lane, ticks: Tick[], actions: LaneActions): TemplateResult {
  const { charger } = lane;
  const open = actions.open === charger.id;
  const words = outcome(view, lane);
  const title = `${lane.name}${lane.place ? `, ${lane.place}` : ""}`;
  return html`<section class="lane ${charger.trouble ? "trouble" : ""} ${open ? "open" : ""}" aria-label=${title}>
    <div class="g">
      <button class="nm plain" aria-expanded=${open} @click=${() => actions.toggle(charger.id)}>
        ${dot(lane)}<b>${lane.name}</b><span class="c">${lane.place}</span>
        <span class="chev">${icon(open ? "up" : "down", 16)}</span>
      </button>
      <div class="say"><b class=${charger.trouble ? "alarm-text" : ""}>${stateWord(view, lane)}</b>&ensp;${sentence(view, lane)}${
        charger.status === "held"
          ? html` <button class="link" @click=${() => actions.setMode(lane, charger.mode)}>${view.texts.say("resume")}</button>`
          : nothing
      }</div>
      <div class="cost">${money(view, lane)}</div>
    </div>
    <div class="g row2">
      ${soc(view, lane, pendingOf(actions, lane)?.target ?? null)}
      <div class="plot"><svg width=${view.scale.width} height=${LANE_H} role="img" aria-label=${words ? `${lane.name}: ${words.text}` : lane.name}>
        ${lanePicture(view, lane, ticks, { height: LANE_H, dragged: pendingOf(actions, lane)?.departure ?? null, words: !view.narrow })}
      </svg>${actions.details?.grip(view, lane, actions) ?? nothing}<i class="cross"></i></div>
      ${view.narrow ? outcomeRow(view, lane) : nothing}
      <div class="side">${modes(view, lane, actions, false)}</div>
    </div>
    ${open ? (actions.details?.panel(view, lane, actions) ?? nothing) : nothing}
  </section>`;
}

export const dot = (lane: Lane): TemplateResult =>
  html`<span class="dot ${lane.charger.plugged ? "" : "empty"}" style="--dot:${lane.colour}"></span>`;

export function stateWord(view: View, lane: Lane): string {
  return lane.charger.trouble
    ? view.texts.say("will_be_short")
    : view.texts.entity("sensor", "status", lane.charger.status);
}

export function sentence(view: View, lane: Lane): string {
  const { texts, formats, at } = view;
  return lane.charger.reasons.map((reason) => texts.reason(reason, formats, at)).join(" ");
}

function money(view: View, lane: Lane): TemplateResult | typeof nothing {
  const car = lane.car ?? lane.reserved;
  if (!car || !view.plan?.prices_known || car.energy_kwh < 0.05) return nothing;
  if (view.preview) {
    const change = view.preview.answer.chargers.find(({ id }) => id === lane.charger.id)?.cost_change ?? 0;
    const tone = change > 0.005 ? "alarm-text" : "ok";
    return html`${Math.abs(change) > 0.005 ? html`<span class="c ${tone}">${view.formats.signed(change)}</span>` : nothing}<b>${view.formats.money(car.cost)}</b>`;
  }
  const saved = car.cost_at_once - car.cost;
  const saves = view.texts.say("saves", { amount: view.formats.number(saved, 2) });
  return html`${saved > 0.005 ? html`<span class="c">${saves}</span>` : nothing}<b>${view.formats.money(car.cost)}</b>`;
}

function outcomeRow(view: View, lane: Lane): TemplateResult | typeof nothing {
  const words = outcome(view, lane);
  if (!words) return nothing;
  return html`<div class="outcome"><span class=${words.alarm ? "alarm-text" : "ok"}>${icon(words.alarm ? "alert" : "check", 14)}</span>${words.text}</div>`;
}

/** How full it is, and is to be. */
function soc(view: View, lane: Lane, wanted: number | null): TemplateResult {
  const { charger } = lane;
  const { formats, texts } = view;
  const target = wanted ?? charger.target_soc;
  if (!charger.plugged || charger.soc === null) {
    const text =
      charger.plugged && charger.needed_kwh > 0.05
        ? texts.say("wants", { energy: formats.number(charger.needed_kwh, 1) })
        : charger.soc !== null && charger.vehicle
          ? texts.say("last_soc", { soc: formats.percent(charger.soc) })
          : "";
    return html`<div class="soc c">${text}</div>`;
  }
  const label =
    target === null
      ? formats.percent(charger.soc)
      : texts.say("soc_of_target", {
          soc: formats.percent(charger.soc),
          target: formats.percent(target),
        });
  return html`<div class="soc">
    <span class="m">${formats.percent(charger.soc)}</span>
    <span class="bar" role="img" aria-label=${label} style="--dot:${lane.colour};--soc:${charger.soc}%;--target:${target ?? charger.soc}%">
      <span class="to"></span><span class="is"></span>${target === null ? nothing : html`<span class="tick"></span>`}
    </span>
    <span>${target === null ? nothing : formats.percent(target)}</span>
  </div>`;
}

/** Which way a key moves among choices: right is onward, where the page does not run the other way. */
export function choiceBy({ key }: KeyboardEvent): number | undefined {
  const onward = document.dir === "rtl" ? -1 : 1;
  return { ArrowRight: onward, ArrowDown: 1, ArrowLeft: -onward, ArrowUp: -1 }[key];
}

export function modes(view: View, lane: Lane, actions: LaneActions, named: boolean): TemplateResult {
  const { texts } = view;
  const chosen = lane.charger.mode;
  const move = (event: KeyboardEvent): void => {
    const by = choiceBy(event);
    if (!by) return;
    event.preventDefault();
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
    const at = buttons.findIndex((button) => button.matches(":focus"));
    buttons[(at + by + buttons.length) % buttons.length]?.focus();
  };
  return html`<div class="seg ${named ? "named" : "mode"}" role="radiogroup" aria-label=${texts.entity("select", "mode")} @keydown=${move}>
    ${MODES.map((mode) => {
      const name = texts.entity("select", "mode", mode);
      return html`<button
        role="radio" class=${mode === chosen ? "on" : ""} aria-checked=${mode === chosen}
        aria-label=${name} title=${named ? nothing : name} tabindex=${mode === chosen ? 0 : -1}
        @click=${() => actions.setMode(lane, mode)}
      >${icon(mode as IconName)}${named ? html`<span>${name}</span>` : nothing}</button>`;
    })}
  </div>`;
}
