// Where an agent writes: an answer by a way of the customer's, or a note. A draft stays with its conversation until the server has it.

import { currentLanguage, el, newId, t, toast } from "./common.js";
import { choices, quoteBar, templateBody, templateForm } from "./desk-extras.js";
import { Uploads } from "./desk-files.js";
import { SavedReplies } from "./desk-saved.js";
import { closed, shownAs, wayOf, waySelect, windowWords } from "./desk-ways.js";
import { named } from "./desk-words.js";
import { segments } from "./segments.js";

const drafts = new Map(); // conversation -> what is being written

function newDraft(api) {
  return { mode: "reply", reply: "", note: "", via: null, options: [], template: null, quote: null, files: new Uploads(api) };
}

export class Composer {
  constructor({ api, me, form, failed, typing, sent }) {
    Object.assign(this, { api, me, form, failed, typing, sent });
    this.preferred = null;
    this.mark = null;
    form.onsubmit = (event) => { event.preventDefault(); this.#send(); };
  }

  get draft() {
    const { id } = this.conversation;
    if (!drafts.has(id)) drafts.set(id, newDraft(this.api));
    return drafts.get(id);
  }

  get way() { return wayOf(this.conversation, this.preferred, this.draft.via); }
  get area() { return this.form.querySelector("textarea"); }

  focus() { this.area?.focus(); }

  /** The conversation as it is now, its customer's name, and the channel they prefer. What is being written stays as it is. */
  draw(conversation, name = this.name, preferred = this.preferred) {
    this.conversation = conversation;
    this.name = name;
    this.preferred = preferred;
    const { draft } = this;
    if (draft.heard !== conversation.last_inbound_at && !draft.reply) draft.via = null; // they wrote again: back to where that was
    draft.heard = conversation.last_inbound_at;
    const ways = conversation.ways.map((way) => [way.inbox, way.address, way.open_until]);
    const mark = JSON.stringify([
      conversation.id, draft.mode, draft.via, preferred, Boolean(draft.template), draft.quote?.id, this.#hint(), ways, closed(this.way), name, currentLanguage(),
    ]);
    if (this.mark === mark) return;
    this.mark = mark;
    this.#build();
  }

  /** A window may have closed meanwhile. */
  tick() {
    if (!this.conversation) return;
    this.draw(this.conversation);
    const words = this.form.querySelector(".window");
    const now = windowWords(this.conversation, this.way);
    if (words && now && words.firstChild.textContent !== now.text) words.firstChild.textContent = now.text;
  }

  quote(entry) {
    const { draft } = this;
    const way = this.conversation.ways.find((one) => one.inbox === entry.message.inbox);
    if (!way) return;
    Object.assign(draft, { mode: "reply", quote: entry, via: way === wayOf(this.conversation, this.preferred, null) ? null : way.inbox });
    this.draw(this.conversation);
    this.focus();
  }

  /** Why nothing can be written to the customer now; empty when it can. */
  #hint() {
    const { conversation, draft } = this;
    if (draft.mode === "note") return "";
    if (["resolved", "closed"].includes(conversation.state)) return t("reply.closed");
    const mine = conversation.agent === this.me.name || this.me.roles.some((role) => role !== "agent");
    if (conversation.state === "offered") return t(mine ? "reply.offered" : "reply.notYours");
    if (conversation.state === "waiting" || !mine) return t("reply.notYours");
    return closed(this.way) && !draft.template ? t("reply.windowClosed") : "";
  }

