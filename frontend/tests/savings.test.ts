import { afterEach, describe, expect, it, vi } from "vitest";

import "../src/card";
import { Formats } from "../src/formats";
import type { SavingsCard } from "../src/savings-card";
import { type Answer, byMonth, bySession, byWeek, type Figures, pricesOf, savedOf, sum } from "../src/savings-figures";
import { AT, hassOf } from "./house";

const formats = new Formats(hassOf());

const figures = (changes: Partial<Figures> = {}): Figures => ({
  sessions: 2,
  energy_kwh: 100,
  solar_kwh: 25,
  battery_kwh: 0,
  cost: 20,
  cost_if_charged_at_once: 30,
  estimated_kwh: 0,
  unpriced_kwh: 0,
  ...changes,
});

const session = (id: string, end: string | null, changes: Partial<Answer["sessions"][number]> = {}): Answer["sessions"][number] => {
  const { sessions: _, ...rest } = figures({ energy_kwh: 10, solar_kwh: 0, cost: 2, cost_if_charged_at_once: 3 });
  return {
    id,
    charger: "Garage",
    vehicle: "Van",
    vehicle_id: "van",
    guest: null,
    begin: "2026-11-27T17:40:00+01:00",
    end,
    ...rest,
    ...changes,
  };
};

const answerOf = (month: Partial<Figures> = {}): Answer => ({
  count: 2,
  sessions: [
    session("b", "2026-11-28T07:05:00+01:00"),
    session("a", "2026-11-15T23:00:00+01:00", { vehicle: null, vehicle_id: null, cost: 4 }),
  ],
  months: [
    { month: "2025-12", ...figures() },
    { month: "2026-11", ...figures(month) },
  ],
  vehicle_months: [
    { month: "2025-12", vehicle_id: "van", vehicle: "Van", ...figures() },
    { month: "2026-11", vehicle_id: null, vehicle: null, ...figures({ energy_kwh: 40 }) },
    { month: "2026-11", vehicle_id: "van", vehicle: "Van", ...figures({ energy_kwh: 60 }) },
  ],
});

describe("figures", () => {
  it("are those of the year by month, with its cars, guests last", () => {
    const shown = byMonth(answerOf(), formats, AT, 2026, false);
    expect(shown.periods).toHaveLength(12);
    expect(shown.periods[10]).toMatchObject({ label: "Nov", now: true, figures: { energy_kwh: 100 } });
    expect(shown.periods.filter(({ figures }) => figures)).toHaveLength(1);
    expect(shown.total).toMatchObject({ energy_kwh: 100, cost: 20 });
    expect(shown.cars.map(({ name, energy_kwh }) => [name, energy_kwh])).toEqual([["Van", 60], [null, 40]]);
  });

  it("by week are those of sessions that ended from Monday to Sunday", () => {
    const shown = byWeek(answerOf(), formats, AT, false);
    expect(shown.periods).toHaveLength(12);
    expect(shown.periods.map(({ figures }) => figures?.cost ?? 0)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 2]);
    expect(shown.periods.at(-1)).toMatchObject({ label: "Nov 23", now: true });
  });

  it("leave a week out of which not all sessions are known", () => {
    expect(byWeek({ ...answerOf(), count: 3 }, formats, AT, true).periods).toHaveLength(2);
  });

  it("of sessions run from left to right", () => {
    expect(bySession(answerOf(), formats, false).periods.map(({ figures }) => figures?.cost)).toEqual([4, 2]);
  });

  it("say nothing of money where no price is known, and below zero what was lost", () => {
    const unknown = figures({ cost: null, cost_if_charged_at_once: null, unpriced_kwh: 100 });
    expect(savedOf(unknown)).toBeNull();
    expect(pricesOf(unknown)).toBeNull();
    expect(sum([unknown, figures()])).toMatchObject({ cost: 20, energy_kwh: 200 });
    expect(savedOf(figures({ cost_if_charged_at_once: 15 }))).toBe(-5);
    // The price is that of the part that has one.
    expect(pricesOf(sum([unknown, figures()]))).toEqual({ paid: 0.2, atOnce: 0.3 });
  });
});

