/** What each car came to, the last sessions, and the pictures for who cannot see them. */

import { html, nothing, type TemplateResult } from "lit";

import { carColour } from "./colours";
import type { Formats } from "./formats";
import { type Answer, type Figures, isEstimated, momentOf, type OfCar, pricesOf, savedOf, type Session, sessionsOf, type Shown, solarShare } from "./savings-figures";
import type { Texts } from "./texts";
import type { Moment } from "./types";

export interface Context {
  texts: Texts;
  formats: Formats;
  at: Moment;
}

/** So many of the last sessions are listed. */
const LAST = 6;

/** From here on cents do not matter. */
const WHOLE = 100;

export const money = (formats: Formats, value: number): string => formats.money(value, Math.abs(value) >= WHOLE ? 0 : 2);

interface Row {
  colour: string;
  name: string;
  what: string;
  energy: string;
  figures: Figures;
}

export function ofCars(context: Context, cars: OfCar[]): TemplateResult | typeof nothing {
  const { texts, formats } = context;
  const rows = cars.map((car, index) => ({
    colour: colourOf(cars, car.id, index),
    name: car.name ?? texts.say("guests"),
    what: formats.number(car.sessions),
    energy: texts.say("energy", { energy: formats.number(car.energy_kwh, car.energy_kwh < 20 ? 1 : 0) }),
    figures: car,
  }));
  return cars.length ? table(context, texts.say("car"), texts.say("sessions"), rows) : nothing;
}

export function lastSessions(context: Context, answer: Answer, cars: OfCar[]): TemplateResult | typeof nothing {
  const { texts, formats } = context;
  const rows = sessionsOf(answer).slice(0, LAST).map((session) => ({
    colour: colourOf(cars, session.vehicle_id, cars.findIndex(({ id }) => id === session.vehicle_id)),
    name: session.vehicle ?? session.guest ?? session.charger,
    what: stay(context, session),
    energy: texts.say("energy", { energy: formats.number(session.energy_kwh, 1) }),
    figures: session,
  }));
  return rows.length ? table(context, texts.say("last_sessions"), texts.say("plugged_in"), rows) : nothing;
}

const colourOf = (cars: OfCar[], id: string | null, index: number): string =>
  id === null || index < 0 || index >= cars.length ? "var(--ov-house)" : carColour(index);

function stay({ texts, formats }: Context, session: Session): string {
  const from = momentOf(session.begin);
  const begin = `${formats.day(from)}, ${formats.clock(from)}`;
  if (session.end === null) return texts.say("since", { begin });
  const until = momentOf(session.end);
  return texts.say("span", {
    from: begin,
    until: formats.sameDay(from, until) ? formats.clock(until) : `${formats.day(until)}, ${formats.clock(until)}`,
  });
}

/** On phones the cells of a row stand below each other, so what they are is said. */
function table({ texts, formats }: Context, first: string, second: string, rows: Row[]): TemplateResult {
  const titles = [first, second, texts.say("energy_title"), texts.say("solar"), texts.say("paid"), texts.entity("sensor", "charging_saved")];
  const digits = rows.some(({ figures }) => (figures.cost ?? 0) >= WHOLE) ? 0 : 2;
  const kinds = ["who", "what", "kwh", "share", "paid", "gain"];
  return html`<table class="sums" role="table" aria-label=${first}>
    <thead role="rowgroup"><tr role="row">${titles.map((title, index) => html`<th role="columnheader" scope="col" class=${kinds[index]!}>${title}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map(({ colour, name, what, energy, figures }) => {
      const saved = savedOf(figures);
      const share = solarShare(figures);
      return html`<tr role="row">
        <td role="cell" class="who"><span class="dot" style="--dot:${colour}"></span>${name}</td>
        <td role="cell" class="what"><bdi>${what}</bdi></td>
        <td role="cell" class="kwh"><bdi>${energy}</bdi></td>
        <td role="cell" class="share"><span>${formats.percent(share)}</span><i style="--share:${share}%"></i></td>
        <td role="cell" class="paid">${isEstimated(figures) ? html`<span role="img" title=${texts.say("estimated")} aria-label=${texts.say("estimated")}>≈ </span>` : nothing}${figures.cost === null ? "–" : formats.money(figures.cost, digits)}</td>
        <td role="cell" class="gain ${saved !== null && saved < -0.005 ? "alarm-text" : ""}"><b>${saved === null ? "–" : formats.money(saved, digits)}</b></td>
      </tr>`;
    })}</tbody>
  </table>`;
}

/** The pictures as a table. */
export function listened({ texts, formats }: Context, { periods }: Shown, title: string): TemplateResult {
  const titles = [texts.say("time"), texts.say("energy_title"), texts.say("paid"), texts.entity("sensor", "charging_saved"), texts.say("price_paid"), texts.say("charged_at_once")];
  return html`<table class="unseen">
    <caption>${title}</caption>
    <thead><tr>${titles.map((one) => html`<th scope="col">${one}</th>`)}</tr></thead>
    <tbody>${periods.flatMap(({ name, figures }) => {
      if (!figures) return [];
      const prices = pricesOf(figures);
      const saved = savedOf(figures);
      return [
        html`<tr><th scope="row">${name}</th>
          <td>${texts.say("energy_of", { energy: formats.number(figures.energy_kwh, 1), share: formats.percent(solarShare(figures)) })}</td>
          <td>${figures.cost === null ? "" : formats.money(figures.cost)}</td><td>${saved === null ? "" : formats.money(saved)}</td>
          <td>${prices ? formats.price(prices.paid) : ""}</td><td>${prices ? formats.price(prices.atOnce) : ""}</td></tr>`,
      ];
    })}</tbody>
  </table>`;
}
