// One conversation: its head and clock, its messages, where an answer is written, and beside it who it is with.

import { currentLanguage, el, t, toast } from "./common.js";
import { Composer } from "./desk-composer.js";
import { clockWords } from "./desk-deadlines.js";
import { Messages } from "./desk-messages.js";
import { askQuality, promiseWords } from "./desk-promises.js";
import { Side } from "./desk-side.js";
import { addressOf, named, shortUntil } from "./desk-words.js";

const TYPING_SHOWN = 6_000;
const TAKEN = ["active", "pending", "snoozed"]; // somebody has it

export class ConversationView {
  constructor({ api, me, agents, changed, failed, offers, transfer, assign, snooze, why, go, typing, tagged, tags }) {
    Object.assign(this, { api, me, agents, changed, failed, offers, transfer, assign, snooze, go, typing });
    this.place = document.getElementById("conversation");
    this.side = new Side({ api, me, agents, failed, go, tagged, tags, why, place: document.getElementById("right"), changed: () => this.refresh(), person: () => this.draw() });
    this.id = null;
    this.conversation = null;
  }

  get path() { return `/v1/conversations/${encodeURIComponent(this.id)}`; }

  /** Who it is with: a number only while nobody knows the name behind it. */
  get name() {
    const { customer, address } = this.conversation;
    return customer && customer !== address ? customer : this.side.person?.name || addressOf(this.conversation);
  }

  async open(id) {
    if (this.id === id) return;
    this.close();
    this.id = id;
    this.#build();
    await this.refresh();
    this.composer.focus();
  }

  close() {
    this.id = null;
    this.conversation = null;
    this.place.hidden = true;
    this.side.close();
    this.place.replaceChildren();
  }

  /** The newest page, and everything between it and what is known: nothing is skipped after an absence. */
  async refresh() {
    const id = this.id;
    if (!id) return;
    const known = this.messages.newest;
    const detail = await this.api.get(this.path);
    if (this.id !== id) return;
    const gap = known !== null && detail.messages.length > 0 && !detail.messages.some((message) => this.messages.has(message.id));
    if (gap) {
      for (let after = known; after;) {
        const page = await this.api.get(`${this.path}/messages`, { after, limit: 100 });
        if (this.id !== id) return;
        this.messages.put(page.messages);
        after = page.messages.length ? page.next : null;
      }
    }
    const parted = (this.conversation?.merged ?? []).join() !== detail.conversation.merged.join();
    if (known === null || parted) this.earlier = detail.earlier;
    this.side.history = detail.history;
    this.side.scores = detail.scores;
    if (parted) this.messages.keep(detail.messages);
    else this.messages.put(detail.messages);
    this.take(detail.conversation);
    this.side.refresh(detail.conversation);
  }

  /** A newer state of the conversation, from a call or a list. */
  take(conversation) {
    if (conversation.id !== this.id || (this.conversation && conversation.version < this.conversation.version)) return;
    if (conversation.into) { // it is part of another one now
      this.go(conversation.into);
      return;
    }
    this.conversation = conversation;
    this.draw();
    this.changed(conversation);
  }

  draw() {
    const conversation = this.conversation;
    if (!conversation) return;
    this.place.hidden = false;
    this.#drawHead(conversation);
    this.composer.draw(conversation, this.name, this.side.person?.preferred ?? null);
    this.side.draw(conversation);
    this.messages.draw();
    this.parts.earlier.hidden = !this.earlier;
    this.parts.earlier.textContent = t("conversation.earlier");
    this.parts.list.setAttribute("aria-label", t("conversation.messages"));
    this.tick();
  }

  /** The customer is writing; said for a few seconds. */
  customerTypes(id) {
    if (id !== this.id) return;
    this.typingUntil = Date.now() + TYPING_SHOWN;
    this.tick();
  }

  tick() {
    if (!this.conversation) return;
    this.composer.tick();
    const types = Date.now() < (this.typingUntil ?? 0) && this.conversation.state !== "waiting";
    const said = types ? t("chat.typing", { name: this.name }) : "";
    if (this.parts.typing.textContent !== said) this.parts.typing.textContent = said;
    const words = clockWords(this.conversation);
    const due = this.place.querySelector(".head .due");
    if (!due) return;
    due.hidden = !words;
    if (words && due.textContent !== words.text) due.textContent = words.text;
    if (words) due.dataset.tone = words.tone;
  }

