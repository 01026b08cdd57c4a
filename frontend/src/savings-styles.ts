import { css } from "lit";

/** What `savings.ts` draws. */
export const styles = css`
  :host {
    --ov-paid: #5b7f95;
  }
  :host([dark]) {
    --ov-paid: #7fa6bd;
  }
  .savings .plots {
    position: relative;
  }
  .savings .panel {
    margin-bottom: 12px;
  }
  .savings .cross {
    width: var(--slot, 0);
    height: 288px;
    background: var(--ov-past);
  }
  rect.paid,
  circle.paid {
    fill: var(--ov-paid);
  }
  rect.guessed {
    fill: url(#guess);
  }
  rect.gained,
  rect.lost,
  rect.would {
    stroke-dasharray: 3 2;
    fill: none;
    stroke: var(--primary-text-color);
  }
  rect.gained {
    fill: color-mix(in srgb, var(--ov-ok) 14%, transparent);
    stroke: var(--ov-ok);
  }
  rect.lost {
    fill: color-mix(in srgb, var(--paper) 35%, transparent);
    stroke: var(--ov-alarm);
  }
  svg text.gained {
    fill: var(--ov-ok);
  }
  svg text.lost {
    fill: var(--ov-alarm);
  }
  rect.grid {
    fill: var(--ov-house);
  }
  rect.solar {
    fill: var(--ov-sun);
    opacity: 0.75;
  }
  rect.battery {
    fill: var(--ov-battery);
  }
  line.pair {
    stroke: var(--ov-ok);
    stroke-width: 2;
    opacity: 0.45;
  }
  line.pair.lost {
    stroke: var(--ov-alarm);
  }
  circle.at-once {
    fill: var(--paper);
    stroke: var(--secondary-text-color);
    stroke-width: 1.25;
  }
  .key {
    display: flex;
    flex-direction: column;
    justify-content: center;
    gap: 12px;
    height: var(--tall);
    font-size: 12px;
    line-height: 16px;
    color: var(--secondary-text-color);
  }
  .key .gained {
    color: var(--ov-ok);
  }
  .key .strong {
    color: var(--primary-text-color);
  }
  .key .solar-key {
    color: var(--ov-sun-text);
  }
  .key .battery-key {
    color: var(--ov-battery);
  }
  .panel .key:has(:nth-child(3)) {
    gap: 4px;
  }
  .years {
    align-items: center;
  }
  .years .turn {
    padding: 0 4px;
    transform: rotate(-90deg);
  }
  .years .turn:disabled {
    opacity: 0.3;
    cursor: default;
  }
  :host(:dir(rtl)) .years .turn {
    transform: rotate(90deg);
  }
  .sums {
    width: 100%;
    border-collapse: collapse;
    border-top: 1px solid var(--divider-color);
    padding: 4px 0;
    margin-top: 8px;
    table-layout: fixed;
  }
  .sums th {
    font-size: 12px;
    line-height: 16px;
    font-weight: 400;
    color: var(--secondary-text-color);
    padding-top: 6px;
  }
  .sums th,
  .sums td {
    height: 28px;
    padding-block: 0;
    padding-inline: 0 12px;
    text-align: end;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .sums :is(.who, .what) {
    text-align: start;
  }
  .sums .who {
    width: 176px;
  }
  .sums .what {
    width: 29%;
  }
  .sums td.what {
    white-space: normal;
  }
  .sums .share {
    width: 136px;
  }
  .sums .gain {
    padding-inline-end: 0;
  }
  .sums .dot {
    margin-inline-end: 8px;
  }
  .sums td.share i {
    display: inline-block;
    width: 64px;
    height: 6px;
    margin-inline-start: 8px;
    vertical-align: middle;
    background: linear-gradient(var(--ov-sun), var(--ov-sun)) no-repeat 0 0 / var(--share) 100% var(--ov-seg);
  }
  .sums th.share {
    padding-inline-end: 84px;
  }
  :host(:dir(rtl)) .sums td.share i {
    background-position-x: right;
  }
  .savings .foot {
    margin-top: 12px;
  }
  .savings .foot .c:first-child {
    flex: 1 1 300px;
  }
  .savings .tip {
    direction: inherit;
    top: 24px;
  }
  @container (max-width: 599px) {
    .key {
      order: -1;
      height: auto;
      flex-direction: row;
      gap: 10px !important;
      line-height: 20px;
    }
    .savings .cross {
      height: 370px;
    }
    .sums thead {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      overflow: hidden;
    }
    .sums tr {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto 64px;
      padding: 6px 0;
      column-gap: 12px;
    }
    .sums tr td:is(td, .who, .what, .share) {
      width: auto;
      height: auto;
      padding: 0;
    }
    .savings .foot .c:first-child {
      flex: none;
    }
    .sums .what {
      grid-row: 2;
      grid-column: 1;
      font-size: 12px;
      line-height: 16px;
      color: var(--secondary-text-color);
    }
    .sums .kwh {
      grid-row: 2;
      grid-column: 2;
      font-size: 12px;
      line-height: 16px;
    }
    .sums td.share {
      grid-row: 2;
      grid-column: 3;
      font-size: 12px;
      line-height: 16px;
      color: var(--ov-sun-text);
    }
    .sums td.share i {
      display: none;
    }
  }
`;
