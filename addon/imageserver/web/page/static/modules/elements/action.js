/**
 * Something that a person starts and that takes a while: busy meanwhile, its failure is said.
 *
 *   #save = new Action(this, () => api.editPrompt(…));
 *   html`<button ?disabled=${this.#save.busy} @click=${() => this.#save.run()}>`
 */

import { errorText } from "../said.js";
import { toast } from "./toasts.js";

export class Action {
  busy = false;
  #host;
  #work;

  constructor(host, work) {
    this.#host = host;
    this.#work = work;
    host.addController(this);
  }

  /** Do it; a second one while the first runs does nothing. Returns its result, undefined where it failed. */
  async run(...values) {
    if (this.busy) return undefined;
    this.busy = true;
    this.#host.requestUpdate();
    try {
      return await this.#work(...values);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.status !== 401) toast(errorText(error), { alarm: true });
      return undefined;
    } finally {
      this.busy = false;
      this.#host.requestUpdate();
    }
  }
}
