/** What something that is being set would cost, before it is set: asked of the integration's planner. */

import type { Pending } from "./lane";
import type { Hass, Moment, Plan } from "./types";
import type { Lane, View } from "./view";
import type { Headline } from "./words";

/** So often is asked while a finger moves. */
export const ASK_MS = 150;

/** What the action answers, as far as it is shown. */
interface Answer {
  cost: number;
  cost_change: number;
  saved: number;
  gap: number | null;
  chargers: {
    id: string;
    cost: number;
    cost_change: number;
    finish: string | null;
    shortfall_kwh: number;
    plan: { start: string; end: string; limit_kw: number }[];
  }[];
}

export interface Preview {
  pending: Pending;
  answer: Answer;
}

/** Ask what would be; null where nobody can tell, as in an older version. */
export async function ask(hass: Hass, lane: Lane, pending: Pending): Promise<Preview | null> {
  const device = hass.entities[lane.charger.entities.mode ?? ""]?.device_id;
  if (!hass.services.optivgi?.what_if || !device) return null;
  const data: Record<string, unknown> = { charger: device };
  if (pending.target !== null) data.target_soc = pending.target;
  if (pending.departure !== null) data.departure = new Date(pending.departure * 1000).toISOString();
  try {
    const { response } = await hass.callWS<{ response: Answer }>({
      type: "call_service",
      domain: "optivgi",
      service: "what_if",
      service_data: data,
      return_response: true,
    });
    return { pending, answer: response };
  } catch {
    // It is refused when it is set, with the reason.
    return null;
  }
}

const moment = (iso: string | null): Moment | null => (iso === null ? null : Date.parse(iso) / 1000);

/** The plan as it would be. */
export function previewed(plan: Plan, { pending, answer }: Preview): Plan {
  return {
    ...plan,
    cost: answer.cost,
    cost_at_once: answer.cost + answer.saved,
    // How full each part would be is not answered.
    full: [],
    cars: plan.cars.map((car) => {
      const would = answer.chargers.find(({ id }) => id === car.charger && !car.reservation);
      if (!would) return car;
      const blocks = would.plan.map(({ start, end, limit_kw }) => ({
        from: moment(start)!,
        to: moment(end)!,
        limit_kw,
      }));
      const limit_kw = car.limit_kw.map((_, step) => {
        const middle = (plan.edges[step]! + plan.edges[step + 1]!) / 2;
        return blocks.find(({ from, to }) => from <= middle && middle < to)?.limit_kw ?? 0;
      });
      return {
        ...car,
        limit_kw,
        energy_kwh: limit_kw.reduce(
          (sum, kw, step) => sum + (kw * (plan.edges[step + 1]! - plan.edges[step]!)) / 3600,
          0,
        ),
        cost: would.cost,
        cost_at_once: would.cost,
        shortfall_kwh: would.shortfall_kwh,
        finish: moment(would.finish),
        departure:
          pending.charger === car.charger ? (pending.departure ?? car.departure) : car.departure,
      };
    }),
  };
}

/** What a lane would cost more, or less. */
export const changeOf = (preview: Preview, charger: string): number =>
  preview.answer.chargers.find(({ id }) => id === charger)?.cost_change ?? 0;

export function previewHeadline(view: View, { pending, answer }: Preview): Headline {
  const { texts, formats, at, lanes } = view;
  const lane = lanes.find(({ charger }) => charger.id === pending.charger);
  const name = lane?.name ?? "";
  const title =
    pending.departure === null
      ? texts.say("head_target", {
          name,
          target: formats.percent(pending.target ?? 0),
          before: formats.percent(lane?.charger.target_soc ?? 0),
        })
      : texts.say("head_leaves", {
          name,
          departure: formats.when(pending.departure, at),
          before: formats.when(lane?.charger.departure ?? at, at),
        });
  const detail = texts.say("head_change", { amount: formats.signed(answer.cost_change) });
  return { icon: "station", tone: "calm", title, detail };
}
