// How I am: my presence, a pause after missed offers, and the time to finish what I resolved.

import { clockTime, el, t } from "./common.js";
import { learnPresences, presenceName } from "./desk-words.js";

export class Presence {
  constructor({ api, me, failed, changed }) {
    Object.assign(this, { api, me, failed, changed });
    learnPresences(me.presence_labels);
    this.agent = null; // as the server has me; null for who answers nobody
    this.select = document.getElementById("presence");
    this.place = document.getElementById("standing");
    this.select.onchange = () => this.set(this.select.value);
  }

  /** Read it again: others may set it, and missing offers does. */
  async refresh() {
    if (this.me.presence === null || this.me.presence === undefined) return;
    this.take(await this.api.get(`/v1/agents/${encodeURIComponent(this.me.name)}`));
  }

  take(agent) {
    this.agent = agent;
    Object.assign(this.me, { presence: agent.presence, available: agent.available });
    this.draw();
  }

  draw() {
    const { presence, presences } = this.me;
    const shown = presence ?? "offline";
    const label = this.select.closest("label");
    label.hidden = presence === null || presence === undefined;
    label.dataset.presence = shown === "offline" ? "offline" : this.me.available ? "online" : "away";
    const names = [...new Set([...presences, shown])];
    const mark = JSON.stringify(names.map(presenceName));
    if (this.select.dataset.mark !== mark) {
      this.select.dataset.mark = mark;
      this.select.replaceChildren(...names.map((name) => el("option", { value: name }, presenceName(name))));
    }
    this.select.value = shown;
    this.tick();
  }

  /** A pause and a wrap-up end by themselves. */
  tick() {
    const words = this.#words();
    if (this.place.dataset.mark === (words?.text ?? "")) return;
    const focused = this.place.contains(document.activeElement);
    this.place.dataset.mark = words?.text ?? "";
    this.place.hidden = !words;
    this.place.replaceChildren(...(words ? [el("span", { class: "grow" }, words.text),
      words.paused ? el("button", { type: "button", onclick: (event) => this.set("online", event.currentTarget) }, t("standing.back")) : ""] : []));
    if (focused) (this.place.querySelector("button") ?? this.select).focus();
  }

  #words() {
    const until = (time) => (time && Date.parse(time) > Date.now() ? clockTime(time) : null);
    const [paused, wrap] = [until(this.agent?.paused_until), until(this.agent?.wrap_until)];
    if (paused) return { text: t("standing.paused", { time: paused }), paused: true };
    return wrap ? { text: t("standing.wrap", { time: wrap }), paused: false } : null;
  }

  /** Setting "online" also ends a pause. */
  async set(presence, button = this.select) {
    button.disabled = true;
    try {
      this.take(await this.api.post(`/v1/agents/${encodeURIComponent(this.me.name)}/presence`, { presence }));
    } catch (problem) {
      this.failed(problem);
    }
    button.disabled = false;
    this.draw();
    this.changed();
  }
}