async function shown(answer: unknown) {
  vi.useFakeTimers({ now: AT * 1000, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const hass = hassOf();
  const asked: Record<string, unknown>[] = [];
  const answers = [answer];
  hass.devices.s = { id: "s", name: "Home", model: null, config_entries: ["e"], identifiers: [["optivgi", "e"]] };
  hass.callWS = (async (message: Record<string, unknown>) => {
    asked.push(message.service_data as Record<string, unknown>);
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof Error) throw next;
    return { response: next };
  }) as typeof hass.callWS;
  const card = document.createElement("optivgi-savings-card") as SavingsCard;
  card.setConfig({ type: "custom:optivgi-savings-card" });
  card.hass = hass;
  document.body.append(card);
  Object.defineProperty(card, "clientWidth", { value: 900 });
  await card.updateComplete;
  await vi.dynamicImportSettled();
  const look = async (): Promise<string> => {
    await vi.advanceTimersByTimeAsync(1);
    await card.updateComplete;
    return card.shadowRoot!.textContent!.replace(/\s+/g, " ");
  };
  return { card, asked, answers, look };
}

afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the savings card", () => {
  it("says what was paid and saved this year, of the site that there is", async () => {
    const { look, asked } = await shown(answerOf());
    const text = await look();
    expect(asked[0]).toMatchObject({ config_entry_id: "e" });
    expect(text).toContain("€10.00 saved in 2026");
    expect(text).toContain("€20.00 paid instead of €30.00, 33% less than charging at once.");
    expect(text).toContain("100 kWh, 25% solar");
    expect(text).toContain("Fri 27, 17:40 – Sat 28, 07:05");
    expect(text).not.toContain("estimated");
  });

  it("shows what was lost as lost, what is estimated as that, and what was only observed", async () => {
    const lost = answerOf({ cost_if_charged_at_once: 15, estimated_kwh: 30, planned_kwh: 50, would_save: 4 });
    const { look, card } = await shown(lost);
    const text = await look();
    expect(text).toContain("-€5.00 saved in 2026");
    expect(text).toContain("33% more than charging at once");
    expect(text).toContain("30.0 kWh at estimated prices.");
    expect(text).toContain("Only observed: the plan would have saved €4.00.");
    const root = card.shadowRoot!;
    for (const kind of ["lost", "guessed", "would"]) expect(root.querySelectorAll(`rect.${kind}`)).toHaveLength(1);
    expect(root.querySelectorAll("rect.gained")).toHaveLength(0);
  });

  it("goes to another year, and to single sessions", async () => {
    const { look, card } = await shown(answerOf());
    await look();
    const root = card.shadowRoot!;
    root.querySelector<HTMLElement>("button[aria-label=Earlier]")!.click();
    expect(await look()).toContain("€10.00 saved in 2025");
    const radio = [...root.querySelectorAll<HTMLElement>("[role=radio]")];
    radio.find((one) => one.textContent === "Session")!.click();
    expect(await look()).toContain("€0.00 saved by 2 sessions");
    root.querySelector(".plots")!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    expect(await look()).toContain("Fri, November 27 Energy10.0 kWh, 0% solar Paid€4.00");
  });

  it("asks for more sessions where weeks need them", async () => {
    const { look, card, asked } = await shown({ ...answerOf(), count: 900 });
    await look();
    const radio = [...card.shadowRoot!.querySelectorAll<HTMLElement>("[role=radio]")];
    radio.find((one) => one.textContent === "Week")!.click();
    expect(await look()).toContain("saved in 2 weeks");
    expect(asked.map(({ count }) => count)).toEqual([200, 1000]);
  });

  it("is read aloud", async () => {
    const { look, card } = await shown(answerOf());
    await look();
    const root = card.shadowRoot!;
    expect(root.querySelectorAll("table.unseen tbody tr")).toHaveLength(1);
    expect(root.querySelectorAll("table.sums [role=row]")).toHaveLength(6);
    for (const picture of root.querySelectorAll("svg[role=img]")) expect(picture.getAttribute("aria-label")).toBeTruthy();
  });

  it("helps where there is nothing yet, and asks again while Home Assistant starts", async () => {
    const empty = { count: 0, sessions: [], months: [], vehicle_months: [] };
    const { look, answers } = await shown(new Error("starting"));
    expect(await look()).toContain("OptiVGI is starting.");
    answers.splice(0, 1, empty);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await look()).toContain("No sessions yet");
  });

  it("says that there is no site, or that one may not see it", async () => {
    const { look, card, answers } = await shown(new Error("no site"));
    card.hass.devices = {};
    expect(await look()).toContain("OptiVGI is starting.");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await look()).toContain("Set up OptiVGI");
    answers.splice(0, 1, Object.assign(new Error(), { code: "unauthorized" }));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await look()).toContain("You may not see this site.");
  });

  it("is suggested for what sessions came to", () => {
    const hass = hassOf();
    const suggest = window.customCards!.find(({ type }) => type === "optivgi-savings-card")!.getEntitySuggestion;
    const add = (translation_key: string, platform = "optivgi"): void => {
      hass.entities.x = { entity_id: "x", platform, translation_key };
    };
    for (const key of ["charged_energy", "charging_cost", "charging_saved", "last_session"]) {
      add(key);
      expect(suggest(hass, "x")).toEqual({ config: { type: "custom:optivgi-savings-card" } });
    }
    add("status");
    expect(suggest(hass, "x")).toBeNull();
    add("charging_cost", "other");
    expect(suggest(hass, "x")).toBeNull();
  });
});
