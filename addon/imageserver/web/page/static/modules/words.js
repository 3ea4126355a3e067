/**
 * What the page says, in the browser's language. Each view has its words in a file of its own,
 * `words/<language>/<view>.js`: the key `now.title` is `title` there. What stands in braces is filled in;
 * a text that depends on a number is an object by plural category, chosen by `count`.
 */

const LANGUAGES = ["en", "ru"];

export const language =
  navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]).find((one) => LANGUAGES.includes(one)) ??
  "en";

// The browser's own region decides how times are written, where it is one of that language.
const locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
const plurals = new Intl.PluralRules(locale);
const tables = {};

/** Load the words of a view; `t` knows them then. */
export async function loadWords(name) {
  tables[name] ??= (await import(`../words/${language}/${name}.js`)).default;
}

/** The text of a key; false instead of a missing one where `fallback` is given. */
export function t(key, values = {}) {
  const text = find(key);
  if (text === undefined) throw new Error(`No words for ${key}`);
  const chosen = typeof text === "string" ? text : (text[plurals.select(values.count)] ?? text.other);
  return chosen.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
}

/** Whether there are words for a key, where the server may say what this page does not know yet. */
export const has = (key) => find(key) !== undefined;

function find(key) {
  const dot = key.indexOf(".");
  return tables[key.slice(0, dot)]?.[key.slice(dot + 1)];
}

const shown = (value) => (typeof value === "number" ? number(value) : String(value));

export const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);

const format = (options) => new Intl.DateTimeFormat(locale, options);
const TIME = format({ hour: "numeric", minute: "2-digit" });
const DAY = format({ day: "numeric", month: "short" });
const FULL = format({ dateStyle: "medium", timeStyle: "short" });
const DATE = format({ day: "numeric", month: "short", year: "numeric" });

/** `14:20`, for a time of another day with its date. */
export function time(value, now = new Date()) {
  const date = new Date(value);
  const today = date.toDateString() === now.toDateString();
  return today ? TIME.format(date) : `${DAY.format(date)}, ${TIME.format(date)}`;
}

export const dateTime = (value) => FULL.format(new Date(value));
export const date = (value) => DATE.format(new Date(value));

const RELATIVE = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

/** `5 minutes ago`, `in 2 hours`. */
export function relative(value, now = Date.now()) {
  const seconds = (new Date(value) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return RELATIVE.format(0, "second");
  if (size < 3570) return RELATIVE.format(Math.round(seconds / 60), "minute");
  if (size < 86_000) return RELATIVE.format(Math.round(seconds / 3600), "hour");
  return RELATIVE.format(Math.round(seconds / 86_400), "day");
}

const unit = (name, digits) =>
  new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits });

/** `1.4 GB` */
export function size(bytes) {
  const names = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), names.length - 1);
  return unit(names[step], step > 1 ? 1 : 0).format(bytes / 1000 ** step);
}

/** `12 s`, `3 min` */
export const duration = (seconds) =>
  seconds < 90 ? unit("second", seconds < 10 ? 1 : 0).format(seconds) : unit("minute", 0).format(seconds / 60);
