import { css } from "lit";

/** The pictures: axis, price, power, and what is drawn in them. */
export const panel = css`
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
  path.hour {
    stroke: var(--ov-grid);
  }
  path.day {
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
`;
