/** What a prompt can become: examples that cost nothing, each of which can be made a picture of. */

import { html, nothing } from "../../vendor/lit.js";
import { t } from "../words.js";
import { icon } from "./icons.js";

/** @param again Called for others. @param generate Called with the text that is to be a picture; may be null. */
export function examples(texts, { again, generate, busy }) {
  const distinct = [...new Map(texts.map((text) => [JSON.stringify(text), text])).values()];
  return html`<div class="prompts-examples">
    <h3>${t("prompts.examples")}</h3>
    <ol class="plain">
      ${distinct.map(
        (text) => html`<li>
          <p>${text.prompt}${text.negative ? html` <span class="prompts-without">${t("prompts.without", { text: text.negative })}</span>` : nothing}</p>
          <button class="button icon" type="button" aria-label=${t("prompts.generate_example", { text: text.prompt })} ?disabled=${busy} @click=${() => generate(text)}>
            ${icon("spark")}
          </button>
        </li>`,
      )}
    </ol>
    ${distinct.length === 1
      ? html`<p class="hint">${t("prompts.always_same")}</p>`
      : html`<button class="button quiet" type="button" @click=${again}>${icon("repeat")} ${t("prompts.others")}</button>`}
  </div>`;
}
