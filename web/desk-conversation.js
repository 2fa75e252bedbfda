// One conversation: its head and clock, its messages, the composer, what is known about it, and what was done.

import { currentLanguage, duration, el, fullWhen, newId, t, toast } from "./common.js";
import { Uploads } from "./desk-files.js";
import { Messages } from "./desk-messages.js";
import { SavedReplies } from "./desk-saved.js";
import { clockWords, historyWords, nameOf, named } from "./desk-words.js";

const TYPING_SHOWN = 6_000;
/** A visitor's address is a random id: its start is enough to tell two of them apart. */
function addressOf(conversation) {
  return conversation.channel === "webchat" ? t("detail.visitor", { id: conversation.address.slice(0, 6) }) : conversation.address;
}

const drafts = new Map(); // conversation -> {mode, reply, note}

export class ConversationView {
  constructor({ api, me, agents, changed, failed, transfer, back, typing }) {
    Object.assign(this, { api, me, agents, changed, failed, transfer, back, typing });
    this.place = document.getElementById("conversation");
    this.side = document.getElementById("right");
    this.id = null;
    this.conversation = null;
  }

  async open(id) {
    if (this.id === id) return;
    this.close();
    this.id = id;
    this.#build();
    await this.refresh();
    this.place.querySelector("textarea")?.focus();
  }

  close() {
    this.id = null;
    this.conversation = null;
    this.history = [];
    this.place.hidden = true;
    this.side.hidden = true;
    this.place.replaceChildren();
  }

  /** The newest page, and everything between it and what is known: nothing is skipped after an absence. */
  async refresh() {
    const id = this.id;
    if (!id) return;
    const known = this.messages.newest;
    const detail = await this.api.get(`/v1/conversations/${encodeURIComponent(id)}`);
    if (this.id !== id) return;
    const gap = known !== null && detail.messages.length > 0 && !detail.messages.some((message) => this.messages.has(message.id));
    if (gap) {
      for (let after = known; after;) {
        const page = await this.api.get(`/v1/conversations/${encodeURIComponent(id)}/messages`, { after, limit: 100 });
        if (this.id !== id) return;
        this.messages.put(page.messages);
        after = page.messages.length ? page.next : null;
      }
    }
    if (known === null) this.earlier = detail.earlier;
    this.history = detail.history;
    this.messages.put(detail.messages);
    this.take(detail.conversation);
  }

  /** A newer state of the conversation, from a call or a list. */
  take(conversation) {
    if (conversation.id !== this.id || (this.conversation && conversation.version < this.conversation.version)) return;
    this.conversation = conversation;
    this.draw();
    this.changed(conversation);
  }

  draw() {
    const conversation = this.conversation;
    if (!conversation) return;
    this.place.hidden = false;
    this.side.hidden = false;
    this.#drawHead(conversation);
    this.#drawComposer(conversation);
    this.#drawSide(conversation);
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
    const types = Date.now() < (this.typingUntil ?? 0) && this.conversation.state !== "waiting";
    const said = types ? t("chat.typing", { name: this.conversation.customer || t("detail.customer") }) : "";
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
    const scroll = el("div", { class: "scroll", tabIndex: 0 }, earlier, list, typing);
    const head = el("header", { class: "head" });
    const composer = el("form", { class: "composer" });
    this.place.replaceChildren(head, scroll, composer);
    this.parts = { head, scroll, list, earlier, composer, typing };
    this.messages = new Messages(list, scroll, this.agents, (message, number) => this.api.get(`/v1/messages/${encodeURIComponent(message)}/attachments/${number}`).catch(this.failed));
    this.earlier = null;
    this.composerMark = null;
  }

