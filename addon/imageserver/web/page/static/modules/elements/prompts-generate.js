/** A picture made with a text of the page: what becomes of it is said wherever the reader is by then. */

import * as api from "../api.js";
import { model } from "../model.js";
import { goTo, place } from "../router.js";
import { errorText } from "../said.js";
import { t } from "../words.js";
import { toast } from "./toasts.js";

const followed = new Map();

model.addEventListener("event:operation", ({ detail }) => tell(detail));

/** Ask for a picture with a prompt; its own lists are not known to whom is asked, so they are filled in here. */
export async function generateWith({ prompt, negative, placeholders = {} }) {
  let text = { prompt, negative };
  if (Object.keys(placeholders).length) {
    [text] = (await api.previewPrompt({ prompt, negative, placeholders, times: 1 })).texts;
  }
  const operation = await api.generate(text);
  const away = toast(t("prompts.asked"), { label: t("prompts.watch"), action: () => goTo("now") });
  followed.set(operation.id, away);
  model.noteOperation(operation);
  tell(model.operations.get(operation.id) ?? operation);
}

function tell({ id, status, picture_id: picture, error }) {
  const away = followed.get(id);
  if (!away || status === "pending") return;
  followed.delete(id);
  away();
  if (place().view === "now") return; // there it is seen as it happens
  if (status === "error") toast(t("prompts.not_made", { why: errorText(error) }), { alarm: true });
  else toast(t("prompts.made"), { label: t("prompts.to_picture"), action: () => goTo("picture", picture) });
}
