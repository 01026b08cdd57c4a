import { describe, expect, it } from "vitest";

import { generate } from "../src/strategy";
import { hassOf } from "./house";

interface Found {
  views: { path: string; sections?: { cards: Record<string, unknown>[] }[]; cards?: unknown[] }[];
}

function house() {
  const hass = hassOf();
  const add = (id: string, name: string, identifier: string, entities: Record<string, string>): void => {
    hass.devices[id] = {
      id,
      name,
      model: null,
      config_entries: ["entry"],
      identifiers: [["optivgi", identifier]],
    };
    for (const [key, entity_id] of Object.entries(entities)) {
      hass.entities[entity_id] = { entity_id, device_id: id, platform: "optivgi", translation_key: key };
      hass.states[entity_id] = { state: "1", attributes: {} };
    }
  };
  add("s", "Home", "entry", { planned_power: "sensor.home_planned_power" });
  add("c", "Garage", "c1", { mode: "select.garage_mode", status: "sensor.garage_status", schedule: "calendar.garage_schedule" });
  add("v", "Van", "v1", { state_of_charge: "sensor.van_soc", charging_cost: "sensor.van_cost", last_session: "sensor.van_last" });
  return hass;
}

describe("the dashboard", () => {
  it("has the plan, chargers, vehicles, the schedule, and what was paid by month", async () => {
    const { views } = (await generate({}, house())) as Found;
    expect(views.map(({ path }) => path)).toEqual(["plan", "schedule", "cost"]);
    const [plan, schedule, cost] = views;
    const cards = plan!.sections!.flatMap((section) => section.cards);
    expect(cards[0]).toMatchObject({ type: "custom:optivgi-plan-card", site: "entry" });
    expect(cards.map((card) => card.entity ?? card.heading)).toEqual([
      undefined, "Garage", "sensor.garage_status", "Van", "sensor.van_soc", "Home", "sensor.home_planned_power",
    ]);
    expect(schedule!.cards).toMatchObject([{ type: "calendar", entities: ["calendar.garage_schedule"] }]);
    expect(cost).toMatchObject({ title: "Savings" });
    expect(cost!.sections!.flatMap((section) => section.cards)).toMatchObject([
      { type: "custom:optivgi-savings-card", site: "entry" },
      { type: "statistics-graph", title: "Charging cost", entities: [{ entity: "sensor.van_cost", name: "Van" }] },
      { type: "tile", entity: "sensor.van_last" },
    ]);
  });

  it("is empty, and no error, where there is no site", async () => {
    expect((await generate({}, hassOf())) as Found).toMatchObject({ views: [] });
  });
});
