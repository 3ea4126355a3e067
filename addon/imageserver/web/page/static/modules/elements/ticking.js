/** Rerenders its host every so often, for what time alone changes: "3 minutes ago". */

export class Ticking {
  #timer;

  #tick;
  #milliseconds;

  /** @param needed Whether anything is shown that time changes. */
  constructor(host, milliseconds, needed = () => true) {
    this.#tick = () => needed() && host.requestUpdate();
    this.#milliseconds = milliseconds;
    host.addController(this);
  }

  hostConnected() {
    this.#timer = setInterval(this.#tick, this.#milliseconds);
  }

  hostDisconnected() {
    clearInterval(this.#timer);
  }
}
