/**
 * A list in one item of which somebody may be typing. `repeat` alone moves any item where the order
 * changes, and an item that is moved loses the caret: what is typed next would go nowhere.
 */

import { keyed, nothing, repeat } from "../../vendor/lit.js";

/** Render items like `repeat`; the one with the key `held` stays where it is, the others go around it. */
export function repeatAround(items, held, key, render) {
  const place = items.findIndex((item) => key(item) === held);
  return [
    repeat(items.slice(0, Math.max(place, 0)), key, render),
    place < 0 ? nothing : keyed(held, render(items[place])),
    repeat(items.slice(place + 1), key, render),
  ];
}
