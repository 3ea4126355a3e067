/** The lists of values that a prompt's placeholders are filled from, edited beside its text. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import { t } from "../words.js";
import { icon } from "./icons.js";
import { toLines, toValues } from "./prompts-draft.js";
import { namesIn } from "./prompts-template.js";

/** What a list of a draft is at the moment: whose it is, and how it is written. */
function stateOf(draft, shared, name) {
  if (name in draft.own) return { whose: "own", lines: draft.own[name] };
  if (name in draft.shared) return { whose: "shared", lines: draft.shared[name] };
  if (name in shared) return { whose: "shared", lines: toLines(shared[name]) };
  return { whose: "own", lines: "" };
}

/** Whether a placeholder of a draft has values. */
export const isKnown = (draft, shared) => (name) =>
  toValues(draft.own[name] ?? "").length > 0 || toValues(draft.shared[name] ?? toLines(shared[name] ?? [])).length > 0;

function write(draft, shared, name, lines) {
  const { whose } = stateOf(draft, shared, name);
  const now = toLines(shared[name] ?? []);
  if (whose === "own") {
    draft.own[name] = lines;
    return;
  }
  draft.before[name] ??= now;
  if (lines === now) forget(draft, name);
  else draft.shared[name] = lines;
}

function forget(draft, name) {
  delete draft.shared[name];
  delete draft.before[name];
}

/** Whether somebody else has changed a list that is being changed here. */
const isOvertaken = (draft, shared, name) =>
  name in draft.shared && name in draft.before && draft.before[name] !== toLines(shared[name] ?? []);

function give(draft, shared, name, whose) {
  const { lines } = stateOf(draft, shared, name);
  if (whose === "own") {
    draft.own[name] = lines;
    forget(draft, name);
  } else {
    delete draft.own[name];
    if (!(name in shared)) draft.shared[name] = lines;
  }
}

/**
 * The lists of a draft.
 * @param shared The lists for all prompts. @param changed Called after each change.
 */
export function draftLists({ draft, shared, errors, changed }) {
  const used = namesIn(draft.prompt, draft.negative);
  const names = [...new Set([...used, ...Object.keys(draft.own)])];
  if (!names.length) return html`<p class="hint">${t("prompts.how_lists")}</p>`;
  return html`<div class="prompts-lists">
    ${repeat(names, (name) => name, (name, place) => panel({ draft, shared, errors, changed, name, place, used }))}
  </div>`;
}

function panel({ draft, shared, errors, changed, name, place, used }) {
  const { whose, lines } = stateOf(draft, shared, name);
  const id = `prompts-list-${place}`;
  const error = errors[`placeholders.${name}`];
  const after = (change) => (event) => {
    change(event);
    changed();
  };
  return html`<div class="prompts-list">
    <div class="prompts-list-head">
      <label for=${id}>${t("prompts.values_of", { name })}</label>
      ${name in draft.own
        ? html`<button
            type="button" class="button icon" aria-label=${t("prompts.remove_list", { name })}
            @click=${after(() => delete draft.own[name])}
          >${icon("bin")}</button>`
        : nothing}
    </div>
    <textarea
      id=${id} rows="4" spellcheck="false" .value=${lines} placeholder=${t("prompts.one_a_line")}
      aria-describedby="${id}-hint ${id}-error" aria-invalid=${error ? "true" : "false"}
      @input=${after((event) => write(draft, shared, name, event.target.value))}
    ></textarea>
    <p class="field-error" id="${id}-error" role="alert">${error ?? nothing}</p>
    ${isOvertaken(draft, shared, name)
      ? html`<div class="prompts-elsewhere" role="status">
          <p>${t("prompts.list_elsewhere")}</p>
          <button type="button" class="button quiet" @click=${after(() => forget(draft, name))}>${t("prompts.take_theirs")}</button>
        </div>`
      : nothing}
    <select
      aria-label=${t("prompts.whose", { name })}
      @change=${after((event) => give(draft, shared, name, event.target.value))}
    >
      <option value="own" .selected=${whose === "own"}>${t("prompts.whose_own")}</option>
      <option value="shared" .selected=${whose === "shared"}>${t("prompts.whose_shared")}</option>
    </select>
    <p class="hint" id="${id}-hint">${hint(whose, name, shared, toValues(lines).length, used)}</p>
  </div>`;
}

function hint(whose, name, shared, count, used) {
  const values = count ? t("prompts.values", { count }) : t("prompts.no_values");
  if (!used.includes(name)) return `${values} ${t("prompts.not_used")}`;
  if (whose === "shared") return `${values} ${t("prompts.holds_for_all")}`;
  return name in shared ? `${values} ${t("prompts.hides_shared")}` : values;
}
