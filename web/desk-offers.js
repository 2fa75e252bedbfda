// What is offered to me: above everything else, with the time left, until I accept or decline or it goes elsewhere.

import { currentLanguage, duration, el, formatNumber, newId, t, toast } from "./common.js";
import { addressOf, named } from "./desk-words.js";

const HURRY = 10_000; // the last seconds are said louder
const ASK_AGAIN = 3_000; // past its time the server is asked so often what became of it

export class Offers {
  /** `changed()` has the lists read again; `shown(count)` hears how many offers there are. */
  constructor({ api, me, agents, failed, go, changed, shown }) {
    Object.assign(this, { api, me, agents, failed, go, changed, shown });
    this.place = document.getElementById("offers");
    this.list = this.place.querySelector("ul");
    this.voice = document.getElementById("offer-said");
    this.rows = new Map(); // conversation -> as it was read last
    this.kept = new Map(); // conversation -> {declining, reason, key, since, said}: what a card must not lose
    this.answered = new Map(); // conversation -> the version my answer made: older news of it is no news
    this.askedAt = 0;
  }

  /** What the server says is offered to me now. What is gone meanwhile, and not by me, is told. */
  take(conversations) {
    const now = new Map(conversations.filter((one) => one.version > (this.answered.get(one.id) ?? -1)).map((one) => [one.id, one]));
    const gone = [...this.rows.values()].filter((one) => !now.has(one.id));
    this.rows = now;
    for (const one of gone) this.#forget(one);
    this.draw();
    for (const one of now.values()) this.#announce(one);
  }

  draw() {
    const rows = [...this.rows.values()].sort((a, b) => Date.parse(a.offer_until) - Date.parse(b.offer_until));
    const cards = rows.map((one) => this.#card(one));
    cards.forEach((card, place) => { if (this.list.children[place] !== card) this.list.insertBefore(card, this.list.children[place] ?? null); });
    while (this.list.children.length > cards.length) this.list.lastChild.remove();
    this.place.hidden = rows.length === 0;
    this.place.querySelector("h2").textContent = t("offer.title", { n: rows.length });
    this.shown(rows.length);
    this.tick();
  }

  /** The countdowns, every second; past its time the lists are read until the server has said what became of it. */
  tick() {
    let over = false;
    for (const card of this.list.children) {
      const left = Date.parse(card.conversation.offer_until) - Date.now();
      const words = left > 0 ? t("offer.left", { time: duration(left) }) : t("offer.over");
      const timer = card.querySelector(".due");
      if (timer.textContent !== words) timer.textContent = words;
      timer.dataset.tone = left < HURRY ? "danger" : "warn";
      card.querySelector("progress").value = Math.max(0, left);
      over ||= left <= 0;
    }
    if (!over || Date.now() - this.askedAt < ASK_AGAIN) return;
    this.askedAt = Date.now();
    this.changed();
  }

  async accept(conversation, button = null) {
    const kept = this.#keep(conversation);
    const done = await this.#post(conversation, "accept", {}, kept.key, button);
    if (done) this.go(conversation.id);
  }

  /** Ask why, in the card; an answer is not wanted of anybody. */
  ask(conversation) {
    this.#keep(conversation).declining = true;
    this.draw();
    this.#cardOf(conversation.id)?.querySelector("input").focus();
  }

  async #decline(conversation, button) {
    const kept = this.#keep(conversation);
    const reason = kept.reason.trim();
    const done = await this.#post(conversation, "decline", reason ? { reason } : {}, kept.key, button);
    if (!done) return;
    toast(t("done.declined"), "", "good");
    (this.list.querySelector(".primary") ?? document.getElementById("list")).focus();
  }

