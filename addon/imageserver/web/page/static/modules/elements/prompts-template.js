/** Texts with `[[placeholders]]`: shown as text with its places marked, written in a field that marks them. */

import { html, nothing } from "../../vendor/lit.js";
import { icon } from "./icons.js";
import { saidText } from "./prompts-said.js";

const PLACEHOLDER = /\[\[([^[\]]*)\]\]/g;
const NAME = /^[\p{L}\p{N}\p{M}_\-\u200c\u200d]+$/u;

/** A placeholder's name as it is compared. */
export const nameOf = (written) => written.trim().normalize("NFC");
export const isName = (name) => NAME.test(name);

/** The names of the placeholders of texts, each once, in their order. */
export function namesIn(...texts) {
  const found = texts.flatMap((text) => [...text.matchAll(PLACEHOLDER)].map((match) => nameOf(match[1])));
  return [...new Set(found)].filter(isName);
}

/** Characters as the server counts them, not halves of them. */
export const lengthOf = (text) => Array.from(text).length;

/** Where in a text the findings about it are; the server counts characters of the trimmed text. */
function placesOf(text, findings, part) {
  const lead = text.length - text.trimStart().length;
  const characters = Array.from(text.trimStart());
  const units = (count) => lead + characters.slice(0, count).join("").length;
  return findings
    .filter(({ position }) => position?.part === part)
    .map(({ position }) => ({ start: units(position.start), end: units(position.end), good: false }));
}

/**
 * A text with its placeholders marked, and what the server found in it.
 * @param {(name: string) => boolean} known Whether there are values for a name.
 */
export function marked(text, known, findings = [], part = "prompt") {
  const flaws = placesOf(text, findings, part);
  const found = [...text.matchAll(PLACEHOLDER)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    good: known(nameOf(match[1])),
  }));
  const others = flaws.filter(({ start }) => !found.some((one) => one.start === start));
  const places = [...found, ...others].sort((one, other) => one.start - other.start);
  const pieces = [];
  let at = 0;
  for (const { start, end, good } of places) {
    if (start < at) continue;
    pieces.push(text.slice(at, start));
    pieces.push(html`<mark class=${good ? "prompts-known" : "prompts-flaw"}>${text.slice(start, end)}</mark>`);
    at = end;
  }
  return [...pieces, text.slice(at)];
}

/** What the server found, in words. */
export const findingList = (findings) =>
  findings.length
    ? html`<ul class="plain prompts-findings">
        ${findings.map(({ text }) => html`<li>${icon("alarm")}<span>${saidText(text)}</span></li>`)}
      </ul>`
    : nothing;

/** A field for a text with placeholders; a layer behind it marks them, and makes it as high as its text. */
export function templateField(field) {
  const { id, label, value, known, findings, fresh, part, error, example, write } = field;
  const here = findings.filter(({ position }) => position?.part === part);
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <div class="prompts-field">
      <div class="prompts-mirror" aria-hidden="true">${marked(value, known, fresh ? findings : [], part)}${"\u200b"}</div>
      <textarea
        id=${id} rows="1" .value=${value} placeholder=${example}
        aria-invalid=${error ? "true" : "false"} aria-describedby="${id}-error ${id}-findings"
        @input=${(event) => write(event.target.value)}
      ></textarea>
    </div>
    <p class="field-error" id="${id}-error" role="alert">${error ?? nothing}</p>
    <div id="${id}-findings">${findingList(here)}</div>
  </div>`;
}
