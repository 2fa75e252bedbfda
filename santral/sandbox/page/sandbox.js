// The customer's mailbox, phones and chat beside the agent's desk. Only on a developer's machine.

import { addStrings, clockTime, el, startLanguages, t, toast } from "/web/common.js";
import { APPS, Phone, chosen, shownFile } from "./sandbox.phones.js";
import { STRINGS } from "./strings.js";

addStrings(STRINGS);
const byId = (id) => document.getElementById(id);
const mailForm = byId("mail-form");
const smsForm = byId("sms-form");
let world = { version: -1, mails: [], texts: [], bubbles: [], refusals: [], inboxes: [], abilities: {}, faults: [] };
const phones = APPS.map((channel) => new Phone(channel, post));
let answering = null;

async function follow() {
  for (;;) {
    try {
      const asked = world.version < 0 ? "" : `?after=${world.version}`;
      world = await (await fetch(`/sandbox/api/state${asked}`)).json();
      draw();
    } catch {
      toast(t("sandbox.lost"));
      await new Promise((done) => { setTimeout(done, 3000); });
    }
  }
}

async function post(path, body) {
  const answer = await fetch(`/sandbox/api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(() => null);
  if (!answer) return toast(t("sandbox.lost")) ?? false;
  if (answer.ok) return true;
  toast(t("sandbox.failed"), (await answer.json().catch(() => ({}))).error ?? String(answer.status));
  return false;
}

function draw() {
  fill(mailForm.to, "email");
  fill(byId("sms-to"), "twilio");
  if (fill(byId("chat-inbox"), "webchat")) openChat();
  drawMails();
  drawTexts();
  drawPhones();
  drawRefusals();
  byId("smtp").textContent = world.smtp_port ? t("sandbox.smtp", { port: String(world.smtp_port) }) : "";
}

/** The inboxes of one channel; true when the choice was made just now. */
function fill(select, channel) {
  const inboxes = world.inboxes.filter((inbox) => inbox.channel === channel);
  if (select.dataset.known === JSON.stringify(inboxes)) return false;
  select.dataset.known = JSON.stringify(inboxes);
  select.replaceChildren(...inboxes.map((inbox) => el("option", { value: channel === "webchat" ? inbox.name : inbox.address }, inbox.display_name ? `${inbox.display_name} (${inbox.address})` : inbox.address)));
  return inboxes.length > 0;
}

function drawMails() {
  const mine = mailForm.from.value.trim().toLowerCase();
  const mails = world.mails.filter((mail) => mail.customer === mine).reverse();
  if (!mails.length) {
    byId("mails").replaceChildren(el("li", { class: "muted" }, t("sandbox.noMail")));
    return;
  }
  byId("mails").replaceChildren(...mails.map((mail) => el("li", { class: `mail ${mail.way}`, dataset: { id: mail.id } },
    el("div", { class: "head" },
      el("strong", { class: "grow clip" }, mail.subject || "–"),
      el("time", { class: "small muted", dateTime: mail.at }, clockTime(mail.at))),
    el("div", { class: "small muted clip" }, mail.way === "to-customer" ? `${mail.inbox} →` : `→ ${mail.inbox}`),
    el("div", { class: "text" }, mail.text.trim()),
    ...mail.files.map((file) => shownFile(file)),
    mail.way === "to-customer" ? el("div", { class: "end small muted" }, el("span", {}, t(`sandbox.state.${mail.state}`)),
      el("button", { type: "button", onclick: () => answer(mail) }, t("sandbox.answer"))) : null)));
}

function answer(mail) {
  answering = mail;
  mailForm.subject.value = /^re:/i.test(mail.subject) ? mail.subject : `Re: ${mail.subject}`;
  const target = mail.reply_to ?? mail.inbox;
  if (![...mailForm.to.options].some((option) => option.value === target)) mailForm.to.append(el("option", { value: target }, target));
  mailForm.to.value = target;
  drawAnswering();
  mailForm.text.focus();
}

function drawAnswering() {
  byId("answering").textContent = answering ? t("sandbox.answering", { subject: answering.subject || "–" }) : "";
  byId("mail-new").hidden = !answering;
}

function drawTexts() {
  const mine = byId("number").value.replace(/[\s()-]/g, "");
  const ours = byId("sms-to").value;
  const texts = world.texts.filter((text) => text.inbox === ours && text.customer.replace("whatsapp:", "") === mine);
  const place = byId("texts");
  const rows = texts.map((text) => el("li", { class: `sms ${text.way}`, dataset: { id: text.id } },
    el("div", { class: "text" }, ...text.files.map((file) => shownFile(file)), text.text),
    el("span", { class: "small muted" }, `${clockTime(text.at)} · ${t(`sandbox.state.${text.state}`)}`)));
  place.replaceChildren(...(rows.length ? rows : [el("li", { class: "muted" }, t("sandbox.noText"))]));
  place.scrollTop = place.scrollHeight;
}

/** What providers did not take of us: their rules, in their words. */
function drawRefusals() {
  const place = byId("refused");
  place.hidden = !world.refusals.length;
  place.querySelector("summary").textContent = t("sandbox.refused", { count: String(world.refusals.length) });
  place.querySelector("ol").replaceChildren(...world.refusals.slice(-50).reverse().map((one) => el("li", {},
    el("span", { class: "muted" }, `${clockTime(one.at)} · ${one.provider} ${one.status} · `), one.words)));
}

function drawPhones() {
  for (const phone of phones) {
    phone.draw(world);
    const unread = phone.shown ? 0 : phone.unread();
    byId(`tab-${phone.channel}`).querySelector(".unread").textContent = unread || "";
  }
}

function openChat() {
  const inbox = byId("chat-inbox").value;
  if (inbox) byId("chat-frame").src = `/chat/${encodeURIComponent(inbox)}`;
}

mailForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = Object.fromEntries(new FormData(mailForm));
  const sent = await post("mail", { ...form, spoof: form.spoof === "on", in_reply_to: answering?.message_id, references: answering?.references });
  if (!sent) return;
  toast(t("sandbox.sent"), "", "good");
  mailForm.text.value = "";
  mailForm.subject.value = "";
  answering = null;
  drawAnswering();
});
byId("mail-new").addEventListener("click", () => { answering = null; mailForm.subject.value = ""; drawAnswering(); });
mailForm.from.addEventListener("input", drawMails);
byId("number").addEventListener("input", drawTexts);
byId("sms-to").addEventListener("change", drawTexts);
byId("texts").addEventListener("load", () => { byId("texts").scrollTop = byId("texts").scrollHeight; }, true); // a picture came
smsForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  await write();
});
byId("sms-file").addEventListener("change", async () => {
  const files = await chosen(byId("sms-file"));
  if (files) await write(files);
});

async function write(files = []) {
  const words = smsForm.text.value;
  smsForm.text.value = "";
  if (!await post("sms", { from: byId("number").value.trim(), to: byId("sms-to").value, text: words, files })) smsForm.text.value = words;
}

byId("reset").addEventListener("click", () => post("reset", {}));
byId("chat-inbox").addEventListener("change", openChat);
byId("chat-new").addEventListener("click", () => {
  const inbox = byId("chat-inbox").value;
  for (const what of ["session", "unsent", "name"]) localStorage.removeItem(`santral.chat.${inbox}.${what}`);
  openChat();
});

const tabs = [...document.querySelectorAll('[role="tab"]')];
function choose(tab) {
  for (const one of tabs) {
    one.setAttribute("aria-selected", String(one === tab));
    one.tabIndex = one === tab ? 0 : -1;
    byId(one.getAttribute("aria-controls")).hidden = one !== tab;
  }
  if (tab.id === "tab-phone") drawTexts();
  drawPhones();
}
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs.at((tabs.indexOf(tab) + step) % tabs.length);
    next.focus();
    choose(next);
  });
}

addEventListener("visibilitychange", drawPhones);
startLanguages(() => { for (const phone of phones) phone.renew(); draw(); drawAnswering(); document.title = `${t("sandbox.title")} · Santral`; });
document.title = `${t("sandbox.title")} · Santral`;
follow();
