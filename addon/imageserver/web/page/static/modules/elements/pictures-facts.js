/** What is known of a picture, as lists. */

import { html, nothing } from "../../vendor/lit.js";
import { dateTime, duration, number, relative, size, t } from "../words.js";
import { frameName } from "./pictures-acts.js";

export function facts(picture, maker) {
  const { made_at: made, added_at: added, took_seconds: took, width, height, shown, shown_at: last } = picture;
  const rows = [
    [t("picture.maker"), maker],
    [made ? t("picture.made") : t("picture.added"), dateTime(made ?? added)],
    [t("picture.took"), took === null ? null : duration(took)],
    [t("picture.size"), width ? `${number(width)} × ${number(height)}` : null, size(picture.size_bytes)],
    [t("picture.shown"), t("picture.times", { count: shown }), last && t("picture.last", { time: relative(last) })],
    [t("picture.file"), picture.name],
  ];
  return html`<dl class="picture-facts figures">
    ${rows.map(([name, ...texts]) => {
      const text = texts.filter(Boolean).join(", ");
      return text ? html`<div><dt>${name}</dt><dd>${text}</dd></div>` : nothing;
    })}
  </dl>`;
}

/** Which frames have shown it, once that is known. */
export function shownBy({ shown_by: showings }, frames) {
  if (!showings?.length) return nothing;
  const names = new Map(frames.map((frame) => [frame.id, frameName(frame)]));
  return html`<h2>${t("picture.shown_by")}</h2>
    <ul class="plain picture-showings figures">
      ${showings.map(
        ({ frame, shown, shown_at: at }) => html`<li>
          <span>${names.get(frame) ?? frame}</span>
          <span class="hint">${t("picture.times", { count: shown })}, ${t("picture.last", { time: relative(at) })}</span>
        </li>`,
      )}
    </ul>`;
}
