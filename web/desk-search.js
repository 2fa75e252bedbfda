// Looking for conversations: by a customer's name or address, by words of messages, by a tag. What is found stands in the list's place.

import { el, formatNumber, fullWhen, shortWhen, t } from "./common.js";
import { tagOf } from "./desk-tags.js";
import { addressOf, named } from "./desk-words.js";

const NUMBERED = ["sms", "whatsapp"];

/** What an address may be an address of: [{channel, address}], none when it is no address. */
export function addressesLike(q) {
  if (/^\S+@\S+\.\S+$/.test(q)) return [{ channel: "email", address: q }];
  const number = q.replace(/[\s().-]/g, "").replace(/^00/, "+");
  return /^\+?\d{7,15}$/.test(number) ? NUMBERED.map((channel) => ({ channel, address: number })) : [];
}

export class Search {
  constructor({ api, choose, failed, tagged, tags }) {
    Object.assign(this, { api, choose, failed, tagged, tags });
    this.form = document.getElementById("search");
    this.place = document.getElementById("results");
    this.parts = []; // {title, query, hits, next, back}
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.#ask(this.form.q.value.trim()); });
    this.form.q.addEventListener("input", () => { if (!this.form.q.value) this.close(); });
    this.form.q.addEventListener("keydown", (event) => { if (event.key === "Escape") { this.form.q.value = ""; this.close(); } });
    this.form.q.addEventListener("focus", () => this.#offer());
    this.place.addEventListener("keydown", (event) => this.#walk(event));
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      this.form.q.focus();
    });
  }

  get open() { return !this.place.hidden; }

  close() {
    this.parts = [];
    this.place.hidden = true;
    document.getElementById("lists").hidden = false;
  }

  #offer() {
    document.getElementById("search-tags").replaceChildren(...this.tags().map((tag) => el("option", { value: `#${tag}` })));
  }

  async #ask(q) {
    if (!q) return this.close();
    if (q.startsWith("#")) {
      this.form.q.value = "";
      this.close();
      return this.tagged(tagOf(q));
    }
    const addresses = addressesLike(q);
    const asked = addresses.length ? addresses.map((query) => ({ title: "search.customers", query })) : [{ title: "search.customers", query: { contact: q } }];
    this.parts = [...asked, { title: "search.messages", query: { q } }].map((part) => ({ ...part, hits: [], next: null, back: null, busy: true }));
    this.place.hidden = false;
    document.getElementById("lists").hidden = true;
    this.draw();
    const { parts } = this;
    await Promise.all(parts.map((part) => this.#more(part, parts)));
    return null;
  }

  async #more(part, parts = this.parts) {
    part.busy = true;
    this.draw();
    try {
      const page = await this.api.get("/v1/search", { ...part.query, limit: 20, cursor: part.next });
      part.hits.push(...page.hits.filter((hit) => !hit.conversation.into)); // the one it is part of is found besides
      Object.assign(part, { next: page.next, back: page.searched_back_to });
    } catch (problem) {
      if (parts === this.parts && problem.status !== 422) this.failed(problem); // 422: a name or words that nothing is left of
    } finally {
      part.busy = false;
    }
    if (parts === this.parts) this.draw();
  }

  draw() {
    if (!this.open) return;
    const titles = [...new Set(this.parts.map((part) => part.title))];
    this.place.replaceChildren(el("div", { class: "line results-head" }, el("h2", { class: "grow" }, t("search.results")),
      el("button", { type: "button", class: "plain small", onclick: () => { this.form.q.value = ""; this.close(); } }, t("close"))),
    ...titles.flatMap((title) => this.#section(title, this.parts.filter((part) => part.title === title))));
  }

  #section(title, parts) {
    const hits = parts.flatMap((part) => part.hits);
    const busy = parts.some((part) => part.busy);
    const once = title === "search.customers" ? [...new Map(hits.map((hit) => [hit.conversation.id, hit])).values()] : hits;
    const going = parts.filter((part) => part.next && !part.busy);
    const back = parts.find((part) => part.back)?.back;
    const said = busy ? t("search.busy") : once.length ? "" : t("search.nothing");
    return [
      el("h3", {}, t(title), once.length ? ` ${formatNumber(once.length)}${going.length ? "+" : ""}` : ""),
      el("ul", { class: "list" }, ...once.map((hit) => this.#row(hit))),
      said ? el("p", { class: "muted small found-none", role: "status" }, said) : null,
      back && !busy ? el("p", { class: "muted small back-to" }, t("search.back", { time: fullWhen(back).replace(/:\d\d$/, "") })) : null,
      going.length ? el("button", { type: "button", class: "plain more", onclick: () => going.forEach((part) => this.#more(part)) }, t(back ? "search.on" : "list.more")) : null,
    ].filter(Boolean);
  }

  #row(hit) {
    const { conversation } = hit;
    return el("li", {}, el("button", { type: "button", class: "row", onclick: () => this.choose(conversation.id, hit.message) },
      el("span", { class: "line" }, el("strong", { class: "clip grow" }, conversation.customer || addressOf(conversation)), el("time", { class: "small muted", dateTime: hit.at }, shortWhen(hit.at))),
      el("span", { class: hit.excerpt ? "excerpt" : "clip muted preview" }, hit.excerpt ?? (conversation.subject || conversation.preview)),
      el("span", { class: "line chips" }, el("span", { class: "chip" }, named("channel", conversation.channel)), el("span", { class: "chip quiet" }, named("state", conversation.state)))));
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.place.querySelectorAll(".row")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}
