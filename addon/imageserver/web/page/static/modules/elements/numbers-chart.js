/** Small charts: bars over time, with the same figures as a table for whoever wants them so. */

import { html, svg } from "../../vendor/lit.js";
import { number, t } from "../words.js";

const WIDTH = 600;
const HEIGHT = 120;
const GAP = 0.25;

/**
 * @param {string} title What is counted.
 * @param {{label: string, parts: {name: string, value: number}[]}[]} bars Oldest first; all with the same parts.
 */
export function chart(title, bars) {
  const sums = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const highest = Math.max(...sums, 0);
  const all = sums.reduce((sum, value) => sum + value, 0);
  const names = bars[0]?.parts.map(({ name }) => name) ?? [];
  return html`<figure class="numbers-chart">
    <figcaption>
      <span>${title}</span>
      <span class="quiet-text figures">${t("numbers.chart_sum", { sum: number(all) })}</span>
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      ${bars.map((bar, index) => column(bar.parts, index, bars.length, highest))}
    </svg>
    <p class="numbers-axis hint figures" aria-hidden="true">
      <span>${bars[0]?.label}</span><span>${bars.at(-1)?.label}</span>
    </p>
    <details>
      <summary>${t("numbers.as_table")}</summary>
      <div class="numbers-scroll" tabindex="0" role="region" aria-label=${title}>
        <table class="figures">
          <thead><tr><th scope="col">${t("numbers.when")}</th>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
          <tbody>
            ${bars.toReversed().map(
              ({ label, parts }) => html`<tr><th scope="row">${label}</th>${parts.map(({ value }) => html`<td>${number(value)}</td>`)}</tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`;
}

function column(parts, index, count, highest) {
  const step = WIDTH / count;
  let bottom = HEIGHT;
  return parts.map(({ value }, part) => {
    const height = highest ? (value / highest) * HEIGHT : 0;
    bottom -= height;
    return svg`<rect
      class="numbers-bar-${part}" x=${index * step + (step * GAP) / 2} y=${bottom}
      width=${step * (1 - GAP)} height=${height}
    />`;
  });
}
