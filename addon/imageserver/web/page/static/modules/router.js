/** Where the page is, by the hash: `#/now`, `#/picture/17`. A view is loaded when it is gone to. */

import { loadWords } from "./words.js";

/** Each with an entry in the navigation, but `picture`. */
export const VIEWS = ["now", "pictures", "picture", "prompts", "numbers", "settings", "log"];

/** @returns {{view: string, id: string | null}} */
export function place() {
  const [, view, id] = location.hash.split("/");
  return VIEWS.includes(view) ? { view, id: id ? decodeURIComponent(id) : null } : { view: VIEWS[0], id: null };
}

export const linkTo = (view, id) => (id ? `#/${view}/${encodeURIComponent(id)}` : `#/${view}`);

export function goTo(view, id) {
  location.hash = linkTo(view, id);
}

/** The element of a view; `af-picture` is the small one that loads a picture anywhere. */
export const elementOf = (view) => (view === "picture" ? "af-large-picture" : `af-${view}`);

/** Load what a view needs: its element, its words and its styles. */
export async function loadView(view) {
  await Promise.all([loadStyles(view), loadWords(view), import(`./views/${view}.js`)]);
}

function loadStyles(view) {
  const id = `styles-${view}`;
  if (document.getElementById(id)) return null;
  return new Promise((loaded, failed) => {
    const link = Object.assign(document.createElement("link"), {
      id,
      rel: "stylesheet",
      href: new URL(`../styles/${view}.css`, import.meta.url).href,
      onload: loaded,
      onerror: () => {
        link.remove();
        failed(new Error(`No styles for ${view}`));
      },
    });
    document.head.append(link);
  });
}
