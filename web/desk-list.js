// The lists: mine, waiting, watched, resolved. Rows are kept and changed in place, so focus and screen readers stay calm.

import { el, formatNumber, shortWhen, t } from "./common.js";
import { clockWords, nextDue } from "./desk-deadlines.js";
import { addressOf, named, shortUntil } from "./desk-words.js";

const PAGE = 50;
const CHANNELS = 2; // shown in a row
const TAGS = 2;

const TURNS = ["active", "pending", "snoozed"];

/** Who waits for us first: the nearest deadline, then the longest wait; then whom we wait for, newest first; then what is put aside. */
function byTurn(a, b) {
  const [ours, theirs] = [a, b].map((row) => TURNS.indexOf(row.state));
  if (ours !== theirs) return ours - theirs;
  if (a.state === "snoozed") return Date.parse(a.snoozed_until) - Date.parse(b.snoozed_until);
  if (a.state !== "active") return lastWord(b) - lastWord(a);
  const [left, right] = [nextDue(a), nextDue(b)];
  return left === right ? lastWord(a) - lastWord(b) : left - right;
}

function lastWord(row) { return Date.parse(row.last_inbound_at ?? row.opened_at); }

export class Lists {
  /** `offered(conversations)` hears with every reading what is offered to me: it is no row, but stands above. */
  constructor({ api, me, choose, offered }) {
    Object.assign(this, { api, me, choose, offered });
    this.shown = "mine";
    this.chosen = null;
    this.tag = null; // only conversations with it are listed
    this.pages = { mine: null, waiting: null, watching: null, resolved: null };
    this.seen = new Map(); // conversation -> last inbound time the agent has looked at
    this.panel = document.getElementById("list");
    this.list = this.panel.querySelector("ul");
    this.tabs = [...document.querySelectorAll('[role="tab"]')];
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab.dataset.list));
      tab.addEventListener("keydown", (event) => this.#keys(event));
    }
    this.panel.querySelector(".more").addEventListener("click", () => this.#more());
    this.list.addEventListener("keydown", (event) => this.#walk(event));
  }

  query(name) {
    const only = { tag: this.tag, limit: PAGE };
    const asked = { mine: { agent: this.me.name }, watching: { watching: "me" } }[name] ?? { state: name };
    return { ...asked, ...only };
  }

  /** Only conversations with this tag; all again with null. */
  async filter(tag) {
    this.tag = tag;
    this.pages = { mine: null, waiting: null, watching: null, resolved: null };
    this.draw();
    await this.refresh();
  }

  /** Tags of what is listed, to be offered. */
  tags() {
    const rows = Object.values(this.pages).flatMap((page) => page?.conversations ?? []);
    return [...new Set(rows.flatMap((row) => row.tags))].sort();
  }

  /** Load the shown list, and the two short ones for their counts. */
  async refresh() {
    const names = new Set(["mine", "waiting", this.shown]);
    const { tag } = this;
    let mine = null;
    await Promise.all([...names].map(async (name) => {
      const page = await this.api.get("/v1/conversations", this.query(name));
      if (tag === this.tag) this.pages[name] = page;
      if (name === "mine") mine = page;
    }));
    this.draw();
    await this.#offers(tag === null && mine.next === null ? mine : null);
  }

  /** Offers are shown whatever the lists are narrowed to, and however long they are. */
  async #offers(whole) {
    const page = whole ?? await this.api.get("/v1/conversations", { agent: this.me.name, state: "offered", limit: PAGE });
    this.offered(page.conversations.filter((row) => this.#offeredToMe(row)));
  }

  #offeredToMe(row) { return row.state === "offered" && row.agent === this.me.name; }

  async show(name) {
    this.shown = name;
    this.draw();
    await this.refresh();
  }

  /** Put a changed conversation in its row at once, before the list is loaded again. */
  put(conversation) {
    for (const page of Object.values(this.pages)) {
      if (!page) continue;
      page.conversations = page.conversations.map((old) => (old.id === conversation.id && old.version <= conversation.version ? conversation : old));
    }
    this.draw();
  }

  markSeen(conversation) { this.seen.set(conversation.id, conversation.last_inbound_at); }

  rows(name) {
    const rows = this.pages[name]?.conversations ?? [];
    if (name !== "mine") return rows;
    return rows.filter((row) => row.agent === this.me.name && TURNS.includes(row.state)).sort(byTurn);
  }

  draw() {
    for (const tab of this.tabs) {
      const name = tab.dataset.list;
      const on = name === this.shown;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      const count = name === "resolved" ? 0 : this.rows(name).length;
      const more = this.pages[name]?.next ? "+" : "";
      tab.querySelector(".count").textContent = count ? formatNumber(count) + more : "";
    }
    this.#drawFilter();
    const rows = this.rows(this.shown);
    const wanted = rows.map((conversation) => this.#row(conversation));
    wanted.forEach((row, place) => { if (this.list.children[place] !== row) this.list.insertBefore(row, this.list.children[place] ?? null); });
    while (this.list.children.length > wanted.length) this.list.lastChild.remove();
    const empty = this.panel.querySelector(".empty");
    empty.hidden = rows.length > 0 || !this.pages[this.shown];
    const offline = this.shown === "mine" && !this.me.available ? "Offline" : "";
    empty.textContent = this.tag ? t("list.emptyTag", { tag: this.tag }) : t(`list.empty${this.shown.charAt(0).toUpperCase()}${this.shown.slice(1)}${offline}`);
    this.panel.querySelector(".more").hidden = !this.pages[this.shown]?.next;
    this.tick();
  }

  #drawFilter() {
    const place = document.getElementById("filter");
    place.hidden = !this.tag;
    const mark = `${this.tag} ${document.documentElement.lang}`;
    if (place.hidden || place.dataset.mark === mark) return;
    place.dataset.mark = mark;
    place.replaceChildren(el("span", { class: "tag chip" }, el("span", {}, `#${this.tag}`),
      el("button", { type: "button", class: "plain", "aria-label": t("tag.all"), onclick: () => this.filter(null) }, "×")));
  }

  /** The countdowns, every second. */
  tick() {
    for (const row of this.list.children) {
      const words = clockWords(row.conversation);
      const due = row.querySelector(".due");
      due.hidden = !words;
      if (!words) continue;
      if (due.textContent !== words.short) due.textContent = words.short;
      due.dataset.tone = words.tone;
      due.title = words.text;
    }
  }

  #row(conversation) {
    let row = [...this.list.children].find((child) => child.dataset.id === conversation.id);
    const unread = conversation.id !== this.chosen && conversation.agent === this.me.name && conversation.state === "active"
      && (this.seen.get(conversation.id) ?? "") < (conversation.last_inbound_at ?? "");
    const when = conversation.last_inbound_at ?? conversation.opened_at;
    const mark = JSON.stringify([conversation.version, conversation.preview, conversation.id === this.chosen, unread, document.documentElement.lang, shortWhen(when)]);
    if (row?.dataset.mark === mark) return row;
    const fresh = el("li", { dataset: { id: conversation.id, mark, channel: conversation.channel } },
      el("button", { type: "button", class: "row", "aria-current": conversation.id === this.chosen ? "true" : null, onclick: () => this.choose(conversation.id) },
        el("span", { class: "line" },
          unread ? el("span", { class: "unread", title: t("list.unread") }, el("span", { class: "unseen" }, t("list.unread"))) : null,
          el("strong", { class: "clip grow" }, conversation.customer || addressOf(conversation)),
          el("time", { class: "small muted", dateTime: when }, shortWhen(when))),
        conversation.subject ? el("span", { class: "clip subject" }, conversation.subject) : null,
        el("span", { class: "clip muted preview" }, conversation.preview || t("message.noText")),
        el("span", { class: "line chips" },
          ...[...new Set([conversation.channel, ...conversation.ways.map((way) => way.channel)])].slice(0, CHANNELS).map((channel) => el("span", { class: "chip" }, named("channel", channel))),
          el("span", { class: "chip quiet" }, conversation.queue),
          conversation.spam ? el("span", { class: "chip warn" }, t("conversation.isSpam")) : null,
          conversation.snoozed_until ? el("span", { class: "chip quiet" }, t("snooze.until", { time: shortUntil(conversation.snoozed_until) })) : null,
          ...conversation.tags.slice(0, TAGS).map((tag) => el("span", { class: "muted small clip" }, `#${tag}`)),
          el("span", { class: "due small", hidden: true }))));
    fresh.conversation = conversation;
    if (row) {
      const focused = row.contains(document.activeElement);
      row.replaceWith(fresh);
      if (focused) fresh.querySelector("button").focus();
    }
    return fresh;
  }

  async #more() {
    const name = this.shown;
    const page = await this.api.get("/v1/conversations", { ...this.query(name), cursor: this.pages[name].next });
    const known = new Set(this.pages[name].conversations.map((row) => row.id));
    this.pages[name] = {
      conversations: [...this.pages[name].conversations, ...page.conversations.filter((row) => !known.has(row.id))],
      next: page.next,
    };
    this.draw();
  }

  #keys(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = this.tabs.at((this.tabs.indexOf(event.currentTarget) + step) % this.tabs.length);
    next.focus();
    next.click();
  }

  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.list.querySelectorAll("button")];
    buttons[buttons.indexOf(document.activeElement) + step]?.focus();
  }
}
