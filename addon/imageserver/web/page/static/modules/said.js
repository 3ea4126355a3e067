/** What the server says of itself, in the reader's language; its own texts are English. */

import { UNREACHABLE } from "./api.js";
import { has, language, t, time } from "./words.js";

/** The state in one sentence. */
export function stateSentence({ state, until }) {
  if (state === "waiting") {
    if (until === null) return t("server.state.stuck");
    if (new Date(until) <= Date.now()) return t("server.state.ready");
  }
  if (state === "sleeping" && until === null) return t("server.state.sleeping_on");
  return t(`server.state.${state}`, { until: until && time(until) });
}

/** An `ApiError`, or the `error` of an operation, as a sentence. */
export function errorText({ code, message }) {
  if (code === UNREACHABLE) return t("server.unreachable");
  if (language === "en" || !has(`server.error.${code}`)) return message;
  return t(`server.error.${code}`, { message });
}

/** Why a provider is not ready; null where it is. */
export function reasonText({ ready, reason, until }) {
  if (ready || reason === null) return null;
  const text = t(`server.reason.${reason}`);
  return until ? t("server.reason_until", { reason: text, until: time(until) }) : text;
}
