/** Drags an item of a list to another place, by mouse, pen or finger; the list itself changes when it is let go. */

const EDGE = 72;
const FASTEST = 16;

export class Dragging {
  #list;
  #dropped;
  #now = null;

  /** @param list Gives the element whose children are the items. @param dropped Called with both places, from 0. */
  constructor(host, list, dropped) {
    this.#list = list;
    this.#dropped = dropped;
    host.addController(this);
  }

  get running() {
    return this.#now !== null;
  }

  hostDisconnected() {
    this.cancel();
  }

  start(event, item) {
    if (event.button !== 0 || this.#now) return;
    event.preventDefault();
    const items = [...this.#list().children];
    const from = items.indexOf(item);
    const boxes = items.map((one) => ({ top: one.offsetTop, height: one.offsetHeight }));
    const handle = event.currentTarget;
    const listeners = new AbortController();
    const { signal } = listeners;
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", (move) => this.#move(move.clientY), { signal });
    handle.addEventListener("pointerup", () => this.#end(true), { signal });
    handle.addEventListener("pointercancel", () => this.#end(false), { signal });
    addEventListener("keydown", (key) => key.key === "Escape" && this.#end(false), { signal });
    this.#now = { items, from, to: from, boxes, y: event.clientY, begin: event.clientY + scrollY, listeners };
    this.#list().classList.add("prompts-sorting");
    item.classList.add("prompts-lifted");
    this.#scroll();
  }

  cancel() {
    if (this.#now) this.#end(false);
  }

  #move(y) {
    this.#now.y = y;
    this.#place();
  }

  #place() {
    const { items, from, boxes, y, begin } = this.#now;
    const by = y + scrollY - begin;
    const { top, height } = boxes[from];
    const step = height + gapOf(boxes);
    let to = from;
    items.forEach((item, place) => {
      const middle = boxes[place].top + boxes[place].height / 2;
      let shift = 0;
      if (place < from && top + by < middle) [shift, to] = [step, to - 1];
      if (place > from && top + height + by > middle) [shift, to] = [-step, to + 1];
      item.style.transform = place === from ? `translateY(${by}px)` : shift ? `translateY(${shift}px)` : "";
    });
    this.#now.to = to;
  }

  /** At the window's edges the page goes along. */
  #scroll() {
    const now = this.#now;
    if (!now) return;
    const over = Math.max(0, EDGE - now.y) - Math.max(0, now.y - (innerHeight - EDGE));
    if (over) {
      scrollBy(0, -FASTEST * Math.max(-1, Math.min(1, over / EDGE)));
      this.#place();
    }
    requestAnimationFrame(() => this.#now === now && this.#scroll());
  }

  #end(done) {
    const { items, from, to, listeners } = this.#now;
    this.#now = null;
    listeners.abort();
    this.#list().classList.remove("prompts-sorting");
    for (const item of items) {
      item.classList.remove("prompts-lifted");
      item.style.transform = "";
    }
    if (done && to !== from) this.#dropped(from, to);
  }
}

const gapOf = (boxes) => (boxes.length > 1 ? boxes[1].top - boxes[0].top - boxes[0].height : 0);
