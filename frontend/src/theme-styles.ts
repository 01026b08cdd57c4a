import { css } from "lit";

/** Colours and sizes of the design; names of Home Assistant's theme where it has one. */
export const theme = css`
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
`;
