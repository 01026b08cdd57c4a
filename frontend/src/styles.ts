import { css } from "lit";

/** Sizes and colours of the design; names of Home Assistant's theme where it has one. */
export const styles = css`
  :host {
    display: block;
    --ov-link: #00749a;
    --ov-alarm: #b3261e;
    --ov-ok: #2e7d32;
    --ov-house: #c3c7cb;
    --ov-house-text: #5e5e5e;
    --ov-sun: var(--energy-solar-color, #ff9800);
    --ov-sun-text: #9a5b00;
    --ov-past: #00000009;
    --ov-ground: 0.38;
    --ov-grid: #00000014;
    --ov-on-car: #fff;
    --ov-seg: #0000000d;
    --ov-shadow: 0 2px 8px #0003;
    --ov-p0: #6fb1c6;
    --ov-p1: #8cbbc8;
    --ov-p2: #a8c4c9;
    --ov-p3: #c2ceca;
    --ov-p4: #dcd7ca;
    --ov-p5: #d6bca8;
    --ov-p6: #cea286;
    --ov-p7: #c58765;
    --ov-p8: #bb6c42;
    --ov-car0: #4661d4;
    --ov-car1: #0a4d3c;
    --ov-car2: #ba4680;
    --ov-car3: #806410;
    --paper: var(--ha-card-background, var(--card-background-color, #fff));
  }
  :host([dark]) {
    --ov-link: #3fc0e8;
    --ov-alarm: #ff8a80;
    --ov-ok: #81c784;
    --ov-house: #4d5155;
    --ov-house-text: #a8adb2;
    --ov-sun-text: #ffb74d;
    --ov-past: #ffffff0a;
    --ov-ground: 0.5;
    --ov-grid: #ffffff14;
    --ov-on-car: #101010;
    --ov-seg: #ffffff12;
    --ov-shadow: 0 2px 12px #000c;
    --ov-p0: #3f8da6;
    --ov-p1: #4a7e8f;
    --ov-p2: #506f78;
    --ov-p3: #546161;
    --ov-p4: #55524b;
    --ov-p5: #725c4d;
    --ov-p6: #8e664d;
    --ov-p7: #ab704c;
    --ov-p8: #c9794a;
    --ov-car0: #9fb0ff;
    --ov-car1: #86f0d0;
    --ov-car2: #f07aa8;
    --ov-car3: #f2c14e;
  }
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
  .seg.mode {
    width: 124px;
  }
  .seg.mode button {
    flex: 1;
    padding: 0;
    height: 24px;
  }
  .seg.mode .on {
    color: var(--ov-link);
    background: color-mix(in srgb, var(--primary-color) 20%, var(--paper));
    box-shadow: none;
  }
  .plot {
    position: relative;
    direction: ltr;
    min-width: 0;
  }
  .axisplot {
    cursor: grab;
  }
  .plots {
    touch-action: pan-y;
  }
  .cross {
    position: absolute;
    top: 0;
    bottom: 0;
    width: 1px;
    left: var(--cross, -1px);
    background: var(--ov-link);
    display: var(--cross-shown, none);
    pointer-events: none;
  }
  svg {
    display: block;
    overflow: visible;
  }
  svg text {
    font-size: 12px;
    font-variant-numeric: tabular-nums;
    fill: var(--secondary-text-color);
  }
  svg text.p {
    fill: var(--primary-text-color);
  }
  svg text.m {
    font-weight: 500;
  }
  svg text.paper {
    fill: var(--paper);
  }
  svg text.on-car {
    fill: var(--ov-on-car);
  }
  svg text.halo {
    paint-order: stroke;
    stroke: var(--paper);
    stroke-width: 3px;
    stroke-linejoin: round;
  }
  svg text.sun-text {
    fill: var(--ov-sun-text);
  }
  svg text.house-text {
    fill: var(--ov-house-text);
  }
  .ink {
    fill: var(--primary-text-color);
  }
  .hatch {
    fill: var(--paper);
    opacity: 0.75;
  }
  .stripe {
    fill: var(--paper);
    opacity: 0.45;
  }
  .veil {
    fill: var(--ov-past);
  }
  line.hour {
    stroke: var(--ov-grid);
  }
  line.day {
    stroke: var(--divider-color);
    stroke-width: 1.5;
  }
  line.base {
    stroke: var(--divider-color);
  }
  line.now {
    stroke: var(--primary-text-color);
    stroke-width: 1.5;
  }
  line.fuse {
    stroke: var(--primary-text-color);
  }
  line.plugged {
    stroke: var(--secondary-text-color);
    stroke-width: 1.5;
  }
  path.crisp {
    shape-rendering: crispEdges;
  }
  path.past {
    opacity: 0.5;
  }
  path.ground {
    opacity: var(--ov-ground);
    shape-rendering: crispEdges;
  }
  path.ground.past {
    opacity: calc(var(--ov-ground) * 0.45);
  }
  path.edge {
    fill: none;
    stroke: var(--secondary-text-color);
  }
  path.edge.guessed {
    stroke-dasharray: 3 2;
  }
  path.sold {
    fill: none;
    stroke: var(--secondary-text-color);
    stroke-dasharray: 1 3;
  }
  path.house {
    fill: var(--ov-house);
  }
  path.sun-area {
    fill: var(--ov-sun);
    opacity: 0.22;
  }
  path.sun {
    fill: none;
    stroke: var(--ov-sun);
    stroke-width: 1.75;
  }
  path.car {
    stroke: var(--paper);
    stroke-width: 0.75;
  }
  path.car.ahead {
    fill-opacity: 0.16;
    stroke-dasharray: 3 2;
    stroke-width: 1.25;
    stroke: var(--secondary-text-color);
  }
  path.before {
    fill: none;
    stroke: var(--primary-text-color);
    stroke-dasharray: 2 2;
    opacity: 0.8;
  }
  .flag line {
    stroke: var(--primary-text-color);
    stroke-width: 1.5;
  }
  .flag path {
    fill: var(--primary-text-color);
  }
  .flag.alarm line {
    stroke: var(--ov-alarm);
  }
  .flag.alarm path,
  g.alarm path {
    fill: var(--ov-alarm);
  }
  g.ok path {
    fill: var(--ov-ok);
  }
  .ok {
    color: var(--ov-ok);
  }
  .alarm-text {
    color: var(--ov-alarm) !important;
  }
  .labels {
    position: relative;
    font-size: 12px;
    line-height: 16px;
    color: var(--secondary-text-color);
  }
  .labels div {
    position: absolute;
    inset-inline: 0;
    unicode-bidi: plaintext;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .caption b {
    display: block;
  }
  .caption span {
    display: block;
  }
  .power {
    margin: 8px 0 12px;
  }
  .lane {
    padding: 10px 0 9px;
    border-top: 1px solid var(--divider-color);
    position: relative;
  }
  .lane.trouble,
  .short.trouble {
    margin: 0 -16px;
    padding-inline: 16px;
    background: linear-gradient(
      90deg,
      color-mix(in srgb, var(--error-color) 10%, transparent),
      transparent 60%
    );
  }
  .nm {
    display: flex;
    align-items: center;
    gap: 8px;
    min-width: 0;
    height: 20px;
    white-space: nowrap;
    width: 100%;
  }
  .nm b {
    overflow: hidden;
    text-overflow: ellipsis;
    flex: 0 1 auto;
  }
  .nm .c {
    overflow: hidden;
    text-overflow: ellipsis;
    min-width: 0;
    flex: 0 10 auto;
  }
  .nm .chev,
  .nm .end {
    margin-inline-start: auto;
    color: var(--secondary-text-color);
    flex: none;
  }
  .dot {
    display: inline-block;
    width: 10px;
    height: 10px;
    border-radius: 3px;
    flex: none;
    background: var(--dot);
    border: 2px solid var(--dot);
  }
  .dot.empty {
    background: none;
  }
  .say {
    font-size: 12px;
    line-height: 16px;
    color: var(--secondary-text-color);
    padding: 2px 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .say b {
    color: var(--primary-text-color);
    margin-inline-end: 6px;
  }
  .open .say,
  .trouble .say,
  .say.wrap {
    white-space: normal;
  }
  .link {
    color: var(--ov-link);
    font-weight: 500;
  }
  .cost {
    display: flex;
    justify-content: flex-end;
    align-items: baseline;
    gap: 6px;
    white-space: nowrap;
  }
  .row2 {
    margin-top: 4px;
    align-items: center;
  }
  .soc {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    height: 28px;
    font-size: 12px;
    line-height: 16px;
    white-space: nowrap;
    overflow: hidden;
  }
  .bar {
    position: relative;
    width: 94px;
    height: 8px;
    border-radius: 4px;
    background: var(--ov-seg);
    flex: none;
    direction: ltr;
  }
  .bar span {
    position: absolute;
    top: 0;
    bottom: 0;
    left: 0;
    border-radius: 4px 0 0 4px;
  }
  .bar .to {
    width: var(--target);
    background: color-mix(in srgb, var(--dot) 35%, transparent);
  }
  .bar .is {
    width: var(--soc);
    background: var(--dot);
  }
  .bar .tick {
    left: calc(var(--target) - 1px);
    width: 2px;
    top: -3px;
    bottom: -3px;
    border-radius: 1px;
    background: var(--primary-text-color);
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
  .outcome {
    display: flex;
    gap: 6px;
    align-items: center;
    font-size: 12px;
    line-height: 16px;
    white-space: nowrap;
  }
  @container (max-width: 599px) {
    .g {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .g > .plot {
      grid-column: 1 / -1;
    }
    .g > .blank {
      display: none;
    }
    .axisrow {
      display: block;
    }
    .head {
      flex-wrap: wrap;
    }
    .head .seg {
      width: 100%;
    }
    .head .seg button {
      flex: 1;
      height: 32px;
    }
    .caption {
      display: flex;
      gap: 8px;
      align-items: baseline;
      min-width: 0;
      overflow: hidden;
      white-space: nowrap;
      line-height: 20px;
    }
    .caption span + span {
      display: none;
    }
    .labels {
      order: -1;
      height: auto !important;
    }
    .caption {
      order: -2;
    }
    .labels div {
      position: static;
      line-height: 20px;
      color: var(--primary-text-color);
    }
    .labels div:not(.main) {
      display: none;
    }
    .lane .say {
      grid-column: 1 / -1;
      order: 3;
      white-space: normal;
    }
    .lane .row2 .plot {
      order: -1;
    }
    .lane .row2 .side {
      display: none;
    }
    .soc {
      justify-content: flex-start;
      height: 24px;
    }
    .bar {
      width: 60px;
    }
    .outcome {
      justify-self: end;
    }
    .lane .cost {
      align-self: center;
    }
    .foot {
      flex-direction: column;
      gap: 6px;
    }
  }
`;
