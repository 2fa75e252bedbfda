// The customer's chat. What is written is kept here until the server says it is kept there.

import { ChatLog } from "./chat-log.js";
import { ProveForm } from "./chat-prove.js";
import { currentLanguage, newId, startLanguages, store, t } from "./common.js";
import { LiveSocket } from "./socket.js";

const LONGEST_TEXT = 4000;
const RESEND_AFTER = 8_000;
const TYPING_EVERY = 3_000;
const TYPING_SHOWN = 6_000;
const LINKS_LAST = 50 * 60_000; // the addresses of files end after an hour
const TOKEN_WAIT = 2_000;
const READ_ON_EVERY = 60_000; // pushes are hints: one can be lost without the connection being lost
const FINAL = new Set(["invalid", "too_large", "refused", "closed"]); // sending it again would not help

const inbox = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");
const keys = { name: `santral.chat.${inbox}.name`, session: `santral.chat.${inbox}.session`, unsent: `santral.chat.${inbox}.unsent`, user: `santral.chat.${inbox}.user` };
const byId = (id) => document.getElementById(id);
const text = byId("text");
const log = new ChatLog(byId("log"), byId("scroll"));

let session = store.get(keys.session);
let renewed = false; // the stored session was shown to the server since the page was loaded
let connection = "idle";
let cursor = null; // moved by the answers to "resume" only: a lost push is read again
let readUpTo = null;
let typingUntil = 0;
let typingSent = 0;
const framed = window.parent !== window;
let tokenCame = () => {};
let userToken = null; // who is logged in on the page around this one, in that page's words
let proves = [];
let left = false; // the customer ended the chat, and has written nothing since
let unsent = JSON.parse(store.get(keys.unsent) ?? "[]");

const socket = new LiveSocket({ address, frame: receive, state: (state) => { connection = state; draw(); if (state === "open") resume(); else proof.lost(); } });
const proof = new ProveForm(byId("prove"), (frame) => socket.send(frame));

async function address() {
  if (!session || !renewed) await openSession();
  return { url: byId("log").dataset.url, protocols: ["santral.v1", `session.${session}`] };
}

