import { afterEach, describe, expect, it, vi } from "vitest";

import "../src/card";
import type { PlanCard } from "../src/plan-card";
import type { FormerPlan, Past } from "../src/types";
import { AT, chargerOf, hassOf, nowOf, planOf } from "./house";

async function shown(config: Record<string, unknown> = {}, type = "optivgi-plan-card") {
  vi.useFakeTimers({ now: AT * 1000, toFake: ["Date", "setTimeout", "clearTimeout"] });
  const card = document.createElement(type) as PlanCard;
  const hass = hassOf();
  card.setConfig({ type: `custom:${type}`, ...config });
  card.hass = hass;
  document.body.append(card);
  await vi.advanceTimersByTimeAsync(1);
  const look = async (): Promise<string> => {
    await card.updateComplete;
    await vi.advanceTimersByTimeAsync(1);
    return card.shadowRoot!.textContent!.replace(/\s+/g, " ");
  };
  const click = async (label: string): Promise<void> => {
    const all = [...card.shadowRoot!.querySelectorAll<HTMLElement>("button")];
    all.find((one) => one.getAttribute("aria-label") === label || one.textContent?.includes(label))!.click();
    await look();
  };
  return { card, hass, look, click };
}

afterEach(() => {
  document.dir = "ltr";
  document.body.replaceChildren();
  vi.useRealTimers();
});

