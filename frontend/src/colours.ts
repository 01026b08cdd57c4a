/** Which colour means what: a quiet ramp for prices, strong colours for cars only. */

/** Steps of the ramp from cheap to expensive. */
export const RAMP = 9;
/** Cars with a colour of their own; beyond, the same come again with stripes. */
const CARS = 4;

/** The step of the ramp for a price between the lowest and the highest shown. */
export function rampStep(price: number, lowest: number, highest: number): number {
  // Prices that hardly differ are all the same.
  if (highest - lowest < 0.001) return Math.floor(RAMP / 2);
  return Math.min(RAMP - 1, Math.max(0, Math.floor(((price - lowest) / (highest - lowest)) * RAMP)));
}

export const carColour = (index: number): string => `var(--ov-car${index % CARS})`;
export const isStriped = (index: number): boolean => Math.floor(index / CARS) % 2 === 1;
