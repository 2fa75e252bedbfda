// Beside a conversation: the person, what happened to them, the conversation's facts and tags, and what was done.

import { currentLanguage, duration, el, fullWhen, t } from "./common.js";
import { clockLabel, runningClocks } from "./desk-deadlines.js";
import { personSections } from "./desk-person.js";
import { promiseSection, scoreSection } from "./desk-promises.js";
import { tagEditor } from "./desk-tags.js";
import { historyWords, needsText } from "./desk-history.js";
import { nameOf, named, shortUntil } from "./desk-words.js";

const SCORES = 3; // the last answers to surveys
const PERSON_FRESH = 60_000; // what others do to a person is not pushed

export class Side {
  constructor({ api, me, agents, failed, go, tagged, tags, why, place, changed, person }) {
    Object.assign(this, { api, me, agents, failed, go, tagged, tags, why, place, changed, told: person });
    this.close();
  }

  close() {
    this.person = null;
    this.answers = []; // to surveys, as supervisors read them
    this.happened = null; // all events that were asked for, with where to go on
    this.asked = "";
    this.history = [];
    this.scores = [];
    this.place.hidden = true;
    this.place.replaceChildren();
    this.place.dataset.mark = "";
    document.getElementById("desk").classList.remove("detailed");
  }

  /** On a narrow page it lies over the conversation. */
  toggle() {
    const shown = document.getElementById("desk").classList.toggle("detailed");
    if (shown) this.place.querySelector("button")?.focus();
  }

  /** Read the person again if the conversation's part of them changed, or it was long ago. */
  async refresh(conversation) {
    const asked = JSON.stringify([conversation.id, conversation.contact, conversation.merged, conversation.ways.map((way) => way.address), conversation.state]);
    if (asked === this.asked && Date.now() - this.readAt < PERSON_FRESH) return;
    this.asked = asked;
    await this.read(conversation);
  }

  async read(conversation = this.conversation) {
    this.readAt = Date.now();
    const asked = this.api.get(`/v1/contacts/${encodeURIComponent(conversation.contact)}`).catch(this.failed);
    const [person, answers] = await Promise.all([asked, this.#answered(conversation.contact)]);
    if (!person || this.conversation?.contact !== conversation.contact) return;
    this.answers = answers;
    this.take(person);
  }

  /** What they answered to surveys lately. Whoever may not read it sees none. */
  async #answered(contact) {
    if (!this.me.roles.some((role) => role !== "agent")) return [];
    const found = await this.api.get(`/v1/contacts/${encodeURIComponent(contact)}/scores`, { limit: SCORES }).catch(() => null);
    return found?.scores ?? [];
  }

  /** A newer state of the person, from a call. */
  take(person) {
    this.person = person;
    this.told();
  }

  draw(conversation) {
    this.conversation = conversation;
    this.place.hidden = false;
    const mark = JSON.stringify([conversation, this.person, this.answers, this.happened, this.history.length, this.scores.length, currentLanguage()]);
    const writing = this.place.contains(document.activeElement) && document.activeElement.matches("input") && document.activeElement.value;
    if (this.place.dataset.mark === mark || writing) return;
    const focused = [...this.place.querySelectorAll("button, input, select, summary")].indexOf(document.activeElement);
    const top = this.place.scrollTop;
    this.place.dataset.mark = mark;
    this.place.replaceChildren(...[
      el("button", { type: "button", class: "plain close-side", "aria-label": t("close"), onclick: () => this.toggle() }, "×"),
      ...personSections(this),
      this.#facts(conversation),
      el("section", {}, el("h2", {}, t("detail.tags")), tagEditor(conversation.tags, this.tags(), { change: (add, remove) => this.#tag(add, remove), find: this.tagged })),
      promiseSection(conversation, { api: this.api, agents: this.agents, failed: this.failed, may: this.#may(conversation), changed: () => this.changed() }),
      scoreSection(this.scores, this.agents),
      conversation.links.length ? el("section", {}, el("h2", {}, t("detail.links")), el("ul", { class: "links" }, ...conversation.links.map((id) =>
        el("li", {}, el("button", { type: "button", class: "link small clip", onclick: () => this.go(id) }, id))))) : null,
      el("section", {}, el("h2", {}, t("detail.history")), el("ol", { class: "history" }, ...this.history.map((entry) => this.#historyRow(entry)))),
    ].filter(Boolean));
    this.place.scrollTop = top;
    if (focused >= 0) [...this.place.querySelectorAll("button, input, select, summary")][focused]?.focus();
  }

  /** Who acts on it: its agent, and supervisors. */
  #may(conversation) {
    return conversation.agent === this.me.name || this.me.roles.some((role) => role !== "agent");
  }

  #facts(conversation) {
    const row = (key, value) => [el("dt", {}, t(key)), el("dd", {}, value)];
    const clock = conversation.first_response;
    const span = (from, to) => duration(Date.parse(to) - Date.parse(from));
    const until = conversation.snoozed_until ?? conversation.offer_until;
    const state = conversation.state === "active" && conversation.agent !== this.me.name ? "activeOther" : conversation.state;
    return el("section", {}, el("h2", {}, t("detail.conversation"),
      el("button", { type: "button", class: "link small ask-why", onclick: () => this.why(this.conversation) }, t("detail.askWhy"))), el("dl", {},
      ...row("detail.state", until ? t("detail.until", { state: named("state", state), time: shortUntil(until) }) : named("state", state)),
      ...(conversation.needs ? row("detail.needs", needsText(conversation.needs)) : []),
      ...row("detail.queue", conversation.queue),
      ...(conversation.category ? row("detail.category", conversation.category) : []),
      ...row("detail.agent", nameOf(conversation.agent, this.agents)),
      ...(conversation.last_agent ? row("detail.lastAgent", nameOf(conversation.last_agent, this.agents)) : []),
      ...(conversation.watchers?.length ? row("detail.watchers", conversation.watchers.map((name) => nameOf(name, this.agents)).join(", ")) : []),
      ...row("detail.priority", String(conversation.priority)),
      ...row("detail.opened", fullWhen(conversation.opened_at)),
      ...runningClocks(conversation).flatMap((one) => [el("dt", {}, clockLabel(one)),
        el("dd", {}, one.due_at ? fullWhen(one.due_at) : t("detail.standsStill"))]),
      ...(clock?.met_at ? row("due.label", t("due.after", { time: span(clock.started_at, clock.met_at) })) : [])));
  }

  async #tag(add, remove) {
    try {
      await this.api.post(`/v1/conversations/${encodeURIComponent(this.conversation.id)}/tags`, { add, remove });
      await this.changed();
      this.place.querySelector(".tag-input")?.focus();
    } catch (problem) {
      this.failed(problem);
    }
  }

  #historyRow(entry) {
    const words = historyWords(entry, this.agents);
    return el("li", {},
      el("time", { class: "small muted", dateTime: entry.at }, fullWhen(entry.at)),
      el("span", {}, words.text),
      words.why.length ? el("details", { class: "small" }, el("summary", {}, t("detail.why")), el("ul", {}, ...words.why.map((line) => el("li", {}, this.#reason(line))))) : null);
  }

  /** A reason, or one that leads to another conversation. */
  #reason(line) {
    if (typeof line === "string") return line;
    if (!line.conversation) return line.text;
    return el("button", { type: "button", class: "link", onclick: () => this.go(line.conversation) }, line.text);
  }
}