describe("the plan card", () => {
  it("says that it waits, that there is no site, and shows the plan once that comes", async () => {
    const { hass, look } = await shown();
    hass.send({ state: "not_loaded" });
    expect(await look()).toContain("OptiVGI is starting.");
    hass.send({ state: "no_site" });
    expect(await look()).toContain("Set up OptiVGI");
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    const text = await look();
    expect(text).toContain("Van starts at Sun 00:15");
    expect(text).toContain("Waits for Sun 00:27, when a kWh costs 0.112 EUR less.");
    expect(text).toContain("Fuse 3 × 25 A");
    expect(text).toContain("€2.25 planned, saves €1.14 against charging at once");
  });

  it.each([
    ["far away", 40, true],
    ["where it would lie on the word", 22, false],
  ])("says what is planned beside where the site is full: %s", async (_, first, said) => {
    const { hass, card, look } = await shown();
    const full = planOf().full.map(([part, , limit], step): [number, number, number] => [
      part,
      step >= first && step < first + 8 ? limit : 2,
      limit,
    ]);
    hass.send({ state: "loaded", entry_id: "e", plan: planOf({ full }), now: nowOf() });
    await look();
    const words = [...card.shadowRoot!.querySelectorAll("text")].map((one) => one.textContent.trim());
    expect(words).toContain("L1 full");
    expect(words.includes("planned")).toBe(said);
  });

  it("is shown while it is edited, too", async () => {
    const { hass, look, card } = await shown();
    // What Home Assistant sets on each card in the editor.
    Object.assign(card, { preview: true, editMode: true, layout: "grid" });
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    expect(await look()).toContain("Van starts at Sun 00:15");
  });

  it("keeps the plan when only the present changes", async () => {
    const { hass, look } = await shown();
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    hass.send({ state: "loaded", entry_id: "e", now: nowOf({ chargers: [chargerOf({ soc: 55 })] }) });
    const text = await look();
    expect(text).toContain("55%");
    expect(text).toContain("proven best");
  });

  it("sets the mode, the target and the departure", async () => {
    const { hass, look, click, card } = await shown();
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    await look();
    await click("Now");
    expect(hass.calls.pop()).toEqual([
      "select",
      "select_option",
      { entity_id: "select.garage_mode", option: "now" },
    ]);
    await click("Van");
    await vi.dynamicImportSettled();
    await look();
    await click("Later");
    await click("Later");
    expect(hass.calls).toEqual([]);
    const told = new Promise<CustomEvent>((resolve) =>
      card.addEventListener("hass-notification", (event) => resolve(event as CustomEvent)),
    );
    await vi.advanceTimersByTimeAsync(1000);
    expect(hass.calls.pop()).toEqual([
      "datetime",
      "set_value",
      { entity_id: "datetime.garage_next_departure", datetime: "2026-11-29T07:45:00.000Z" },
    ]);
    (await told).detail.action.action();
    expect(hass.calls.pop()).toEqual([
      "datetime",
      "set_value",
      { entity_id: "datetime.garage_next_departure", datetime: "2026-11-29T07:27:00.000Z" },
    ]);
    const slider = card.shadowRoot!.querySelector<HTMLInputElement>("input[type=range]")!;
    slider.value = "90";
    slider.dispatchEvent(new Event("change"));
    await vi.advanceTimersByTimeAsync(1);
    expect(hass.calls.pop()).toEqual([
      "number",
      "set_value",
      { entity_id: "number.garage_target", value: 90 },
    ]);
  });

  it("asks what a departure would cost before it is set, and puts it back on Escape", async () => {
    const { hass, look, card } = await shown();
    hass.services = { optivgi: { what_if: {} } };
    hass.entities["select.garage_mode"] = {
      entity_id: "select.garage_mode",
      device_id: "garage-device",
      platform: "optivgi",
    };
    const asked: Record<string, unknown>[] = [];
    hass.callWS = (async (message: Record<string, unknown>) => {
      asked.push(message.service_data as Record<string, unknown>);
      const start = new Date((AT + 1800) * 1000).toISOString();
      const end = new Date((AT + 3600) * 1000).toISOString();
      return {
        response: {
          cost: 3.09,
          cost_change: 0.84,
          saved: 0,
          gap: 0,
          chargers: [
            {
              id: "garage",
              cost: 3.09,
              cost_change: 0.84,
              finish: end,
              shortfall_kwh: 0,
              plan: [{ start, end, limit_kw: 7.4 }],
            },
          ],
        },
      };
    }) as typeof hass.callWS;
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    await look();
    await vi.dynamicImportSettled();
    await look();
    const flag = card.shadowRoot!.querySelector<HTMLElement>(".grip")!;
    flag.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", shiftKey: true }));
    flag.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowLeft", shiftKey: true }));
    await vi.advanceTimersByTimeAsync(400);
    const text = await look();
    expect(asked.at(-1)).toMatchObject({ charger: "garage-device" });
    expect(text).toContain("Van leaves Sun 07:30 instead of Sun 08:27");
    expect(text).toContain("+€0.84 in all.");
    expect(text).toContain("Preview, not yet in force");
    const plot = card.shadowRoot!.querySelector(".plot")!;
    plot.dispatchEvent(new PointerEvent("pointermove", { clientX: 100, bubbles: true, composed: true }));
    await look();
    expect(card.shadowRoot!.querySelector(".tip")).toBeNull();
    flag.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(await look()).toContain("Van starts at Sun 00:15");
    await vi.advanceTimersByTimeAsync(2000);
    expect(hass.calls).toEqual([]);
  });

  it("is read aloud: a table of the plan, named controls", async () => {
    const { hass, card, look } = await shown();
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    await look();
    await vi.dynamicImportSettled();
    await look();
    const root = card.shadowRoot!;
    expect(root.querySelectorAll("table.unseen tbody tr").length).toBeGreaterThan(10);
    expect([...root.querySelectorAll("[role=radio]")].every((one) => one.getAttribute("aria-label"))).toBe(true);
    expect(root.querySelector("[role=radiogroup]")?.getAttribute("aria-label")).toBe("Mode");
    for (const picture of root.querySelectorAll("svg[role=img]")) {
      expect(picture.getAttribute("aria-label")).toBeTruthy();
    }
  });

  it("offers every mode, and sends the one that is chosen", async () => {
    const { hass, look, card } = await shown();
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    await look();
    const modes = [...card.shadowRoot!.querySelector(".seg.mode")!.querySelectorAll<HTMLElement>("[role=radio]")];
    expect(modes.map((one) => one.getAttribute("aria-label"))).toEqual([
      "Smart", "Solar only", "Min + solar", "Now", "Off",
    ]);
    modes[2]!.click();
    expect(hass.calls).toEqual([
      ["select", "select_option", { entity_id: "select.garage_mode", option: "min_solar" }],
    ]);
  });

  it("keeps what a sentence names apart, where the page runs from right to left", async () => {
    document.dir = "rtl";
    const { hass, look } = await shown();
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf() });
    expect(await look()).toContain("\u2068Van\u2069 starts at \u2068Sun 00:15\u2069");
  });

  it("says how much a guest gets, by steps", async () => {
    const { hass, look, click } = await shown();
    const guest = chargerOf({ vehicle: null, soc: null, target_soc: null, needed_kwh: 10 });
    guest.entities.target_energy = "number.garage_energy_to_add";
    hass.states["number.garage_energy_to_add"] = { state: "10.0", attributes: {} };
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf({ chargers: [guest] }) });
    expect(await look()).toContain("wants 10.0 kWh");
    await click("Garage");
    await vi.dynamicImportSettled();
    await look();
    await click("More");
    expect(hass.calls).toEqual([
      ["number", "set_value", { entity_id: "number.garage_energy_to_add", value: 11 }],
    ]);
  });

  it("looks ahead of a day by dragging the axis, and no further than is planned", async () => {
    const { hass, look, card, click } = await shown();
    const plan = planOf({}, 240);
    hass.send({ state: "loaded", entry_id: "e", plan, now: nowOf() });
    await look();
    await click("24 h");
    const labels = (): string => card.shadowRoot!.querySelector(".axis")!.textContent!;
    expect(labels()).not.toContain("Mon 30");
    const axis = card.shadowRoot!.querySelector<HTMLElement>(".axisplot")!;
    axis.setPointerCapture = () => undefined;
    const at = (type: string, clientX: number): boolean =>
      axis.dispatchEvent(new PointerEvent(type, { clientX, pointerId: 1 }));
    at("pointerdown", 500);
    at("pointermove", 300);
    await look();
    expect(labels()).toContain("Mon 30");
    const far = labels();
    at("pointermove", -9000);
    await look();
    const end = labels();
    at("pointermove", -99000);
    await look();
    expect(labels()).toBe(end);
    at("pointermove", 500);
    at("pointerup", 500);
    await look();
    expect(labels()).not.toBe(far);
  });

  it("shows what a home battery does, and when it is held", async () => {
    const { hass, look, card } = await shown();
    const hold = Array.from({ length: 96 }, (_, step) => step > 30 && step < 80);
    const power_kw = hold.map((held, step) => (held ? 0 : step < 20 ? 2 : -3));
    const batteries = [{ id: "b", power_kw, hold }];
    const now = nowOf({ batteries: [{ id: "b", name: "Cellar", soc: 62 }] });
    hass.send({ state: "loaded", entry_id: "e", plan: planOf({ batteries }), now });
    await look();
    await vi.dynamicImportSettled();
    const text = await look();
    expect(text).toContain("Cellar 62%");
    expect(text).toContain("up to 3.0 kW");
    expect(card.shadowRoot!.querySelectorAll("rect.held")).toHaveLength(1);
    expect(card.shadowRoot!.querySelector("path.battery")!.getAttribute("d")).toBeTruthy();
  });

  it("takes back a charger that is operated by hand", async () => {
    const { hass, look, click } = await shown();
    const held = chargerOf({ status: "held", reasons: [{ code: "operated_by_hand", placeholders: {} }] });
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf({ chargers: [held] }) });
    await look();
    await click("Resume");
    expect(hass.calls).toEqual([
      ["select", "select_option", { entity_id: "select.garage_mode", option: "smart" }],
    ]);
  });

  it("shows many chargers by circuit", async () => {
    const { hass, look, card } = await shown();
    const chargers = Array.from({ length: 12 }, (_, i) =>
      chargerOf({ id: `c${i}`, name: `P${i}`, vehicle: `Car ${i}`, circuit: i < 8 ? "one" : null }),
    );
    const circuits = [{ id: "one", name: "Level −1", limit_kw: 24, fuse_a: 35 }];
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf({ chargers, circuits }) });
    await look();
    await vi.dynamicImportSettled();
    const text = await look();
    expect(text).toContain("Level −18 of 8");
    expect(text).toContain("Home4 of 4");
    // Who cannot see it hears who charges, not twelve columns.
    expect(card.shadowRoot!.querySelectorAll("table.unseen thead th")).toHaveLength(4);
    expect(card.shadowRoot!.querySelector("table.unseen tbody tr:nth-child(2)")!.textContent).toContain("kW");
  });
});

