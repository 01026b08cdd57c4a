import { css } from "lit";

/** Where there is no room beside the pictures: on phones, and in narrow columns. */
export const narrow = css`
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
      align-items: stretch;
      gap: 6px;
    }
  }
`;