  /** My answer. One that came too late is told by what the lists say next. */
  async #post(conversation, what, body, key, button) {
    if (button) button.disabled = true;
    try {
      const done = await this.api.post(`/v1/conversations/${encodeURIComponent(conversation.id)}/${what}`, body, `${key}.${what}`);
      this.answered.set(conversation.id, done.conversation.version);
      this.rows.delete(conversation.id);
      this.kept.delete(conversation.id);
      this.draw();
      return true;
    } catch (problem) {
      this.failed(problem);
      return false;
    } finally {
      if (button) button.disabled = false;
      this.changed();
    }
  }

  #keep(conversation) {
    const { id, offer_until: until } = conversation;
    const kept = this.kept.get(id);
    if (kept?.until === until) return kept;
    const fresh = { until, declining: false, reason: "", key: newId(), since: Date.now(), said: false };
    this.kept.set(id, fresh);
    return fresh;
  }

  #announce(conversation) {
    const kept = this.#keep(conversation);
    if (kept.said) return;
    kept.said = true;
    const left = Math.max(0, Date.parse(conversation.offer_until) - Date.now());
    this.voice.textContent = t("offer.said", { name: nameIn(conversation), channel: named("channel", conversation.channel), time: duration(left) });
  }

  /** It is not offered to me any more: its history says why, if it was not my own doing in another window. */
  async #forget(conversation) {
    this.kept.delete(conversation.id);
    const detail = await this.api.get(`/v1/conversations/${encodeURIComponent(conversation.id)}`).catch(() => null);
    if (!detail || detail.conversation.agent === this.me.name) return;
    const last = detail.history.findLast((entry) => this.#ends(entry));
    if (last?.what === "decline" || last?.what === "accept") return;
    toast(t(last?.what === "missed" ? "offer.missed" : "offer.withdrawn", { name: nameIn(conversation) }), t("offer.goneMore"), "news");
  }

  /** Does this entry begin or end an offer to me? */
  #ends({ what, who, detail }) {
    if (what === "missed" || what === "withdrawn" || what === "decision") return detail.agent === this.me.name;
    return (what === "decline" || what === "accept") && who === this.me.name;
  }

  #cardOf(id) { return [...this.list.children].find((card) => card.dataset.id === id); }

  #card(conversation) {
    const kept = this.#keep(conversation);
    const mark = JSON.stringify([conversation, kept.declining, currentLanguage()]);
    const old = this.#cardOf(conversation.id);
    if (old?.dataset.mark === mark) return old;
    const name = nameIn(conversation);
    const inner = kept.declining ? this.#reason(conversation, kept) : el("div", { class: "actions" },
      el("button", { type: "button", class: "primary", "aria-label": t("offer.acceptOf", { name }), onclick: (event) => this.accept(conversation, event.currentTarget) }, t("offer.accept")),
      el("button", { type: "button", "aria-label": t("offer.declineOf", { name }), onclick: () => this.ask(conversation) }, t("offer.decline")));
    const card = el("li", { class: "offer", dataset: { id: conversation.id, mark } },
      el("div", { class: "line" },
        el("button", { type: "button", class: "link clip grow", title: t("offer.read"), onclick: () => this.go(conversation.id) }, name),
        el("span", { class: "due small", role: "timer" })),
      el("progress", { max: Math.max(1, Date.parse(conversation.offer_until) - kept.since), "aria-hidden": "true" }),
      conversation.subject ? el("p", { class: "clip subject" }, conversation.subject) : null,
      el("p", { class: "preview muted" }, conversation.preview || t("message.noText")),
      el("p", { class: "line chips" }, el("span", { class: "chip" }, named("channel", conversation.channel)), el("span", { class: "chip quiet" }, conversation.queue),
        el("span", { class: "small muted" }, t("detail.priorityIs", { priority: formatNumber(conversation.priority) }))),
      inner);
    card.conversation = conversation;
    if (old) this.#replace(old, card);
    return card;
  }

  #reason(conversation, kept) {
    return el("form", { onsubmit: (event) => { event.preventDefault(); this.#decline(conversation, event.submitter); } },
      el("label", { class: "field" }, el("span", {}, t("offer.reason")),
        el("input", { value: kept.reason, maxLength: 500, oninput: (event) => { kept.reason = event.target.value; },
          onkeydown: (event) => { if (event.key === "Escape") this.#unask(conversation, kept); } })),
      el("div", { class: "actions" },
        el("button", { type: "submit" }, t("offer.decline")),
        el("button", { type: "button", class: "plain", onclick: () => this.#unask(conversation, kept) }, t("cancel"))));
  }

  #unask(conversation, kept) {
    kept.declining = false;
    this.draw();
    this.#cardOf(conversation.id)?.querySelector(".primary").focus();
  }

  /** In its place, with the focus where it was: whoever is about to press a button presses the same one. */
  #replace(old, card) {
    const controls = (one) => [...one.querySelectorAll("button, input")];
    const place = controls(old).indexOf(document.activeElement);
    old.replaceWith(card);
    if (place >= 0) controls(card)[place]?.focus();
  }
}

function nameIn(conversation) { return conversation.customer || addressOf(conversation); }
