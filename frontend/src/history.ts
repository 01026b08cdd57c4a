/** What is longer ago than the last hours, and the plans of then: asked for once somebody looks there. */

import { html, nothing, type TemplateResult } from "lit";

import type { PlanCard } from "./plan-card";
import type { FormerPlan, Moment, Past } from "./types";
import type { View } from "./view";

const STEP_S = 900;

const ask = <T>(card: PlanCard, what: string, more: Record<string, unknown> = {}): Promise<T> =>
  card.hass.callWS<T>({
    type: `optivgi/plan/${what}`,
    ...(card.data?.entry ? { config_entry_id: card.data.entry } : {}),
    ...more,
  });

/** The cards that wait for an answer. */
const asking = new WeakSet<PlanCard>();

/** Have all of the past that is kept, up to where the last hours begin. */
export function askOlder(card: PlanCard): void {
  const recent = card.data?.past?.edges[0] ?? 0;
  const known = card.older?.edges.at(-1) ?? 0;
  if (known >= recent || asking.has(card)) return;
  asking.add(card);
  void ask<Past>(card, "past")
    .then((past) => (card.older = past))
    // What cannot be had is not shown.
    .catch(() => undefined)
    .finally(() => asking.delete(card));
}

/** The older past, and the last hours after it. */
export function merged(older: Past | null, recent: Past | null): Past | null {
  if (!older || !recent?.edges.length) return recent;
  const count = older.edges.slice(0, -1).filter((start) => start < recent.edges[0]!).length;
  const joined = <T>(one: T[], other: T[]): T[] => [...one.slice(0, count), ...other];
  const unknown = older.price.map(() => null);
  return {
    kept_from: recent.kept_from,
    edges: joined(older.edges, recent.edges),
    price: joined(older.price, recent.price),
    house_kw: joined(older.house_kw, recent.house_kw),
    solar_kw: joined(older.solar_kw, recent.solar_kw),
    chargers: Object.fromEntries(
      Object.entries(recent.chargers).map(([id, { drawn_kw, planned_kw }]) => [
        id,
        {
          drawn_kw: joined(older.chargers[id]?.drawn_kw ?? unknown, drawn_kw),
          planned_kw: joined(older.chargers[id]?.planned_kw ?? unknown, planned_kw),
        },
      ]),
    ),
  };
}

/** Show the plan that was followed at a time beside what came of it. */
export function askFormer(card: PlanCard, at: Moment): void {
  void ask<FormerPlan | null>(card, "former", { at })
    .then((plan) => (card.former = plan))
    .catch(() => undefined);
}

/** Choose the plan of a moment of the past that is pointed at. */
export function choose(card: PlanCard, event: MouseEvent): void {
  const plot = (event.target as Element | null)?.closest?.(".plot:not(.axisplot)");
  const view = card.current;
  if (!plot || !view || card.pending) return;
  const at = view.scale.at(event.clientX - plot.getBoundingClientRect().left);
  if (at < view.at) askFormer(card, at);
}

/** Put a former plan in place of what had been planned at each time. */
export function compare(view: View, plan: FormerPlan): void {
  let index = 0;
  view.steps = view.steps.map((step) => {
    const middle = (step.start + step.end) / 2;
    while (index + 1 < plan.edges.length - 1 && plan.edges[index + 1]! <= middle) index++;
    const within = step.end > plan.made_at && middle >= plan.edges[0]! && middle < plan.edges.at(-1)!;
    return {
      ...step,
      planned: view.lanes.map(({ charger }) => (within ? (plan.chargers[charger.id]?.[index] ?? null) : null)),
    };
  });
}

/** Which former plan is shown; a click puts it away. */
export function formerPlan(card: PlanCard, view: View): TemplateResult | typeof nothing {
  if (!card.former) return nothing;
  const made = view.formats.when(card.former.made_at, view.at);
  return html`<button class="btn former" @click=${() => (card.former = null)}>${view.texts.say("plan_of", { made })}<span aria-hidden="true">×</span></button>`;
}

/** The first moment of the step of the past that is known. */
export const keptFrom = (card: PlanCard): Moment => card.data?.past?.kept_from ?? card.at - STEP_S;
