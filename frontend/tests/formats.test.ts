import { describe, expect, it } from "vitest";

import { Formats } from "../src/formats";
import { hassOf } from "./house";

const at = Date.UTC(2026, 10, 28, 14, 27) / 1000;
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

describe("numbers, money and times are those of the user", () => {
  it.each([
    ["en", "language", "24", "1,234.5", "15:27"],
    ["de", "language", "24", "1.234,5", "15:27"],
    ["en", "decimal_comma", "12", "1.234,5", "3:27 PM"],
    ["en", "none", "24", "1234.5", "15:27"],
    ["fr", "space_comma", "24", "1 234,5", "15:27"],
  ])("%s, numbers %s, clock %s", (language, number_format, time_format, number, clock) => {
    const formats = new Formats(hassOf({ language, number_format, time_format }));
    expect(plain(formats.number(1234.5, 1))).toBe(number);
    expect(plain(formats.clock(at))).toBe(clock);
  });

  it("has the currency of the house", () => {
    expect(plain(new Formats(hassOf({ language: "de" })).money(7.85))).toBe("7,85 €");
    expect(new Formats(hassOf({ language: "en" })).money(-0.001)).toBe("€0.00");
    expect(new Formats(hassOf({ language: "en" })).currency).toBe("€");
  });

  it("names the day only where it is another", () => {
    const formats = new Formats(hassOf({ language: "en" }));
    expect(formats.when(at, at - 3600)).toBe("15:27");
    expect(formats.when(at, at - 24 * 3600)).toBe("Sat 15:27");
  });

  it("uses the time of the house where the user wants that", () => {
    const house = hassOf({ language: "en", time_zone: "server" });
    house.config.time_zone = "America/New_York";
    expect(new Formats(house).clock(at)).toBe("09:27");
  });
});
