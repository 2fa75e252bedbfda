// Writing first: to an address, or to a person that is known; by an inbox, with a template where its channel wants one.

import { currentLanguage, el, localise, newId, t, toast } from "./common.js";
import { templateBody, templateForm } from "./desk-extras.js";
import { addressOf, named } from "./desk-words.js";

const ADDRESSED = ["email", "sms", "whatsapp"]; // on others a person must have written first

/** Ask for what is to be begun. `person` is a contact, or null for a new address; `go(id)` opens what was begun. */
export function askStart({ api, me, failed, go }, person = null) {
  const dialog = document.getElementById("start");
  const form = dialog.querySelector("form");
  const channels = person ? person.identities.map((identity) => identity.channel).filter((channel) => channel !== "webchat") : ADDRESSED;
  const inboxes = me.inboxes.filter((inbox) => channels.includes(inbox.channel));
  if (!inboxes.length) return toast(t("start.noInbox"));
  localise(dialog);
  form.reset();
  let template = null;
  const inbox = () => inboxes.find((one) => one.name === form.inbox.value);
  const draw = () => {
    const { channel, window: closes, templates } = inbox();
    const wanted = closes && templates && !person; // who never wrote has no open window
    if (wanted || template) template ??= { name: "", language: currentLanguage(), parameters: [] };
    if (!templates) template = null;
    form.querySelector(".subject").hidden = channel !== "email";
    form.address.type = channel === "email" ? "email" : "tel";
    form.address.placeholder = channel === "email" ? "name@example.com" : "+905321234567";
    form.text.required = !template;
    const drop = wanted ? null : () => { template = null; draw(); };
    form.querySelector(".template-place").replaceChildren(...(template ? [templateForm({ template }, { again, remove: drop })] : []),
      templates && !template ? el("button", { type: "button", class: "link small", onclick: () => { template = { name: "", language: currentLanguage(), parameters: [] }; again(".template input"); } }, t("extra.template")) : "");
    form.querySelector(".text-label").textContent = t(template ? "extra.templateSays" : "reply.text");
  };
  const again = (focus) => { draw(); form.querySelector(focus)?.focus(); };
  form.inbox.replaceChildren(...inboxes.map((one) => el("option", { value: one.name }, [named("channel", one.channel), one.display_name, one.address].filter(Boolean).join(" · "))));
  form.queue.replaceChildren(el("option", { value: "" }, t("start.usualQueue")), ...me.queues.map((queue) => el("option", { value: queue }, queue)));
  form.querySelector(".to").hidden = Boolean(person);
  form.querySelector(".called").hidden = Boolean(person);
  form.address.required = !person;
  form.querySelector(".whom").textContent = person ? t("start.whom", { name: person.name || addressOf(person) }) : "";
  form.inbox.onchange = draw;
  draw();
  let sent = { words: "", key: "" };
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type="submit"]');
    button.disabled = true;
    const said = (name) => form[name].value.trim();
    const optional = Object.fromEntries(["queue", ...(person ? [] : ["name"]), ...(inbox().channel === "email" ? ["subject"] : [])].map((name) => [name, said(name)]).filter(([, value]) => value));
    const whom = person ? { contact: person.id } : { address: said("address").replace(/^00/, "+").replace(inbox().channel === "email" ? /^$/ : /[\s().-]/g, "") };
    const body = { inbox: inbox().name, text: said("text"), ...whom, ...optional, ...(template ? { template: templateBody(template) } : {}) };
    const words = JSON.stringify(body);
    if (sent.words !== words) sent = { words, key: newId() }; // the same words again are one intent
    try {
      const done = await api.post("/v1/conversations", body, sent.key);
      dialog.close();
      toast(t("done.started"), "", "good");
      go(done.conversation.id);
    } catch (problem) {
      failed(problem);
    } finally {
      button.disabled = false;
    }
  };
  dialog.showModal();
  return null;
}