  #build() {
    const list = el("ol", { class: "messages", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    const earlier = el("button", { type: "button", class: "link earlier", hidden: true, onclick: () => this.#earlier() });
    const typing = el("p", { class: "typing small muted", "aria-live": "polite" });
    const scroller = el("div", { class: "scroll", tabIndex: 0 }, earlier, list, typing);
    const head = el("header", { class: "head" });
    const form = el("form", { class: "composer" });
    this.place.replaceChildren(head, scroller, form);
    this.parts = { head, list, earlier, typing };
    const { api, me, agents, failed } = this;
    this.messages = new Messages({
      list, scroller, agents, quote: (entry) => this.composer.quote(entry),
      open: (message, number) => api.get(`/v1/messages/${encodeURIComponent(message)}/attachments/${number}`).catch(failed),
    });
    this.composer = new Composer({ api, me, form, failed, typing: this.typing, sent: (done) => this.#sent(done) });
    this.earlier = null;
  }

  #drawHead(conversation) {
    const name = this.name;
    const { state, spam } = conversation;
    const done = ["resolved", "closed"].includes(state);
    const toMe = state === "offered" && conversation.agent === this.me.name;
    const promised = done ? null : promiseWords(conversation);
    const mark = JSON.stringify([conversation, name, promised, currentLanguage(), this.me.name]);
    if (this.parts.head.dataset.mark === mark) return;
    this.parts.head.dataset.mark = mark;
    const act = (what, kind = "", body = undefined) => el("button", { type: "button", class: kind, dataset: { act: what }, onclick: (event) => this.#act(what, event.currentTarget, body) }, t(`conversation.${what}`));
    const channels = [...new Set(conversation.ways.map((way) => way.channel))];
    this.parts.head.replaceChildren(
      el("button", { type: "button", class: "plain back", "aria-label": t("conversation.back"), onclick: () => this.go("") }, "‹"),
      el("div", { class: "grow" },
        el("h1", { class: "clip" }, el("span", { class: "unseen" }, t("conversation.of", { name })), el("span", { "aria-hidden": "true" }, name),
          spam ? el("span", { class: "chip warn" }, t("conversation.isSpam")) : null,
          toMe ? el("span", { class: "chip warn" }, t("offer.toYou")) : null,
          promised ? el("span", { class: `chip ${promised.tone === "danger" ? "warn" : "quiet"}` }, promised.text) : null,
          state === "snoozed" ? el("span", { class: "chip quiet" }, t("snooze.until", { time: shortUntil(conversation.snoozed_until) })) : null),
        el("p", { class: "small muted clip" }, `${(channels.length ? channels : [conversation.channel]).map((one) => named("channel", one)).join(", ")} · ${conversation.subject || addressOf(conversation)}`)),
      el("span", { class: "due", role: "timer" }),
      el("span", { class: "actions" },
        state === "waiting" ? act("take", "primary") : null,
        toMe ? el("button", { type: "button", class: "primary", onclick: (event) => this.offers.accept(this.conversation, event.currentTarget) }, t("offer.accept")) : null,
        toMe ? el("button", { type: "button", onclick: () => this.offers.ask(this.conversation) }, t("offer.decline")) : null,
        TAKEN.includes(state) ? act("resolve", "primary") : null,
        state === "resolved" ? act(spam ? "not-spam" : "reopen", "primary") : null,
        TAKEN.includes(state) ? el("button", { type: "button", onclick: () => this.snooze(this.conversation) }, t("conversation.snooze")) : null,
        done || toMe ? null : el("button", { type: "button", onclick: () => this.transfer(this.conversation) }, t("conversation.transfer")),
        spam || state === "closed" ? null : this.#more(done),
        el("button", { type: "button", class: "plain details-button", onclick: () => this.side.toggle() }, t("conversation.details"))));
  }

  /** What is seldom done. */
  #more(done) {
    const item = (key, onclick) => el("button", { type: "button", class: "plain", onclick: (event) => { menu.open = false; onclick(event); } }, t(key));
    const mark = (key, body) => item(key, (event) => this.#act("spam", event.currentTarget, body));
    const supervises = this.me.roles.some((role) => role !== "agent");
    const menu = el("details", { class: "menu", onkeydown: (event) => { if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); } } },
      el("summary", { "aria-label": t("conversation.more"), title: t("conversation.more") }, "⋯"),
      el("div", { class: "menu-items" },
        supervises && !done ? item("conversation.assign", () => this.assign(this.conversation)) : null,
        supervises ? item("conversation.judge", () => askQuality(this.conversation, { api: this.api, failed: this.failed, done: () => this.refresh().catch(this.failed) })) : null,
        mark("conversation.spam", {}), mark("conversation.spamAndBlock", { block: true })));
    menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) menu.open = false; });
    return menu;
  }

  async #earlier() {
    const page = await this.api.get(`${this.path}/messages`, { before: this.earlier, limit: 50 }).catch(this.failed);
    if (!page) return;
    this.earlier = page.next;
    this.messages.put(page.messages);
    this.parts.earlier.hidden = !this.earlier;
  }

  async #act(what, button, body) {
    button.disabled = true;
    try {
      const done = await this.api.post(`${this.path}/${what}`, body);
      if (what === "resolve") toast(t("done.resolved"), "", "good");
      if (what === "spam") toast(t("done.spam"), "", "good");
      if (done?.conversation) this.take(done.conversation);
      await this.refresh();
    } catch (problem) {
      this.failed(problem);
      await this.refresh().catch(() => {});
    } finally {
      button.disabled = false;
    }
  }

  async #sent(done) {
    if (done.message) this.messages.put([done.message]);
    if (done.conversation) this.take(done.conversation);
    await this.refresh();
  }
}
