/** Paths for SVG: one per colour, not one for each quarter of an hour. */

/** One step of a picture, in pixels. */
export interface Span {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

const r = (value: number): number => Math.round(value * 10) / 10;

/** Rectangles as one path; those that touch at the same height are one. */
export function bars(spans: Span[]): string {
  return merged(spans)
    .map(({ x0, x1, y0, y1 }) => `M${r(x0)} ${r(y0)}H${r(x1)}V${r(y1)}H${r(x0)}z`)
    .join("");
}

function merged(spans: Span[]): Span[] {
  const runs: Span[] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    if (last && last.x1 === span.x0 && last.y0 === span.y0 && last.y1 === span.y1) last.x1 = span.x1;
    else runs.push({ ...span });
  }
  return runs;
}

/** Steps between two edges (`y0` below, `y1` above) as outlines, one for each run without a gap. */
export function areas(spans: Span[]): string {
  return runsOf(spans)
    .map((run) => {
      const above = run.map((s, i) => `${i ? "V" : "M" + r(s.x0) + " "}${r(s.y1)}H${r(s.x1)}`);
      const below = run
        .toReversed()
        .map((s) => `V${r(s.y0)}H${r(s.x0)}`);
      return `${above.join("")}${below.join("")}z`;
    })
    .join("");
}

/** The upper edges of steps as a line. */
export function line(spans: Span[]): string {
  return runsOf(spans)
    .map((run) => run.map((s, i) => `${i ? "V" : "M" + r(s.x0) + " "}${r(s.y1)}H${r(s.x1)}`).join(""))
    .join("");
}

/** A line through the middles of steps, for what flows and does not step. */
export function curve(spans: Span[]): string {
  return runsOf(spans)
    .map((run) => run.map((s, i) => `${i ? "L" : "M"}${r((s.x0 + s.x1) / 2)} ${r(s.y1)}`).join(""))
    .join("");
}

export function curveArea(spans: Span[]): string {
  return runsOf(spans)
    .map((run) => {
      const first = run[0]!;
      const last = run.at(-1)!;
      const above = run.map((s) => `L${r((s.x0 + s.x1) / 2)} ${r(s.y1)}`).join("");
      return `M${r((first.x0 + first.x1) / 2)} ${r(first.y0)}${above}L${r((last.x0 + last.x1) / 2)} ${r(last.y0)}z`;
    })
    .join("");
}

/** Runs of steps that touch each other. */
export function runsOf(spans: Span[]): Span[][] {
  const runs: Span[][] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    if (last && last.at(-1)!.x1 === span.x0) last.push(span);
    else runs.push([span]);
  }
  return runs;
}

/** About how wide a text of 12 px is: enough to see whether it fits. */
export const textWidth = (text: string): number => text.length * 6.3;
