/** The management API, one function for each of its operations. Paths are relative: ingress has a prefix. */

import { authorization } from "./token.js";

const ROOT = "api/v1/";

/** What went wrong, as the server says it: `code` is stable, `message` is English and for people. */
export class ApiError extends Error {
  constructor(code, message, { status = 0, details = [], retryAfter = null } = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

/** The server does not answer at all. */
export const UNREACHABLE = "Unreachable";

/** Told of each refused token: the page asks for another one. */
export const refusals = new EventTarget();

export async function request(method, path, { body, headers = {}, signal, cache = "no-cache" } = {}) {
  let response;
  try {
    response = await fetch(ROOT + path, {
      method,
      body,
      signal,
      headers: { ...authorization(), ...headers },
      cache,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(UNREACHABLE, "The server does not answer");
  }
  if (response.ok) return response;
  const error = await readError(response);
  if (error.status === 401) refusals.dispatchEvent(new Event("refused"));
  throw error;
}

async function readError(response) {
  const answer = await response.json().catch(() => null);
  const { code = UNREACHABLE, message = response.statusText, details } = answer?.error ?? {};
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  return new ApiError(code, message, { status: response.status, details, retryAfter });
}

async function call(method, path, value, options = {}) {
  const sent = value === undefined ? {} : { body: JSON.stringify(value), headers: JSON_TYPE };
  const response = await request(method, path, { ...options, ...sent });
  return response.status === 204 ? null : response.json();
}

const JSON_TYPE = { "Content-Type": "application/json" };
const at = (...parts) => parts.map(encodeURIComponent).join("/");

export const info = () => call("GET", "info");
export const status = () => call("GET", "status");

export const operations = (limit = 50) => call("GET", `operations?limit=${limit}`);
export const operation = (id) => call("GET", at("operations", id));
/** @param {{prompt?, negative?, provider?, show?, frame?, wait?}} wish */
export const generate = (wish = {}) => call("POST", "operations", wish);

export const prompts = () => call("GET", "prompts");
export const addPrompt = (prompt) => call("POST", "prompts", prompt);
export const previewPrompt = (draft, options) => call("POST", "prompts/preview", draft, options);
export const editPrompt = (id, changes) => call("PUT", at("prompts", id), changes);
export const removePrompt = (id) => call("DELETE", at("prompts", id));
export const restorePrompt = (id) => call("POST", at("prompts", id, "restore"));
export const movePrompt = (id, idx) => call("POST", at("prompts", id, "move"), { idx });
export const placeholders = () => call("GET", "placeholders");
export const setPlaceholders = (lists) => call("PUT", "placeholders", { placeholders: lists });

export const searchPictures = (query, options) => call("POST", "images/search", query, options);
export const picture = (id) => call("GET", at("images", id));
export const setFavourite = (id, favourite) => call("PATCH", at("images", id), { favourite });
export const deletePicture = (id) => call("DELETE", at("images", id));
export const restorePicture = (id) => call("POST", at("images", id, "restore"));
export const showPicture = (id, frame = null) => call("POST", at("images", id, "show"), { frame });
/** @param {Blob} file @param {boolean} keep False shows it once and forgets it. */
export const pushPicture = async (file, keep = true) => {
  const headers = { "Content-Type": "application/octet-stream" };
  return (await request("POST", `images?keep=${keep}`, { body: file, headers })).json();
};
/** Where a picture's bytes are, for `<af-picture path=…>`; `kind` is original, frame or thumbnail. */
export const picturePath = (id, kind) => at("images", id, kind);
export const framePicturePath = (id) => at("frames", id, "picture");

export const frames = () => call("GET", "frames");
export const renameFrame = (id, name) => call("PATCH", at("frames", id), { name });
export const forgetFrame = (id) => call("DELETE", at("frames", id));

export const providers = () => call("GET", "providers");
export const changeProvider = (code, changes) => call("PATCH", at("providers", code), changes);
export const retryProvider = (code) => call("POST", at("providers", code, "retry"));

export const settings = () => call("GET", "settings");
export const changeSettings = (changes) => call("PATCH", "settings", changes);
export const history = (days = 30) => call("GET", `history?days=${days}`);
export const log = (level = "INFO", limit = 300) => call("GET", `log?level=${level}&limit=${limit}`);
export const token = () => call("GET", "token");
export const renewToken = () => call("POST", "token");
