import { css } from "lit";

/** What `details.ts` draws. */
export const styles = css`
  :host {
    --ov-battery: var(--energy-battery-out-color, #00796b);
  }
  .short {
    padding: 3px 0;
    position: relative;
    content-visibility: auto;
    contain-intrinsic-height: auto 26px;
  }
  .short .side {
    display: flex;
    gap: 6px;
    align-items: center;
    white-space: nowrap;
  }
  .group {
    display: flex;
    gap: 8px;
    align-items: baseline;
    border-top: 1px solid var(--divider-color);
    padding: 8px 0 4px;
  }
  .short .say.wrap {
    margin-inline: 176px 116px;
  }
  path.battery {
    fill: var(--ov-battery);
  }
  rect.held {
    fill: var(--ov-seg);
  }
  .seg.named button {
    height: 32px;
  }
  .grip {
    position: absolute;
    top: -10px;
    width: 44px;
    height: 44px;
    margin-left: -22px;
    cursor: ew-resize;
    touch-action: pan-y;
    border-radius: 8px;
  }
  .bubble {
    position: absolute;
    z-index: 6;
    bottom: 100%;
    margin-bottom: 8px;
    transform: translateX(-50%);
    display: flex;
    gap: 10px;
    background: var(--primary-text-color);
    color: var(--paper);
    border-radius: 8px;
    padding: 4px 10px;
    font-size: 12px;
    line-height: 16px;
    white-space: nowrap;
    pointer-events: none;
  }
  .exp {
    margin-top: 10px;
    padding: 12px;
    border-radius: 8px;
    background: var(--ov-past);
    display: flex;
    flex-wrap: wrap;
    gap: 12px 20px;
    justify-content: space-between;
  }
  .label {
    display: block;
    font-size: 12px;
    line-height: 16px;
    color: var(--secondary-text-color);
    margin-bottom: 4px;
  }
  .field.wide {
    flex-basis: 100%;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    align-items: center;
  }
  .former {
    min-height: 28px !important;
    font-size: 12px;
    border-style: dashed !important;
  }
  .btn {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 36px;
    padding: 0 12px;
    border-radius: 8px;
    border: 1px solid var(--divider-color);
    white-space: nowrap;
    color: var(--ov-link);
    background: var(--paper);
  }
  .step {
    display: inline-flex;
    align-items: center;
    height: 36px;
    border-radius: 8px;
    background: var(--ov-seg);
  }
  .step button {
    height: 36px;
    width: 36px;
    display: grid;
    place-items: center;
    color: var(--secondary-text-color);
  }
  .step .value {
    padding: 0 4px;
    min-width: 84px;
    text-align: center;
    font-weight: 500;
    white-space: nowrap;
  }
  .slide {
    display: flex;
    align-items: center;
    gap: 8px;
    height: 36px;
    font-size: 12px;
    white-space: nowrap;
  }
  input[type="range"] {
    appearance: none;
    flex: 0 1 160px;
    width: 160px;
    min-width: 60px;
    height: 36px;
    margin: 0;
    background: none;
    direction: ltr;
    cursor: pointer;
  }
  input[type="range"]::-webkit-slider-runnable-track {
    height: 8px;
    border-radius: 4px;
    background: linear-gradient(
      90deg,
      var(--dot) var(--soc),
      color-mix(in srgb, var(--dot) 35%, transparent) var(--soc) var(--target),
      var(--ov-seg) var(--target)
    );
  }
  input[type="range"]::-moz-range-track {
    height: 8px;
    border-radius: 4px;
    background: linear-gradient(
      90deg,
      var(--dot) var(--soc),
      color-mix(in srgb, var(--dot) 35%, transparent) var(--soc) var(--target),
      var(--ov-seg) var(--target)
    );
  }
  input[type="range"]::-webkit-slider-thumb {
    appearance: none;
    width: 16px;
    height: 16px;
    margin-top: -4px;
    border-radius: 50%;
    background: var(--paper);
    border: 2px solid var(--ov-link);
  }
  input[type="range"]::-moz-range-thumb {
    width: 12px;
    height: 12px;
    border-radius: 50%;
    background: var(--paper);
    border: 2px solid var(--ov-link);
  }
  .tip {
    position: absolute;
    z-index: 5;
    top: 120px;
    width: 232px;
    pointer-events: none;
    background: var(--paper);
    border: 1px solid var(--divider-color);
    border-radius: 8px;
    box-shadow: var(--ov-shadow);
    padding: 10px 12px;
    font-size: 12px;
    line-height: 18px;
  }
  .tip .price {
    margin-inline-start: 8px;
  }
  .tip table {
    border-collapse: collapse;
    width: 100%;
  }
  .tip td {
    padding: 0;
  }
  .tip td:last-child {
    text-align: end;
    white-space: nowrap;
  }
  .tip .dot {
    width: 8px;
    height: 8px;
    border-radius: 2px;
    margin-inline-end: 6px;
  }
  .tip hr {
    border: 0;
    border-top: 1px solid var(--divider-color);
    margin: 6px 0;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
    display: block;
  }
  @container (max-width: 599px) {
    .former {
      flex-basis: 100%;
      justify-content: center;
    }
    .short .plot {
      order: 4;
    }
    .short .say.wrap {
      margin-inline: 0;
    }
    .seg.named {
      display: flex;
      width: 100%;
    }
    .seg.named button {
      flex: 1;
      flex-direction: column;
      height: 48px;
      gap: 2px;
      padding: 0 2px;
    }
    .field {
      flex-basis: 100%;
      display: flex;
      align-items: center;
      justify-content: space-between;
      gap: 12px;
    }
    .field.modes {
      display: block;
    }
    .field.wide {
      justify-content: flex-start;
    }
    .step,
    .step button {
      height: 44px;
    }
    .step button {
      width: 44px;
    }
    .btn {
      min-height: 44px;
    }
    .exp {
      padding: 8px 0 0;
      background: none;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .tip {
      animation: fade 120ms;
    }
    @keyframes fade {
      from {
        opacity: 0;
      }
    }
  }
`;
