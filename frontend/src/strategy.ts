/** The dashboard in one click: the plan of each site, its chargers, its vehicles. */

import { isCharger } from "./charger-card";
import { Texts } from "./texts";
import type { Hass } from "./types";

type Card = Record<string, unknown>;

const DOMAIN = "optivgi";

export async function generate(_config: unknown, hass: Hass): Promise<unknown> {
  const texts = await Texts.load(hass);
  const ours = Object.values(hass.devices).filter((device) =>
    device.identifiers.some(([domain]) => domain === DOMAIN),
  );
  const sites = ours.filter((device) =>
    device.identifiers.some(([, id]) => device.config_entries.includes(id)),
  );
  return {
    title: "OptiVGI",
    views: sites.flatMap((site) => {
      const entry = site.config_entries[0]!;
      const parts = ours.filter((one) => one !== site && one.config_entries.includes(entry));
      const name = site.name_by_user ?? site.name ?? "OptiVGI";
      return [
        {
          title: name,
          path: sites.length > 1 ? `plan-${entry}` : "plan",
          icon: "mdi:ev-station",
          type: "sections",
          max_columns: 3,
          dense_section_placement: true,
          sections: [
            {
              type: "grid",
              column_span: 3,
              cards: [{ type: "custom:optivgi-plan-card", site: entry, grid_options: { columns: "full" } }],
            },
            ...parts.map((part) => section(hass, part)),
            section(hass, site),
          ].filter((one) => one.cards.length),
        },
        {
          title: texts.entity("calendar", "schedule"),
          path: sites.length > 1 ? `schedule-${entry}` : "schedule",
          icon: "mdi:calendar-clock",
          type: "panel",
          cards: [
            {
              type: "calendar",
              initial_view: "listWeek",
              entities: Object.values(hass.entities)
                .filter(
                  (entity) =>
                    entity.platform === DOMAIN &&
                    entity.entity_id.startsWith("calendar.") &&
                    hass.devices[entity.device_id ?? ""]?.config_entries.includes(entry),
                )
                .map((entity) => entity.entity_id),
            },
          ],
        },
        {
          title: texts.say("savings_card_name"),
          path: sites.length > 1 ? `cost-${entry}` : "cost",
          icon: "mdi:piggy-bank-outline",
          type: "sections",
          max_columns: 2,
          sections: [
            savings(entry),
            ...MONTHLY.map((key) => monthly(hass, texts, parts, key)),
            thisMonth(hass, site, parts),
          ].filter((one) => one.cards.length),
        },
      ];
    }),
  };
}

const savings = (site: string): { type: string; column_span: number; cards: Card[] } => ({
  type: "grid",
  column_span: 2,
  cards: [{ type: "custom:optivgi-savings-card", site, grid_options: { columns: "full" } }],
});

/** What is added up by month, for each car. */
const MONTHLY = ["charging_cost", "charging_saved", "charged_energy"];
/** What of the month is worth a look, for the site. */
const OF_MONTH = ["solar_share", "average_price"];

/** Those entities of devices that have one of these names with the integration, and a state. */
const named = (hass: Hass, devices: Hass["devices"][string][], keys: string[]): string[] =>
  keys.flatMap((key) =>
    devices.flatMap((device) =>
      Object.values(hass.entities)
        .filter(
          (entity) =>
            entity.device_id === device.id &&
            entity.platform === DOMAIN &&
            entity.translation_key === key &&
            hass.states[entity.entity_id],
        )
        .map((entity) => entity.entity_id),
    ),
  );

function monthly(hass: Hass, texts: Texts, parts: Hass["devices"][string][], key: string): { type: string; cards: Card[] } {
  // By car; what guests charge counts at the charger only.
  const cars = parts.filter((part) => !isCharger(hass, part.id));
  const entities = named(hass, cars, [key]);
  if (!entities.length) return { type: "grid", cards: [] };
  const graph = {
    type: "statistics-graph",
    title: texts.entity("sensor", key),
    chart_type: "bar",
    period: "month",
    days_to_show: 365,
    stat_types: ["change"],
    entities: entities.map((entity) => ({
      entity,
      name: hass.devices[hass.entities[entity]?.device_id ?? ""]?.name ?? undefined,
    })),
    grid_options: { columns: "full" },
  };
  return { type: "grid", cards: [graph] };
}

function thisMonth(hass: Hass, site: Hass["devices"][string], parts: Hass["devices"][string][]): { type: string; cards: Card[] } {
  const cars = parts.filter((part) => !isCharger(hass, part.id));
  const entities = [...named(hass, [site], OF_MONTH), ...named(hass, cars, ["last_session"])];
  return {
    type: "grid",
    cards: entities.map((entity) => ({ type: "tile", entity, grid_options: { columns: "full" } })),
  };
}

/** What of a device is worth a look, beside the plan; by the integration's names for its entities. */
const SHOWN: Record<string, string[]> = {
  charger: ["status", "planned_energy", "planned_cost", "next_start", "expected_finish", "vehicle"],
  vehicle: ["state_of_charge", "charger", "target_soc", "next_departure"],
  site: ["planned_power", "planned_peak", "planned_cost", "protection", "plan_age"],
};

function section(hass: Hass, device: Hass["devices"][string]): { type: string; cards: Card[] } {
  const entities = Object.values(hass.entities).filter(
    (entity) => entity.device_id === device.id && entity.platform === DOMAIN,
  );
  const isSite = device.identifiers.some(([, id]) => device.config_entries.includes(id));
  const kind = isSite ? "site" : isCharger(hass, device.id) ? "charger" : "vehicle";
  const tiles = SHOWN[kind]!.flatMap((key) =>
    entities
      .filter((entity) => entity.translation_key === key && hass.states[entity.entity_id])
      .map((entity) => ({ type: "tile", entity: entity.entity_id, name: { type: "entity" } })),
  );
  if (!tiles.length) return { type: "grid", cards: [] };
  const icon = { site: "mdi:home-lightning-bolt", charger: "mdi:ev-station", vehicle: "mdi:car-electric" };
  return {
    type: "grid",
    cards: [
      { type: "heading", heading: device.name_by_user ?? device.name ?? "", icon: icon[kind] },
      ...tiles,
    ],
  };
}
