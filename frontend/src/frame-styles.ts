import { css } from "lit";

/** What stands around the pictures: the card itself, its head, its foot, buttons. */
export const frame = css`
  * {
    box-sizing: border-box;
  }
  ha-card {
    position: relative;
    padding: 16px;
    font-size: 14px;
    line-height: 20px;
    font-variant-numeric: tabular-nums;
    container-type: inline-size;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    margin: 0;
    cursor: pointer;
    text-align: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--ov-link);
    outline-offset: 2px;
  }
  b,
  .m {
    font-weight: 500;
  }
  .c {
    font-size: 12px;
    line-height: 16px;
    color: var(--secondary-text-color);
    font-weight: 400;
  }
  /* Texts of ours run left to right also where the page does not, as long as nobody has translated them. */
  :is(h2, .c, .say, .outcome, .seg button) {
    unicode-bidi: plaintext;
  }
  :host(:dir(rtl)) ha-card {
    --ov-onward: 270deg;
    text-align: right;
  }
  .ic {
    fill: currentColor;
    display: block;
    flex: none;
  }
  .g {
    display: grid;
    grid-template-columns: 164px minmax(0, 1fr) 124px;
    column-gap: 12px;
  }
  .head {
    display: flex;
    gap: 12px;
    align-items: center;
    margin-bottom: 14px;
  }
  .badge {
    width: 36px;
    height: 36px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    flex: none;
    color: var(--ov-link);
    background: color-mix(in srgb, var(--primary-color) 18%, transparent);
  }
  .badge.alarm {
    color: var(--ov-alarm);
    background: color-mix(in srgb, var(--error-color) 18%, transparent);
  }
  .badge.quiet {
    color: var(--secondary-text-color);
    background: var(--ov-seg);
  }
  .head .t {
    flex: 1;
    min-width: 0;
  }
  h2 {
    font-size: 16px;
    line-height: 22px;
    font-weight: 500;
    margin: 0;
  }
  .seg {
    display: inline-flex;
    background: var(--ov-seg);
    border-radius: 8px;
    padding: 2px;
    color: var(--secondary-text-color);
  }
  .seg button {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    height: 28px;
    padding: 0 10px;
    border-radius: 6px;
    font-size: 12px;
    line-height: 16px;
    white-space: nowrap;
  }
  .seg .on {
    background: var(--paper);
    color: var(--primary-text-color);
    font-weight: 500;
    box-shadow: 0 0 0 1px var(--divider-color);
  }
  .ok {
    color: var(--ov-ok);
  }
  .alarm-text {
    color: var(--ov-alarm) !important;
  }
  .foot {
    border-top: 1px solid var(--divider-color);
    padding-top: 12px;
    display: flex;
    gap: 4px 24px;
    justify-content: space-between;
    flex-wrap: wrap;
    align-items: baseline;
  }
  .foot b {
    font-size: 14px;
    color: var(--primary-text-color);
  }
  .message {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 56px;
  }
`;
