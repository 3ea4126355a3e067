/** What can be done with a picture, and how it is called. */

import * as api from "../api.js";
import { model } from "../model.js";
import { goTo, place } from "../router.js";
import { errorText } from "../said.js";
import { heldToken } from "../token.js";
import { date, t, time } from "../words.js";
import { toast, undoable } from "./toasts.js";

const PUSHED = "push";

/** A picture in words. */
export const described = (picture) =>
  picture.prompt || t("pictures.without_prompt", { date: date(picture.made_at ?? picture.added_at) });

export function makerOf({ provider }) {
  if (provider === PUSHED) return t("pictures.maker_push");
  if (provider === null) return t("pictures.maker_found");
  return model.status?.providers.find(({ code }) => code === provider)?.title ?? provider;
}

/** Those who may have made pictures: `[code, title]`. */
export const makers = () => [
  ...(model.status?.providers ?? []).map(({ code, title }) => [code, title]),
  [PUSHED, t("pictures.maker_push")],
];

export async function remove(id, back) {
  await api.deletePicture(id);
  undoable(t("pictures.deleted"), () => tried(async () => back(await api.restorePicture(id))));
}

/** The address of its file; where it takes the token, `save` does it. */
export const fileLink = ({ id }) => `api/v1/${api.picturePath(id, "original")}`;
export const fileName = ({ name }) => `${name}.jpeg`;

export async function save(event, picture) {
  if (!heldToken()) return; // the browser does it by itself
  event.preventDefault();
  await tried(async () => {
    const blob = await (await api.request("GET", api.picturePath(picture.id, "original"))).blob();
    const href = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href, download: fileName(picture) }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  });
}

export const frameName = ({ name, address }) => name ?? address;

export async function show(id, frame = null) {
  await api.showPicture(id, frame?.id ?? null);
  if (!frame) toast(t("pictures.shown_next"));
  else if (frame.expected_at && new Date(frame.expected_at) > Date.now())
    toast(t("pictures.shown_by_at", { frame: frameName(frame), time: time(frame.expected_at) }));
  else toast(t("pictures.shown_by", { frame: frameName(frame) }));
}

/** Ask for another picture with the same prompt, and say when it is there. */
export async function again({ prompt, negative }) {
  const operation = await api.generate({ prompt, ...(negative ? { negative } : {}) });
  const away = toast(t("pictures.again_started"), { label: t("pictures.follow"), action: () => goTo("now") });
  const end = ({ detail }) => {
    if (detail.id !== operation.id || detail.status === "pending") return;
    model.removeEventListener("event:operation", end);
    away();
    if (place().view === "now") return; // it is seen there
    if (detail.error) toast(errorText(detail.error), { alarm: true });
    else if (detail.picture_id)
      toast(t("pictures.again_done"), { label: t("pictures.look"), action: () => goTo("picture", detail.picture_id) });
  };
  model.addEventListener("event:operation", end);
  const heard = model.operations.get(operation.id); // its end may have come before this answer
  if (heard) end({ detail: heard });
  else model.noteOperation(operation);
}

async function tried(work) {
  try {
    await work();
  } catch (error) {
    if (error.code === undefined) throw error;
    toast(errorText(error), { alarm: true });
  }
}