describe("the past", () => {
  const QUARTER = 900;
  const now = Math.floor(AT / QUARTER) * QUARTER;
  const pastOf = (hours: number, kw: number): Past => {
    const count = hours * 4;
    const edges = Array.from({ length: count + 1 }, (_, i) => now - (count - i) * QUARTER);
    const series = <T>(value: T): T[] => Array.from({ length: count }, () => value);
    return {
      kept_from: now - 40 * 3600,
      edges,
      price: series(0.3),
      house_kw: series(0.5),
      solar_kw: series(null),
      chargers: { garage: { drawn_kw: series(kw), planned_kw: series(kw + 2) } },
    };
  };
  const former: FormerPlan = {
    made_at: now - 20 * 3600,
    // Plans begin with the step that goes on.
    edges: Array.from({ length: 97 }, (_, i) => now - 22 * 3600 + i * QUARTER),
    chargers: { garage: Array.from({ length: 96 }, (_, i) => i / 10) },
  };

  async function looked() {
    const all = await shown();
    const asked: Record<string, unknown>[] = [];
    all.hass.callWS = (async (message: Record<string, unknown>) => {
      asked.push(message);
      return message.type === "optivgi/plan/past" ? pastOf(40, 3) : former;
    }) as typeof all.hass.callWS;
    Object.defineProperty(all.card, "clientWidth", { value: 900 });
    all.hass.send({ state: "loaded", entry_id: "e", plan: planOf(), past: pastOf(3, 5), now: nowOf() });
    await all.look();
    await vi.dynamicImportSettled();
    await all.look();
    return { ...all, asked };
  }

  it("of a day ago is asked for once somebody looks there, and shown beside what was planned", async () => {
    const { card, look, click, asked } = await looked();
    expect(asked).toEqual([]);
    await click("Yesterday");
    await look();
    expect(asked).toEqual([{ type: "optivgi/plan/past", config_entry_id: "e" }]);
    const { steps, scale } = card.current!;
    expect(scale.from).toBe(now - 27 * 3600);
    const then = steps.find(({ start }) => start === now - 20 * 3600)!;
    expect(then).toMatchObject({ past: true, kw: [3], planned: [5] });
    // The last hours are those that come with the plan.
    expect(steps.find(({ start }) => start === now - 3600)).toMatchObject({ kw: [5], planned: [7] });
    expect(steps.filter(({ past }) => past)).toHaveLength(160);
    expect(card.shadowRoot!.querySelector("table.unseen")!.textContent).toContain("3.0 kW, planned 5.0 kW");
    // No further than it is known, and back again.
    const plots = card.shadowRoot!.querySelector(".plots")!;
    for (let i = 0; i < 5; i++) plots.dispatchEvent(new KeyboardEvent("keydown", { key: "PageUp" }));
    expect(card.back).toBeGreaterThan(36);
    expect(card.back).toBeLessThanOrEqual(37.5);
    await click("27 h");
    await look();
    expect(card.current!.scale.from).toBe(now - 3 * 3600);
    expect(asked).toHaveLength(1);
  });

  it("has the plan of a moment that is chosen, until that is put away", async () => {
    const { card, look, click, asked } = await looked();
    await click("Yesterday");
    await look();
    const plots = card.shadowRoot!.querySelector(".plots")!;
    card.hover = now - 19 * 3600;
    plots.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
    expect(await look()).toContain("Plan of Fri 19:15");
    expect(asked.at(-1)).toEqual({ type: "optivgi/plan/former", config_entry_id: "e", at: now - 19 * 3600 });
    const planned = (at: number) => card.current!.steps.find(({ start }) => start === at)?.planned;
    expect(planned(now - 21 * 3600)).toEqual([null]);
    expect(planned(now - 19 * 3600)).toEqual([1.2]);
    // What it had thought of what comes now, too.
    expect(planned(now + 3600)).toEqual([9.2]);
    expect(planned(now + 5 * 3600)).toEqual([null]);
    await click("Plan of");
    expect(await look()).not.toContain("Plan of");
    expect(planned(now - 19 * 3600)).toEqual([5]);
  });
});

describe("the charger card", () => {
  it("shows one charger, the one of its device", async () => {
    const { hass, look } = await shown({ device_id: "d" }, "optivgi-charger-card");
    hass.devices.d = {
      id: "d",
      name: "Carport",
      model: "Charger",
      config_entries: ["e"],
      identifiers: [["optivgi", "carport"]],
    };
    const chargers = [chargerOf(), chargerOf({ id: "carport", name: "Carport", vehicle: "City car" })];
    hass.send({ state: "loaded", entry_id: "e", plan: planOf(), now: nowOf({ chargers }) });
    const text = await look();
    expect(text).toContain("City car");
    expect(text).not.toContain("Van");
  });
});