  #again(focus) {
    this.mark = null;
    this.draw(this.conversation);
    if (focus) this.form.querySelector(focus)?.focus();
  }

  #set(changes, focus = "textarea") {
    Object.assign(this.draft, changes);
    this.#again(focus);
  }

  #build() {
    const { conversation, draft, way } = this;
    const focused = this.#focused();
    const note = draft.mode === "note";
    const hint = this.#hint();
    const answers = !note && (!hint || closed(way)) && !["resolved", "closed", "waiting", "offered"].includes(conversation.state);
    const mode = (name) => el("button", { type: "button", "aria-pressed": String(draft.mode === name), onclick: () => this.#set({ mode: name }) }, t(`reply.${name}`));
    const area = this.#area(hint);
    const saved = note || hint ? null : new SavedReplies({ api: this.api, area, conversation, failed: this.failed });
    this.saved = saved;
    const files = note || hint || draft.template ? [] : draft.files.parts(); // the list, the paper clip, and what it opens
    this.count = el("span", { class: "small muted count-sms", role: "status" });
    this.form.className = `composer ${draft.mode}`;
    this.form.replaceChildren(...[
      el("div", { class: "modes" }, el("span", { role: "group", "aria-label": t("reply.mode") }, mode("reply"), mode("note")), el("span", { class: "grow" }),
        answers ? waySelect(conversation, way, this.preferred, (via) => this.#set({ via, quote: null })) : null),
      answers ? this.#window(way) : null,
      answers && draft.quote ? quoteBar(draft.quote, () => this.#set({ quote: null })) : null,
      answers && draft.template ? templateForm(draft, { again: (focus) => this.#again(focus), remove: () => this.#set({ template: null }) }) : null,
      saved?.list,
      area,
      answers && !hint && draft.options.length && !draft.template ? choices(draft, way, { changed: () => this.#tally(), again: (focus) => this.#again(focus) }) : null,
      files[0],
      el("div", { class: "send" }, ...files.slice(1), ...this.#extras(answers && !hint), el("span", { class: "grow" }), this.count, el("span", { class: "small muted shortcut" }, t("reply.shortcut")),
        el("button", { class: "primary", type: "submit", disabled: Boolean(hint) }, t(note ? "reply.saveNote" : "reply.send"))),
    ].filter(Boolean));
    this.#tally();
    focused?.();
  }

  /** Whoever is writing goes on writing, whatever else changed: gives their place in the form back. */
  #focused() {
    const controls = () => [...this.form.querySelectorAll("textarea, select, input:not([type=file])")];
    const before = controls();
    const place = before.indexOf(document.activeElement);
    if (place < 0) return null;
    const { tagName, selectionStart, selectionEnd } = before[place];
    return () => {
      const after = controls();
      const same = after.length === before.length ? after[place] : after.find((one) => one.tagName === "TEXTAREA" && tagName === "TEXTAREA");
      same?.focus();
      if (same && tagName !== "SELECT") same.setSelectionRange(selectionStart, selectionEnd);
    };
  }

  #area(hint) {
    const { conversation, draft } = this;
    const place = draft.template ? t("extra.templateSays") : t("reply.toCustomer", { name: this.name, channel: named("channel", this.way?.channel ?? conversation.channel) });
    return el("textarea", {
      rows: 3, maxLength: 100_000, value: draft[draft.mode], disabled: Boolean(hint), "aria-label": t("reply.text"),
      placeholder: hint || (draft.mode === "note" ? t("reply.noteHint") : place),
      oninput: (event) => {
        draft[draft.mode] = event.target.value;
        this.#tally();
        if (draft.mode === "reply") this.typing(conversation.id);
      },
      onkeydown: (event) => {
        if (this.saved?.key(event)) return;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.#send(); }
      },
    });
  }

  #window(way) {
    const words = windowWords(this.conversation, way);
    if (!words) return null;
    return el("p", { class: "window small", dataset: { tone: words.tone }, role: "status" }, el("span", {}, words.text),
      words.tone === "danger" && way.templates && !this.draft.template ? el("button", { type: "button", onclick: () => this.#template() }, t("extra.useTemplate")) : null,
      words.other ? el("button", { type: "button", onclick: () => this.#set({ via: words.other.inbox, template: null, quote: null }) }, t("way.use", { channel: named("channel", words.other.channel) })) : null);
  }

  #template() {
    const template = { name: "", language: this.conversation.language ?? currentLanguage(), parameters: [] };
    this.#set({ template }, ".template input");
  }

  #extras(may) {
    const { draft, way } = this;
    if (!may || draft.template) return [];
    const button = (key, onclick) => el("button", { type: "button", class: "plain extra", onclick }, t(key));
    return [
      draft.options.length ? null : button("extra.choices", () => this.#set({ options: ["", ""] }, ".choices input")),
      way?.templates && way.open_until ? button("extra.template", () => this.#template()) : null,
    ].filter(Boolean);
  }

  get #titles() { return this.draft.options.map((one) => one.trim()).filter(Boolean); }

  /** How many SMS it is, where it is one; which letters halve them. */
  #tally() {
    const { draft, way } = this;
    const titles = this.#titles;
    const numbered = titles.length && shownAs(way, titles) === "numbered" ? `\n\n${titles.map((title, place) => `${place + 1}. ${title}`).join("\n")}` : "";
    const text = draft.reply.trim() + numbered;
    if (draft.mode !== "reply" || way?.channel !== "sms" || !text || this.area?.disabled) { this.count.textContent = ""; return; }
    const { count, left, costly } = segments(text);
    this.count.textContent = t("extra.segments", { n: count, left });
    this.count.title = costly.length ? t("extra.costly", { letters: costly.slice(0, 12).join(" ") }) : "";
  }

  #body() {
    const { draft } = this;
    const text = draft[draft.mode].trim();
    if (draft.mode === "note") return text ? { text } : null;
    const via = draft.via ? { via: draft.via } : {};
    if (draft.template) return { text, template: templateBody(draft.template), ...via };
    const { ids } = draft.files;
    const titles = this.#titles;
    if (!text && !ids.length) return null;
    return {
      text, ...via, ...(ids.length ? { attachments: ids } : {}), ...(titles.length ? { options: titles.map((title) => ({ title })) } : {}),
      ...(draft.quote ? { refers_to: draft.quote.message.external_id } : {}),
    };
  }

  /** The draft stays until the server has it; the same words are sent again under the same key. */
  async #send() {
    const { id } = this.conversation;
    const { draft } = this;
    const { mode } = draft;
    const body = this.#body();
    if (!body || this.sending || this.#hint()) return;
    if (mode === "reply" && draft.files.busy) {
      toast(t("file.wait"));
      return;
    }
    this.sending = true;
    const button = this.form.querySelector('[type="submit"]');
    button.disabled = true;
    const words = JSON.stringify([mode, body]);
    if (draft.sent !== words) Object.assign(draft, { key: newId(), sent: words });
    try {
      const done = await this.api.post(`/v1/conversations/${encodeURIComponent(id)}/${mode === "note" ? "notes" : "replies"}`, body, draft.key);
      Object.assign(draft, { [mode]: "", key: null, sent: null });
      if (mode === "reply") {
        draft.files.clear();
        Object.assign(draft, { options: [], template: null, quote: null });
      }
      if (this.conversation.id === id) {
        this.#again("textarea");
        await this.sent(done);
      }
    } catch (problem) {
      this.failed(problem);
    } finally {
      this.sending = false;
      button.disabled = false;
    }
  }
}
