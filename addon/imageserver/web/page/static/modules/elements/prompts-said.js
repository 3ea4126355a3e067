/** What the server says about prompts has no codes: known sentences in the reader's language, others as they are. */

import { html } from "../../vendor/lit.js";
import { t } from "../words.js";

const SENTENCES = [
  ["no_values_case", /^(\[\[[^]*\]\]) has no values [^]*there is a list (.+), and case matters/],
  ["no_values", /^(\[\[[^]*\]\]) has no values/],
  ["not_closed", /^\[\[ has no/],
  ["not_opened", /^\]\] has no/],
  ["bad_name_here", /^(\[\[[^]*\]\]) stays as it is: the name/],
  ["bad_name", /name of a placeholder has letters/],
  ["too_long", /^It can get (\d+) characters long/],
  ["double", /^It is the same as prompt (\d+)/],
  ["there_already", /^This prompt is there already: it is prompt (\d+)/],
  ["many", /^(\d+) prompts are more than the (\d+)/],
  ["can_be_empty", /^The prompt can become empty/],
  ["empty", /^The prompt is empty|^is (empty|missing)/],
  ["part_long", /has (\d+) characters[,;].*at most (\d+)/],
  ["control", /has a control character/],
];

/** A finding, or a mistake, as the reader reads it. */
export function saidText(text) {
  for (const [key, pattern] of SENTENCES) {
    const match = pattern.exec(text);
    if (match) return t(`prompts.said.${key}`, { one: match[1] ?? "", two: match[2] ?? "" });
  }
  return html`<span lang="en">${text}</span>`;
}