/** A new session, or the stored one renewed; a session that is too old or not ours is replaced. */
async function openSession() {
  const body = { language: currentLanguage() };
  if (session && store.get(keys.user) && !userToken && framed) await tokenOrLate(); // it is renewed by a new token only
  const name = byId("name").value.trim() || store.get(keys.name);
  if (session) body.session = session;
  if (userToken) body.user_token = userToken;
  if (name) body.name = name;
  const answer = await fetch(`/chat/${encodeURIComponent(inbox)}/sessions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": newId() },
    body: JSON.stringify(body),
  });
  if ((session || userToken) && [400, 401, 403, 422].includes(answer.status)) {
    if (userToken) userToken = null; // too old, most likely: the page around this one may give another
    else session = null;
    if (!session) { store.remove(keys.session); store.remove(keys.user); }
    return openSession();
  }
  if (answer.status === 404) {
    byId("welcome").querySelector("h2").textContent = t("chat.noInbox");
    throw Object.assign(new Error("no such inbox"), { final: true });
  }
  if (!answer.ok) throw new Error(`session: ${answer.status}`);
  const given = await answer.json();
  session = given.session;
  byId("log").dataset.url = given.url;
  proves = given.proves ?? [];
  store.set(keys.session, session);
  if (given.method === "user-token") store.set(keys.user, "1"); else store.remove(keys.user);
  if (name) store.set(keys.name, name);
  renewed = !userToken || body.user_token === userToken; // one that came meanwhile is for the next
}

/** The page around this one gives its user's token soon after it is asked, or it has none. */
function tokenOrLate() { return new Promise((resolve) => { tokenCame = resolve; setTimeout(resolve, TOKEN_WAIT); }); }

function readOn() { socket.send({ type: "resume", after: cursor }); }

function resume() {
  readOn();
  for (const message of unsent) transmit(message);
}

function transmit(message) {
  message.tried = Date.now();
  socket.send({ type: "message", id: message.id, text: message.text, at: message.at });
}

function receive(frame) {
  switch (frame.type) {
    case "message": arrived(frame.message); break;
    case "messages":
      frame.messages.forEach(arrived);
      if (frame.cursor) cursor = frame.cursor;
      if (frame.more && frame.cursor) readOn();
      break;
    case "ack": acknowledged(frame); break;
    case "proving":
    case "proved": proof.take(frame); break;
    case "left": left = true; draw(); break;
    case "error": if (!proof.take(frame)) refused(frame); break;
    case "typing":
      typingUntil = Date.now() + TYPING_SHOWN;
      setTimeout(draw, TYPING_SHOWN + 50);
      draw();
      break;
    default: // a newer server may say more
  }
}

function arrived(message) {
  if (!message?.id) return;
  const mine = message.direction === "inbound";
  if (mine && unsent.some((one) => one.id === message.client_id)) acknowledged({ id: message.client_id, message: message.id });
  const fresh = log.put({ ...message, mine });
  if (!mine) {
    typingUntil = 0;
    if (fresh) socket.send({ type: "ack", message: message.id });
    markRead();
  }
  draw();
}

function acknowledged(frame) {
  unsent = unsent.filter((message) => message.id !== frame.id);
  keep();
  log.acknowledge(frame.id, frame.message);
}

function refused(frame) {
  if (frame.code === "gone") socket.again();
  if (!frame.id || !FINAL.has(frame.code)) return; // tried again by itself
  unsent = unsent.filter((message) => message.id !== frame.id);
  keep();
  log.fail(frame.id);
}

function keep() { store.set(keys.unsent, JSON.stringify(unsent.map(({ id, text, at }) => ({ id, text, at })))); }

function markRead() {
  const upto = log.theirs;
  if (document.visibilityState !== "visible" || !upto || upto === readUpTo) return;
  if (socket.send({ type: "read", upto })) readUpTo = upto;
}

function write(words) {
  const message = { id: newId(), text: words, at: new Date().toISOString() };
  unsent.push(message);
  keep();
  log.put({ ...message, mine: true, pending: true });
  if (socket.wanted) { if (socket.open) transmit(message); } else socket.start();
  draw();
}

function draw() {
  document.body.dataset.connection = connection;
  byId("status").textContent = connection === "idle" ? "" : t(connection === "open" ? "chat.online" : "chat.connecting");
  byId("offline").hidden = navigator.onLine && connection !== "closed";
  byId("welcome").hidden = !log.empty;
  byId("prove").hidden = log.empty || !proves.includes("email");
  byId("leave").hidden = log.empty || left;
  byId("typing").textContent = left ? t("chat.left") : Date.now() < typingUntil ? t("chat.typing", { name: log.lastAuthor ?? t("chat.agent") }) : "";
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + 2}px`;
  const over = text.value.length - LONGEST_TEXT;
  byId("too-long").textContent = over > 0 ? t("chat.tooLong", { n: over }) : "";
  byId("send").disabled = over > 0;
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words || words.length > LONGEST_TEXT) return;
  text.value = "";
  left = false;
  fit();
  write(words);
  text.focus();
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  byId("composer").requestSubmit();
});
text.addEventListener("input", () => {
  fit();
  if (text.value && Date.now() - typingSent > TYPING_EVERY && socket.send({ type: "typing" })) typingSent = Date.now();
});
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { readOn(); markRead(); } });
byId("leave").addEventListener("click", () => socket.send({ type: "leave" }));
addEventListener("online", draw);
addEventListener("offline", draw);
setInterval(() => {
  for (const message of unsent) if (socket.open && Date.now() - (message.tried ?? 0) > RESEND_AFTER) transmit(message);
}, 2_000);
setInterval(readOn, READ_ON_EVERY);
setInterval(() => { if (log.hasFiles) socket.send({ type: "resume", after: null }); }, LINKS_LAST);

/** The company's page, which alone may frame this one, says who is logged in there; null: nobody any more. */
addEventListener("message", (event) => {
  if (!framed || event.source !== window.parent || event.data?.type !== "santral.user") return;
  const token = typeof event.data.token === "string" ? event.data.token : null;
  userToken = token;
  if (token === null) {
    if (!store.get(keys.user)) return; // an anonymous visitor stays who they are
    for (const key of [keys.session, keys.user, keys.unsent]) store.remove(key);
    location.reload();
    return;
  }
  tokenCame();
  renewed = false;
  if (socket.wanted) socket.again(); else if (session || unsent.length) socket.start();
});
if (framed) window.parent.postMessage({ type: "santral.ready" }, "*"); // says nothing but that it listens

startLanguages(() => { log.redraw(); fit(); draw(); proof.draw(); });
for (const message of unsent) log.put({ ...message, mine: true, pending: true });
if (session || unsent.length) socket.start();
draw();
text.focus();
