import { css } from "lit";

/** A lane for each charger. */
export const lane = css`
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
      var(--ov-onward, 90deg),
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
  .outcome {
    display: flex;
    gap: 6px;
    align-items: center;
    font-size: 12px;
    line-height: 16px;
    white-space: nowrap;
  }
`;
