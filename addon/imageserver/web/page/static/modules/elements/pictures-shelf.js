/**
 * The stored pictures that are looked for. Only pages near what is looked at are held, so that ten thousand
 * pictures weigh no more than a few hundred. It outlives the views: coming back, one is where one was.
 */

import * as api from "../api.js";
import { model } from "../model.js";

const PAGE = 100;
const KEPT_PAGES = 6;
const PASSING_MS = 80; // pages that are only scrolled past are not asked for
const TOGETHER_MS = 300; // changes come in crowds
const BY_AGE = { newest: 1, oldest: -1 };

export const ALL = { text: "", provider: null, favourite: null, archived: null, order: "newest" };

class Shelf extends EventTarget {
  query = ALL;
  /** How many there are; null before that is known. */
  total = null;
  error = null;
  busy = false;
  /** New ones above, not shown yet so that nothing moves under the reader's eyes. */
  held = 0;
  /** Where the reader is: how far down, and the picture that was opened last. */
  top = 0;
  opened = null;

  #pages = new Map();
  #head = null;
  #wanted = [0, 0];
  #loading = new Map();
  #turn = 0;
  #timers = {};
  #watchers = 0;
  #outdated = true;
  #store = "";

  constructor() {
    super();
    const follow = (name, tell) => model.addEventListener(`event:${name}`, ({ detail }) => tell(detail));
    follow("picture_made", () => this.soon());
    follow("picture", ({ id, picture }) => this.#replace(id, picture) || this.soon());
    follow("picture_sent", ({ picture }) => picture && this.#replace(picture.id, picture));
    follow("status", ({ store }) => this.#compare(store));
  }

  watch(listener) {
    this.addEventListener("change", listener);
    this.#watchers += 1;
    if (this.#outdated) this.reload();
  }

  unwatch(listener) {
    this.removeEventListener("change", listener);
    this.#watchers -= 1;
  }

  /** Look for something else. */
  look(changes) {
    this.query = { ...this.query, ...changes };
    this.held = 0;
    this.top = 0;
    this.#head = null;
    this.#wanted = [0, 0];
    return this.reload();
  }

  get narrowed() {
    return Object.keys(ALL).some((key) => key !== "order" && this.query[key] !== ALL[key]);
  }

  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  indexOf(id) {
    for (const [number, pictures] of this.#pages) {
      const index = pictures.findIndex((picture) => picture.id === id);
      if (index >= 0) return number * PAGE + index;
    }
    return -1;
  }

  /** Pictures from `first` to `last` are looked at. */
  want(first, last) {
    this.#wanted = [Math.floor(first / PAGE), Math.floor(last / PAGE)];
    clearTimeout(this.#timers.want);
    if (this.#missing().length) this.#timers.want = setTimeout(() => this.#fill(), PASSING_MS);
  }

  /** Where a picture stands, -1 where it is not among what is looked for; loads what is round it. */
  async locate(picture) {
    if (this.total === null) await this.reload();
    const known = this.indexOf(picture.id);
    if (known >= 0 || !BY_AGE[this.query.order]) return known;
    let [low, high] = [0, Math.ceil((this.total ?? 0) / PAGE) - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const pictures = (this.#pages.get(middle) ?? (await this.#load(middle))) || [];
      const before = pictures.length === 0 || this.#compareAge(picture, pictures[0]) < 0;
      if (before) high = middle - 1;
      else if (this.#compareAge(picture, pictures.at(-1)) > 0) low = middle + 1;
      else break;
    }
    return this.indexOf(picture.id);
  }

  /** Load one picture's page, so that `at` knows it. */
  async bring(index) {
    if (!this.at(index) && index >= 0 && index < this.total) await this.#load(Math.floor(index / PAGE));
    return this.at(index);
  }

  /** Ask again for what is looked at; until it comes, what was known stays. */
  async reload() {
    const turn = ++this.#turn;
    this.#outdated = false;
    for (const abort of this.#loading.values()) abort.abort();
    this.busy = true;
    this.#changed();
    try {
      const held = await this.#countNew();
      const numbers = this.#numbers();
      const answers = await Promise.all(numbers.map((number) => this.#ask(number, held)));
      if (turn !== this.#turn) return;
      this.held = held;
      this.total = answers[0].total - held;
      this.#pages = new Map(numbers.map((number, at) => [number, answers[at].pictures]));
      this.#head = this.#pages.get(0)?.[0] ?? this.#head;
      this.error = null;
    } catch (error) {
      if (error.code === undefined) throw error;
      if (turn !== this.#turn) return;
      this.error = error;
      this.#outdated = true;
    }
    this.busy = false;
    this.#changed();
  }

  /** Let in the new ones that wait above. */
  admit() {
    if (!this.held) return null;
    this.top = 0;
    this.#wanted = [0, 0];
    return this.reload();
  }

  soon() {
    this.#outdated = true;
    this.#timers.soon ??= setTimeout(() => {
      this.#timers.soon = undefined;
      if (this.#watchers && this.#outdated) this.reload();
    }, TOGETHER_MS);
  }

  /** Away from the top, new ones wait: what one looks at stays where it is. */
  async #countNew() {
    const first = this.#head;
    if (this.top === 0 || this.query.order !== "newest" || !first) return 0;
    const { pictures } = await api.searchPictures({ ...this.query, limit: PAGE });
    return Math.max(pictures.findIndex((picture) => picture.id === first.id), 0);
  }

  async #fill() {
    for (const [number, abort] of this.#loading) if (!this.#numbers().includes(number)) abort.abort();
    await Promise.all(this.#missing().map((number) => this.#loading.has(number) || this.#load(number)));
  }

  async #load(number) {
    const turn = this.#turn;
    const abort = new AbortController();
    this.#loading.set(number, abort);
    try {
      const { pictures, total } = await this.#ask(number, this.held, abort.signal);
      if (turn !== this.#turn) return this.#pages.get(number);
      this.#pages.set(number, pictures);
      this.error = null;
      if (total - this.held !== this.total) this.soon();
      this.#forget();
      return pictures;
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      if (error.code === undefined) throw error;
      this.error = error;
      this.#outdated = true;
      return undefined;
    } finally {
      this.#loading.delete(number);
      this.#changed();
    }
  }

  #ask(number, held, signal) {
    return api.searchPictures({ ...this.query, offset: number * PAGE + held, limit: PAGE }, { signal });
  }

  #numbers() {
    const [first, last] = this.#wanted;
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  }

  #missing() {
    return this.#numbers().filter((number) => !this.#pages.has(number));
  }

  #forget() {
    const far = (number) => Math.abs(number - this.#wanted[0]);
    const numbers = [...this.#pages.keys()].sort((one, other) => far(one) - far(other));
    for (const number of numbers.slice(KEPT_PAGES)) this.#pages.delete(number);
  }

  /** Put in a picture as it is now; false where the order or what is found may be another one. */
  #replace(id, picture) {
    const index = this.indexOf(id);
    const known = this.at(index);
    if (!known || !picture || picture.deleted_at) return false;
    this.#pages.get(Math.floor(index / PAGE))[index % PAGE] = picture;
    this.#changed();
    const stays = (key) => this.query[key] === null || known[key] === picture[key];
    return stays("favourite") && stays("archived");
  }

  /** Files that were found or sent are told of by no event, but the figures move. */
  #compare(store) {
    const figures = JSON.stringify([store.pictures, store.archived, store.favourites, store.deleted]);
    if (this.#store && figures !== this.#store) this.soon();
    else if (this.error) this.soon();
    this.#store = figures;
  }

  #compareAge(one, other) {
    const byTime = Date.parse(other.added_at) - Date.parse(one.added_at);
    return (byTime || Number(other.id) - Number(one.id)) * BY_AGE[this.query.order];
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

export const shelf = new Shelf();

/** Rerenders its host when the shelf changes. */
export class OnShelf {
  constructor(host) {
    this.update = () => host.requestUpdate();
    host.addController(this);
  }

  hostConnected() {
    shelf.watch(this.update);
  }

  hostDisconnected() {
    shelf.unwatch(this.update);
  }
}
