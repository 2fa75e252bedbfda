// Saved replies in the answer box: a word that begins with "/" offers them; the chosen one stands in its place, filled in.

import { el, t, toast } from "./common.js";

const SHOWN = 8;
const WAIT = 120; // after the last key, before the server is asked

export class SavedReplies {
  constructor({ api, area, conversation, failed }) {
    Object.assign(this, { api, area, conversation, failed });
    this.found = [];
    this.chosen = 0;
    this.asked = 0;
    this.list = el("ul", { class: "saved", id: "saved-replies", role: "listbox", "aria-label": t("saved.label"), hidden: true });
    area.setAttribute("aria-controls", "saved-replies");
    area.setAttribute("aria-autocomplete", "list");
    area.addEventListener("input", () => this.#look());
    area.addEventListener("blur", () => setTimeout(() => this.close(), WAIT)); // a click on the list comes first
  }

  get open() { return !this.list.hidden; }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.area.removeAttribute("aria-activedescendant");
  }

  /** True when the key was the list's. */
  key(event) {
    if (!this.open || event.ctrlKey || event.metaKey || event.isComposing) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose((this.chosen + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.found[this.chosen]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }

  /** The word before the caret, if it begins with a slash at the line's or a word's beginning. */
  #word() {
    const before = this.area.value.slice(0, this.area.selectionStart);
    return /(?:^|\s)\/([^\s/]*)$/.exec(before)?.[1] ?? null;
  }

  #look() {
    const word = this.#word();
    if (word === null) return this.close();
    const asked = ++this.asked;
    setTimeout(async () => {
      if (asked !== this.asked) return;
      const query = { q: word || null, queue: this.conversation.queue };
      const answer = await this.api.get("/v1/saved-replies", query).catch(() => ({ replies: [] }));
      if (asked !== this.asked) return;
      this.found = answer.replies.slice(0, SHOWN);
      this.list.replaceChildren(...this.found.map((reply, number) => el("li", {
        id: `saved-reply-${number}`, role: "option", onmousedown: (event) => { event.preventDefault(); this.#take(reply); },
      }, el("span", { class: "strong" }, `/${reply.shortcut}`), " ", el("span", { class: "muted" }, reply.title))));
      this.list.hidden = this.found.length === 0;
      if (this.found.length) this.#choose(0);
    }, WAIT);
    return null;
  }

  #choose(number) {
    this.chosen = number;
    [...this.list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === number)));
    this.area.setAttribute("aria-activedescendant", `saved-reply-${number}`);
    this.list.children[number].scrollIntoView({ block: "nearest" });
  }

  async #take(reply) {
    const end = this.area.selectionStart;
    const start = end - (this.#word() ?? "").length - 1;
    const before = this.area.value;
    this.close();
    try {
      const path = `/v1/saved-replies/${encodeURIComponent(reply.id)}/render`;
      const rendered = await this.api.get(path, { conversation: this.conversation.id });
      if (this.area.value !== before) return; // whoever writes on goes before what comes late
      this.area.setRangeText(rendered.text, start, end, "end");
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
      if (rendered.missing.length) toast(t("saved.missing"), t("saved.missingMore"));
    } catch (problem) {
      this.failed(problem);
    }
  }
}