  #drawHead(conversation) {
    const name = conversation.customer || conversation.address;
    const done = ["resolved", "closed"].includes(conversation.state);
    const mark = JSON.stringify([conversation, currentLanguage(), this.me.name]);
    if (this.parts.head.dataset.mark === mark) return;
    this.parts.head.dataset.mark = mark;
    const act = (what, kind = "") => el("button", { type: "button", class: kind, dataset: { act: what }, onclick: (event) => this.#act(what, event.currentTarget) }, t(`conversation.${what}`));
    this.parts.head.replaceChildren(
      el("button", { type: "button", class: "plain back", "aria-label": t("conversation.back"), onclick: this.back }, "‹"),
      el("div", { class: "grow" },
        el("h1", { class: "clip" }, el("span", { class: "unseen" }, t("conversation.of", { name })), el("span", { "aria-hidden": "true" }, name)),
        el("p", { class: "small muted clip" }, `${named("channel", conversation.channel)} · ${conversation.subject || addressOf(conversation)}`)),
      el("span", { class: "due", role: "timer" }),
      el("span", { class: "actions" },
        conversation.state === "waiting" ? act("take", "primary") : null,
        done || conversation.state === "waiting" ? null : act("resolve", "primary"),
        conversation.state === "resolved" ? act("reopen", "primary") : null,
        done ? null : el("button", { type: "button", onclick: () => this.transfer(this.conversation) }, t("conversation.transfer"))));
  }

  #drawComposer(conversation) {
    const draft = drafts.get(conversation.id) ?? { mode: "reply", reply: "", note: "", files: new Uploads(this.api) };
    drafts.set(conversation.id, draft);
    const done = ["resolved", "closed"].includes(conversation.state);
    const may = !done && conversation.state !== "waiting" && (conversation.agent === this.me.name || this.me.roles.some((role) => role !== "agent"));
    const mark = JSON.stringify([conversation.id, draft.mode, may, done, conversation.channel, conversation.customer, currentLanguage()]);
    if (this.composerMark === mark) return;
    this.composerMark = mark;
    const old = this.parts.composer.querySelector("textarea");
    const focused = old !== null && old === document.activeElement ? [old.selectionStart, old.selectionEnd] : null;
    const note = draft.mode === "note";
    const mode = (name) => el("button", { type: "button", "aria-pressed": String(draft.mode === name), onclick: () => { draft.mode = name; this.#drawComposer(this.conversation); this.place.querySelector("textarea")?.focus(); } }, t(`reply.${name}`));
    const hint = !note && !may ? t(done ? "reply.closed" : "reply.notYours") : "";
    const area = el("textarea", {
      rows: 3, maxLength: 100_000, value: draft[draft.mode], disabled: Boolean(hint), "aria-label": t("reply.text"),
      placeholder: hint || (note ? t("reply.noteHint") : t("reply.toCustomer", { name: conversation.customer || conversation.address, channel: named("channel", conversation.channel) })),
      oninput: (event) => {
        draft[draft.mode] = event.target.value;
        if (draft.mode === "reply") this.typing(conversation.id);
      },
      onkeydown: (event) => {
        if (saved?.key(event)) return;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.#send(); }
      },
    });
    const saved = note || hint ? null : new SavedReplies({ api: this.api, area, conversation, failed: this.failed });
    this.parts.composer.className = `composer ${draft.mode}`;
    this.parts.composer.onsubmit = (event) => { event.preventDefault(); this.#send(); };
    const files = note || hint ? [] : draft.files.parts(); // the list, the paper clip, and what it opens
    this.parts.composer.replaceChildren(
      el("div", { class: "modes", role: "group", "aria-label": t("reply.mode") }, mode("reply"), mode("note")),
      ...(saved ? [saved.list] : []),
      area,
      ...files.slice(0, 1),
      el("div", { class: "send" }, ...files.slice(1), el("span", { class: "small muted" }, t("reply.shortcut")),
        el("button", { class: "primary", type: "submit", disabled: Boolean(hint) }, t(note ? "reply.saveNote" : "reply.send"))));
    if (!focused) return;
    area.focus(); // whoever is writing goes on writing, whatever else changed
    area.setSelectionRange(...focused);
  }

  #drawSide(conversation) {
    const mark = JSON.stringify([conversation, this.history.length, currentLanguage()]);
    if (this.side.dataset.mark === mark) return;
    this.side.dataset.mark = mark;
    const row = (key, value) => [el("dt", {}, t(key)), el("dd", {}, value)];
    this.side.replaceChildren(...[
      el("section", {}, el("h2", {}, t("detail.customer")), el("dl", {},
        ...row("detail.address", addressOf(conversation)),
        ...row("detail.proof", named("proof", conversation.proof)),
        ...(conversation.language ? row("detail.language", new Intl.DisplayNames([currentLanguage()], { type: "language" }).of(conversation.language)) : []))),
      el("section", {}, el("h2", {}, t("detail.conversation")), el("dl", {},
        ...row("detail.state", this.#stateWords(conversation)),
        ...row("detail.queue", conversation.queue),
        ...row("detail.agent", nameOf(conversation.agent, this.agents)),
        ...row("detail.priority", String(conversation.priority)),
        ...(conversation.tags.length ? row("detail.tags", conversation.tags.join(", ")) : []),
        ...row("detail.opened", fullWhen(conversation.opened_at)),
        ...(conversation.first_response ? row("detail.firstResponse", el("span", {}, fullWhen(conversation.first_response.due_at),
          el("span", { class: "small muted block" }, t("detail.target", { time: duration(Date.parse(conversation.first_response.due_at) - Date.parse(conversation.first_response.started_at)) })))) : []),
        ...(conversation.first_response?.met_at ? row("due.label", t("due.after", { time: duration(Date.parse(conversation.first_response.met_at) - Date.parse(conversation.first_response.started_at)) })) : []))),
      conversation.links.length ? el("section", {}, el("h2", {}, t("detail.links")), el("ul", { class: "links" }, ...conversation.links.map((id) =>
        el("li", {}, el("button", { type: "button", class: "link small clip", onclick: () => { location.hash = id; } }, id))))) : null,
      el("section", {}, el("h2", {}, t("detail.history")), el("ol", { class: "history" }, ...this.history.map((entry) => this.#historyRow(entry)))),
    ].filter(Boolean));
  }

  #stateWords(conversation) {
    return named("state", conversation.state === "active" && conversation.agent !== this.me.name ? "activeOther" : conversation.state);
  }

  #historyRow(entry) {
    const words = historyWords(entry, this.agents);
    return el("li", {},
      el("time", { class: "small muted", dateTime: entry.at }, fullWhen(entry.at)),
      el("span", {}, words.text),
      words.why.length ? el("details", { class: "small" }, el("summary", {}, t("detail.why")), el("ul", {}, ...words.why.map((line) => el("li", {}, line)))) : null);
  }

  async #earlier() {
    const page = await this.api.get(`/v1/conversations/${encodeURIComponent(this.id)}/messages`, { before: this.earlier, limit: 50 }).catch(this.failed);
    if (!page) return;
    this.earlier = page.next;
    this.messages.put(page.messages);
    this.parts.earlier.hidden = !this.earlier;
  }

  async #act(what, button) {
    button.disabled = true;
    try {
      const done = await this.api.post(`/v1/conversations/${encodeURIComponent(this.id)}/${what}`);
      if (what === "resolve") toast(t("done.resolved"), "", "good");
      if (done?.conversation) this.take(done.conversation);
      await this.refresh();
    } catch (problem) {
      this.failed(problem);
      await this.refresh().catch(() => {});
    } finally {
      button.disabled = false;
    }
  }

  /** The draft stays until the server has it; the same words are sent again under the same key. */
  async #send() {
    const id = this.id;
    const draft = drafts.get(id);
    const { mode } = draft;
    const text = draft[mode].trim();
    const files = mode === "note" ? [] : draft.files.ids;
    if ((!text && !files.length) || this.sending) return;
    if (mode === "reply" && draft.files.busy) {
      toast(t("file.wait"));
      return;
    }
    this.sending = true;
    const button = this.parts.composer.querySelector('[type="submit"]');
    button.disabled = true;
    const words = JSON.stringify([text, files]);
    if (draft.sent !== words) Object.assign(draft, { key: newId(), sent: words });
    try {
      const done = await this.api.post(`/v1/conversations/${encodeURIComponent(id)}/${mode === "note" ? "notes" : "replies"}`, files.length ? { text, attachments: files } : { text }, draft.key);
      Object.assign(draft, { [mode]: "", key: null, sent: null });
      if (mode === "reply") draft.files.clear();
      if (this.id === id) {
        this.composerMark = null;
        if (done.message) this.messages.put([done.message]);
        if (done.conversation) this.take(done.conversation);
        this.#drawComposer(this.conversation);
        this.place.querySelector("textarea")?.focus();
        await this.refresh();
      }
    } catch (problem) {
      this.failed(problem);
    } finally {
      this.sending = false;
      button.disabled = false;
    }
  }
}
