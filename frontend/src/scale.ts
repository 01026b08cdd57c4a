/** The one time axis that all panels share: from moments to pixels and back. */

import type { Formats } from "./formats";
import type { Moment } from "./types";

const HOUR_S = 3600;
/** Four days are planned at most; with the strip of the past before them. */
const LONGEST_H = 99;
/** Labels need so much room to stand apart. */
const LABEL_PX = 44;

export interface Tick {
  at: Moment;
  x: number;
  label: string;
  day: boolean;
}

export class TimeScale {
  constructor(
    readonly from: Moment,
    readonly to: Moment,
    readonly width: number,
  ) {}

  x(moment: Moment): number {
    return Math.round(((moment - this.from) / (this.to - this.from)) * this.width * 10) / 10;
  }

  /** Where a moment is, kept within the picture. */
  within(moment: Moment): number {
    return Math.min(this.width, Math.max(0, this.x(moment)));
  }

  at(x: number): Moment {
    return this.from + (x / this.width) * (this.to - this.from);
  }

  ticks(formats: Formats): Tick[] {
    const pxPerHour = (this.width / (this.to - this.from)) * HOUR_S;
    const every = [1, 2, 3, 6, 12, 24].find((hours) => hours * pxPerHour >= LABEL_PX) ?? 24;
    const ticks: Tick[] = [];
    // Some zones are off by half an hour, and clocks change: each hour is asked for its own time.
    for (let at = Math.ceil(this.from / 900) * 900; at <= this.to; ) {
      const { minutes } = formats.local(at);
      if (minutes % 60) {
        at += 900;
        continue;
      }
      if ((minutes / 60) % every === 0) {
        const day = minutes === 0;
        ticks.push({ at, x: this.x(at), label: day ? formats.day(at) : formats.clock(at), day });
      }
      at += HOUR_S;
    }
    return ticks;
  }
}

/** So many hours from the strip of the past on show all that is planned, and an hour more. */
export function automaticHours(from: Moment, lastDeparture: Moment | null, end: Moment): number {
  const until = Math.max(end, (lastDeparture ?? end) + HOUR_S);
  return Math.min(LONGEST_H, Math.max(24, Math.ceil((until - from) / HOUR_S)));
}
