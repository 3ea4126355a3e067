/** What left the book for prompts of frames, and can come back. */

import { html, nothing } from "../../vendor/lit.js";
import { model } from "../model.js";
import { dateTime, t } from "../words.js";
import { icon } from "./icons.js";

/** @param restore Called with the prompt that is to come back. */
export function replacedList(replaced, restore) {
  if (!replaced.length) return nothing;
  return html`<section class="prompts-replaced" aria-labelledby="prompts-replaced">
    <h2 id="prompts-replaced">${t("prompts.replaced")}</h2>
    <p class="hint">${t("prompts.replaced_hint")}</p>
    <ul class="plain">
      ${replaced.map(
        (one) => html`<li>
          <div>
            <p>${one.prompt}</p>
            ${one.negative ? html`<p class="prompts-without">${t("prompts.without", { text: one.negative })}</p>` : nothing}
            <p class="hint">${t("prompts.replaced_when", { at: dateTime(one.left_at), frame: frameAt(one.left_for) })}</p>
          </div>
          <button class="button" aria-label=${t("prompts.restore_n", { text: one.prompt })} @click=${() => restore(one)}>
            ${icon("repeat")} ${t("prompts.restore")}
          </button>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** What people call the frame at an address. */
export function frameAt(address) {
  return model.status?.frames.find((one) => one.address === address)?.name ?? address;
}
