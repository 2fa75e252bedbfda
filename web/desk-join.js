// Two contacts are one person, or are not after all: who to join is looked for by name or address.

import { el, localise, newId, t, toast } from "./common.js";
import { addressesLike } from "./desk-search.js";
import { addressOf, named } from "./desk-words.js";

/** Look for the other one, choose, join. `side` as in desk-person.js. */
export function askJoin(side) {
  const { person } = side;
  const dialog = document.getElementById("join");
  const form = dialog.querySelector("form");
  const list = form.querySelector(".found");
  localise(dialog);
  form.q.value = "";
  list.replaceChildren();
  const submit = form.querySelector('[type="submit"]');
  submit.disabled = true;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const found = await people(side.api, form.q.value.trim()).catch(side.failed);
    if (!found || mine !== asked) return;
    const ours = new Set(person.identities.map((identity) => identity.contact));
    const others = found.filter((one) => !ours.has(one.id));
    list.replaceChildren(...others.map((one) => el("li", {}, el("label", {}, el("input", { type: "radio", name: "other", value: one.id, required: true, onchange: () => { submit.disabled = false; } }),
      el("span", { class: "grow" }, el("strong", {}, one.name || addressOf(one)), el("span", { class: "small muted block" }, `${named("channel", one.channel)} · ${addressOf(one)}`))))),
    ...(others.length ? [] : [el("li", { class: "muted" }, t("join.nobody"))]));
    submit.disabled = true;
    list.querySelector("input")?.focus();
  };
  form.q.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); look(); } };
  form.querySelector('[value="look"]').onclick = look;
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  const key = newId();
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (await post(side, "join", new FormData(form).get("other"), key)) { dialog.close(); toast(t("done.joined"), "", "good"); }
  };
  dialog.showModal();
}

/** Part them again, after a question. */
export function askSeparate(side, identity) {
  const dialog = document.getElementById("separate");
  const form = dialog.querySelector("form");
  localise(dialog);
  form.querySelector(".who").textContent = t("separate.who", { address: addressOf(identity), channel: named("channel", identity.channel) });
  form.querySelector('[value="cancel"]').onclick = () => dialog.close();
  const key = newId();
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (await post(side, "separate", identity.contact, key)) { dialog.close(); toast(t("done.separated"), "", "good"); }
  };
  dialog.showModal();
}

async function post(side, what, contact, key) {
  try {
    side.take(await side.api.post(`/v1/contacts/${encodeURIComponent(side.person.id)}/${what}`, { contact }, key));
    await side.changed();
    return true;
  } catch (problem) {
    side.failed(problem);
    return false;
  }
}

/** Contacts behind an address, or with a name that begins so: {id, name, channel, address}. */
export async function people(api, q) {
  if (!q) return [];
  const asked = addressesLike(q);
  if (asked.length) {
    const found = await Promise.all(asked.map((query) => api.get("/v1/contacts", query).catch((problem) => { if (problem.status === 404) return null; throw problem; })));
    return once(found.filter(Boolean));
  }
  const page = await api.get("/v1/search", { contact: q, limit: 50 });
  return once(page.hits.map(({ conversation }) => ({ id: conversation.contact, name: conversation.customer, channel: conversation.channel, address: conversation.address })));
}

function once(found) { return [...new Map(found.map((one) => [one.into ?? one.id, { ...one, id: one.into ?? one.id }])).values()]; }
