/** What the server says of itself, in the reader's language; its own texts are English. */

import { UNREACHABLE } from "./api.js";
import { has, language, t, time } from "./words.js";

/** The state in one sentence. */
export function stateSentence({ state, until, frames }) {
  if (state === "waiting") {
    if (until === null) return t("server.state.stuck");
    if (new Date(until) <= Date.now()) return t("server.state.ready");
  }
  if (state === "sleeping" && until === null) return t("server.state.sleeping_on");
  return t(`server.state.${state}`, { until: until && time(until), count: frames.length });
}

/** @returns {{text: string, remedy: string, original: string | null}} `original` where ours says less. */
export function problemTexts({ code, subject, text, remedy }) {
  const key = `server.problem.${code}`;
  if (language === "en" || !has(key)) return { text, remedy, original: null };
  return {
    text: t(key, { subject: subject ?? "" }),
    remedy: has(`server.remedy.${code}`) ? t(`server.remedy.${code}`, { subject: subject ?? "" }) : remedy,
    original: `${text} ${remedy}`,
  };
}

/** An `ApiError` or the `error` of an operation, as a sentence. */
export function errorText({ code, message }) {
  const key = `server.error.${code}`;
  if (code === UNREACHABLE) return t("server.unreachable");
  if (language === "en" || !has(key)) return message;
  return t(key);
}

/** Why a provider is not ready; null where it is. */
export function reasonText({ ready, reason, until }) {
  if (ready || reason === null) return null;
  const text = t(`server.reason.${reason}`);
  return until ? t("server.reason_until", { reason: text, until: time(until) }) : text;
}
