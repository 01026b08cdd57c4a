import { describe, expect, it } from "vitest";

import { rampStep } from "../src/colours";
import { outcome } from "../src/lane-picture";
import { powerTicks, priceY } from "../src/panels";
import { automaticHours, TimeScale } from "../src/scale";
import { areas, bars } from "../src/shapes";
import { lanesOf } from "../src/view";
import { headline, powerCaption, priceCaption } from "../src/words";
import { AT, carOf, chargerOf, nowOf, planOf, viewFor } from "./house";

const HOUR = 3600;

describe("the range", () => {
  it("shows all that is planned, an hour past the last departure, four days at most", () => {
    const from = AT - 3 * HOUR;
    expect(automaticHours(from, null, AT + HOUR)).toBe(24);
    expect(automaticHours(from, AT + 17 * HOUR, AT + 24 * HOUR)).toBe(27);
    expect(automaticHours(from, AT + 30 * HOUR, AT + 30 * HOUR)).toBe(34);
    expect(automaticHours(from, AT + 200 * HOUR, AT + 97 * HOUR)).toBe(99);
  });

  it("has hours where the user's clock has them, also when that changes", () => {
    // Clocks go back on 25 October 2026 in Amsterdam.
    const from = Date.UTC(2026, 9, 24, 20) / 1000;
    const view = viewFor();
    const ticks = new TimeScale(from, from + 24 * HOUR, 546).ticks(view.formats);
    expect(ticks.filter((tick) => tick.day)).toHaveLength(1);
    expect(ticks.map((tick) => tick.label)).toEqual(expect.arrayContaining(["Sun 25", "04:00"]));
    for (const tick of ticks) expect(view.formats.local(tick.at).minutes % 120).toBe(0);
  });
});

describe("prices", () => {
  it("run from cheap to expensive, and are alike where they hardly differ", () => {
    expect(rampStep(0.1, 0.1, 0.4)).toBe(0);
    expect(rampStep(0.4, 0.1, 0.4)).toBe(8);
    expect(rampStep(0.3, 0.3, 0.3)).toBe(4);
  });

  it("below zero hang below the line", () => {
    const view = viewFor(nowOf(), planOf({ price: Array.from({ length: 96 }, (_, i) => (i > 50 ? -0.05 : 0.2)) }));
    expect(priceY(view, -0.05)).toBeGreaterThan(priceY(view, 0));
    expect(priceY(view, 0)).toBeGreaterThan(priceY(view, 0.2));
  });

  it("that are unknown are not shown as nothing", () => {
    const view = viewFor(nowOf(), planOf({ prices_known: false }));
    expect(view.steps.every((step) => step.price === null)).toBe(true);
    expect(priceCaption(view)).toEqual(["no prices yet"]);
  });
});

describe("the picture", () => {
  it("draws one path for steps of the same height", () => {
    const spans = [0, 1, 2].map((x) => ({ x0: x, x1: x + 1, y0: 10, y1: 2 }));
    expect(bars(spans)).toBe("M0 10H3V2H0z");
    expect(areas([...spans, { x0: 9, x1: 10, y0: 10, y1: 2 }]).match(/M/g)).toHaveLength(2);
  });

  it("has few lines across", () => {
    for (const top of [0.5, 4, 19, 61, 480]) {
      const ticks = powerTicks(top);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThan(4);
    }
  });
});

describe("sentences", () => {
  it("say what comes next", () => {
    const head = headline(viewFor());
    expect(head.title).toBe("Van starts at Sun 00:15");
    expect(head.detail).toBe("It will be ready in time.");
  });

  it("say what charges, and until when", () => {
    const car = carOf(96, { limit_kw: Array.from({ length: 96 }, (_, i) => (i < 8 ? 7.6 : 0)) });
    const charger = chargerOf({ status: "charging", power_kw: 7.6 });
    const head = headline(viewFor(nowOf({ chargers: [charger] }), planOf({ cars: [car] })));
    expect(head.title).toBe("Van charges with 7.6 kW until 17:15");
  });

  it("begin with what goes wrong", () => {
    const chargers = [
      chargerOf({ id: "carport", name: "Carport", vehicle: "City car" }),
      chargerOf({ trouble: true }),
    ];
    const now = nowOf({ chargers });
    const view = viewFor(now, planOf({ cars: [carOf(96, { shortfall_kwh: 3.1 })] }));
    expect(lanesOf(now, view.plan)[0]!.charger.id).toBe("garage");
    expect(headline(view)).toMatchObject({ tone: "alarm", title: "Van will not be ready by Sun 08:27" });
    expect(outcome(view, view.lanes[0]!)).toEqual({ text: "3.1 kWh short at Sun 08:27", alarm: true });
  });

  it("help where nothing is plugged in", () => {
    const chargers = [chargerOf({ plugged: false, plugged_at: null, status: "unplugged" })];
    const head = headline(viewFor(nowOf({ chargers }), planOf({ cars: [] })));
    expect(head).toMatchObject({ tone: "quiet", title: "No car is plugged in" });
    expect(powerCaption(viewFor(nowOf({ chargers }), planOf({ cars: [] })))).toContain("16.8 kW free for cars");
  });

  it("say a day that two times share only once", () => {
    expect(outcome(viewFor(), viewFor().lanes[0]!)?.text).toBe("ready Sun 02:27, leaves 08:27");
  });
});
