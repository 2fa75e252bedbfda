// The person at the other end: their addresses with how each was proved, what they prefer, what happened to them, their other threads.

import { currentLanguage, el, fullWhen, shortWhen, t, toast } from "./common.js";
import { askJoin, askSeparate } from "./desk-join.js";
import { answerSection } from "./desk-promises.js";
import { askStart } from "./desk-start.js";
import { addressOf, named } from "./desk-words.js";

const SHOWN = 5; // events, as the person comes with
const CODED = ["email", "sms", "whatsapp"]; // channels that carry codes

/** The panel's sections about the person; `side` has api, me, conversation, person, take, changed, failed, go. */
export function personSections(side) {
  const { person } = side;
  if (!person) return [el("section", {}, el("h2", {}, t("detail.customer")))];
  return [
    el("section", { class: "person" }, el("h2", {}, person.name || t("detail.customer"), person.blocked_at ? el("span", { class: "chip warn" }, t("person.blocked")) : null),
      el("ul", { class: "identities" }, ...person.identities.map((identity) => identityRow(side, identity))), preferences(side), actions(side)),
    answerSection(side.answers),
    person.events.length ? events(side) : null,
    others(side),
  ].filter(Boolean);
}

function identityRow(side, identity) {
  const { person } = side;
  const joined = identity.contact !== person.id;
  return el("li", {},
    el("span", { class: "address", title: identity.address }, addressOf(identity)),
    el("span", { class: "chip quiet" }, named("channel", identity.channel)),
    el("span", { class: `chip ${identity.proof === "strong" ? "" : identity.proof === "weak" ? "quiet" : "warn"}`, title: [identity.method, fullWhen(identity.since)].filter(Boolean).join(" · ") }, named("proof", identity.proof)),
    joined ? el("button", { type: "button", class: "link small", "aria-label": t("person.separateOf", { address: addressOf(identity) }), onclick: () => askSeparate(side, identity) }, t("person.separate")) : null);
}

function preferences(side) {
  const { person } = side;
  const channels = [...new Set(person.identities.map((identity) => identity.channel))];
  const save = (preferred) => change(side, "", { preferred });
  const language = person.language ? [el("dt", {}, t("detail.language")), el("dd", {}, new Intl.DisplayNames([currentLanguage()], { type: "language" }).of(person.language))] : [];
  if (channels.length < 2) return language.length ? el("dl", {}, ...language) : null;
  return el("dl", {}, ...language, el("dt", {}, el("label", { htmlFor: "preferred" }, t("person.preferred"))),
    el("dd", {}, el("select", { id: "preferred", class: "small", onchange: (event) => save(event.target.value) },
      el("option", { value: "", selected: !person.preferred }, t("person.lastUsed")),
      ...channels.map((channel) => el("option", { value: channel, selected: channel === person.preferred }, named("channel", channel))))));
}

function actions(side) {
  const { person, me } = side;
  const supervises = me.roles.some((role) => role !== "agent");
  const button = (key, onclick) => el("button", { type: "button", class: "small", onclick }, t(key));
  return el("div", { class: "person-actions" },
    button("person.write", () => askStart(side, person)),
    button("person.join", () => askJoin(side)),
    button("person.verify", (event) => event.currentTarget.closest("section").querySelector(".verify").toggleAttribute("hidden")),
    supervises ? button(person.blocked_at ? "person.unblock" : "person.block", () => change(side, person.blocked_at ? "/unblock" : "/block")) : null,
    verifyForm(side));
}

/** A code goes to the address; the customer types it back where they write. */
function verifyForm(side) {
  const channel = el("select", { name: "channel", class: "small", "aria-label": t("start.channel") }, ...CODED.map((one) => el("option", { value: one }, named("channel", one))));
  const address = el("input", { name: "address", class: "small", required: true, placeholder: t("person.verifyAddress"), "aria-label": t("person.verifyAddress"), autocapitalize: "none", spellcheck: false });
  const form = el("form", { class: "verify", hidden: true }, channel, address, el("button", { type: "submit", class: "small" }, t("person.sendCode")), el("p", { class: "small muted" }, t("person.verifyMore")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = { channel: channel.value, address: address.value.trim() };
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const sent = await side.api.post(`/v1/contacts/${encodeURIComponent(side.person.id)}/verifications`, asked);
      toast(t("done.code", { address: sent.address }), t("done.codeMore", { time: shortWhen(sent.until) }), "good");
      address.value = "";
      form.hidden = true;
      await side.changed();
    } catch (problem) {
      side.failed(problem);
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

/** One call about the person, and what is known of them then. */
export async function change(side, what, body = undefined) {
  try {
    side.take(await side.api.post(`/v1/contacts/${encodeURIComponent(side.person.id)}${what}`, body));
    await side.changed();
  } catch (problem) {
    side.failed(problem);
  }
}

function events(side) {
  const { person } = side;
  const known = side.happened ?? { events: person.events, next: person.events.length === SHOWN ? "" : null };
  const more = async () => {
    const page = await side.api.get(`/v1/contacts/${encodeURIComponent(person.id)}/events`, known.next ? { cursor: known.next } : {}).catch(side.failed);
    if (!page) return;
    side.happened = { events: [...(known.next ? known.events : []), ...page.events], next: page.next };
    side.told();
  };
  return el("section", {}, el("h2", {}, t("person.events")), el("ul", { class: "events" }, ...known.events.map(eventRow)),
    known.next === null ? null : el("button", { type: "button", class: "link small", onclick: more }, t("list.more")));
}

function eventRow(event) {
  const data = Object.entries(event.data);
  const head = [el("strong", {}, event.type), " ", el("time", { class: "small muted", dateTime: event.time, title: fullWhen(event.time) }, shortWhen(event.time))];
  if (!data.length) return el("li", {}, ...head);
  return el("li", {}, el("details", {}, el("summary", {}, ...head), el("dl", { class: "small" },
    ...data.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value))]),
    el("dt", {}, t("person.source")), el("dd", {}, event.source))));
}

function others(side) {
  const found = side.person.conversations.filter((one) => one.id !== side.conversation.id && !one.into);
  if (!found.length) return null;
  return el("section", {}, el("h2", {}, t("person.others")), el("ul", { class: "links" }, ...found.map((one) =>
    el("li", {}, el("button", { type: "button", class: "plain other", onclick: () => side.go(one.id) },
      el("span", { class: "line small" }, el("span", { class: "chip quiet" }, named("channel", one.channel)), el("span", { class: "muted grow clip" }, named("state", one.state)),
        el("time", { class: "muted", dateTime: one.opened_at }, shortWhen(one.last_inbound_at ?? one.opened_at))),
      el("span", { class: "clip small" }, one.subject || one.preview || t("message.noText")))))));
}
