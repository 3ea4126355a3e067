/** Icons as lines, 24 by 24, in the colour of the text; they say nothing to a screen reader. */

import { html, svg } from "../../vendor/lit.js";

const LINES = {
  now: svg`<rect x="5" y="3" width="14" height="18" rx="2"/><path d="m5 16 4-4 4 4 2-2 4 4"/><circle cx="14.5" cy="8.5" r="1.5"/>`,
  pictures: svg`<rect x="3" y="3" width="7.5" height="7.5" rx="1.5"/><rect x="13.5" y="3" width="7.5" height="7.5" rx="1.5"/><rect x="3" y="13.5" width="7.5" height="7.5" rx="1.5"/><rect x="13.5" y="13.5" width="7.5" height="7.5" rx="1.5"/>`,
  prompts: svg`<path d="M4 6h16M4 11h16M4 16h9"/><path d="m18.5 14 .9 2.1 2.1.9-2.1.9-.9 2.1-.9-2.1-2.1-.9 2.1-.9z"/>`,
  numbers: svg`<path d="M4 20h16"/><path d="M7 16v-4M12 16V6M17 16v-7"/>`,
  settings: svg`<path d="M4 7h9M19 7h1M4 17h1M11 17h9"/><circle cx="16" cy="7" r="2.6"/><circle cx="8" cy="17" r="2.6"/>`,
  log: svg`<rect x="4" y="3" width="16" height="18" rx="2"/><path d="M8 8h8M8 12h8M8 16h5"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  back: svg`<path d="M19 12H5m6-6-6 6 6 6"/>`,
  up: svg`<path d="M12 19V5m-6 6 6-6 6 6"/>`,
  down: svg`<path d="M12 5v14m6-6-6 6-6-6"/>`,
  next: svg`<path d="m9 5 7 7-7 7"/>`,
  more: svg`<circle cx="5" cy="12" r="1"/><circle cx="12" cy="12" r="1"/><circle cx="19" cy="12" r="1"/>`,
  plus: svg`<path d="M12 5v14M5 12h14"/>`,
  pencil: svg`<path d="m4 20 1-4L16 5l3 3L8 19z"/><path d="m14 7 3 3"/>`,
  bin: svg`<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/>`,
  heart: svg`<path d="M12 20S4 15 4 9a4.2 4.2 0 0 1 8-1.8A4.2 4.2 0 0 1 20 9c0 6-8 11-8 11z"/>`,
  download: svg`<path d="M12 4v11m-5-5 5 5 5-5M4 20h16"/>`,
  upload: svg`<path d="M12 16V4M7 9l5-5 5 5M4 20h16"/>`,
  search: svg`<circle cx="11" cy="11" r="6.5"/><path d="m16 16 5 5"/>`,
  drag: svg`<path d="M5 9h14M5 15h14"/>`,
  spark: svg`<path d="m12 3 2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z"/>`,
  pause: svg`<path d="M8 5v14M16 5v14"/>`,
  play: svg`<path d="M8 5v14l11-7z"/>`,
  moon: svg`<path d="M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5z"/>`,
  clock: svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>`,
  alarm: svg`<path d="M12 4 2.5 20h19z"/><path d="M12 10v4.5M12 17.3v.2"/>`,
  check: svg`<path d="m5 12.5 4.5 4.5L19 7.5"/>`,
  away: svg`<path d="M3 3l18 18M5 12a10 10 0 0 1 3-2M2 9a15 15 0 0 1 4-2.5M11 6a15 15 0 0 1 11 3M15 10.5a10 10 0 0 1 4 1.5M8.5 15.5a5 5 0 0 1 6 0M12 19v.2"/>`,
  copy: svg`<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3"/>`,
  repeat: svg`<path d="M4 11a8 8 0 0 1 14-4.5L20 9M20 4v5h-5M20 13a8 8 0 0 1-14 4.5L4 15M4 20v-5h5"/>`,
  eye: svg`<path d="M2 12s4-6.5 10-6.5S22 12 22 12s-4 6.5-10 6.5S2 12 2 12z"/><circle cx="12" cy="12" r="2.8"/>`,
  archive: svg`<rect x="3" y="4" width="18" height="5" rx="1.5"/><path d="M5 9v11h14V9M10 13h4"/>`,
  key: svg`<circle cx="8" cy="15" r="4.5"/><path d="m11.5 11.5 8-8M16 7l3 3"/>`,
};

export const icon = (name) =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${LINES[name]}</svg>`;
