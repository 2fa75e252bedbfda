// The agent's desk: log in, what is offered, lists, the chosen conversation, and staying current.

import { currentLanguage, startLanguages, t, toast } from "./common.js";
import { Api, Problem, UserPool } from "./desk-api.js";
import { ConversationView } from "./desk-conversation.js";
import { showFloor } from "./desk-floor.js";
import { Lists } from "./desk-list.js";
import { Offers } from "./desk-offers.js";
import { Presence } from "./desk-presence.js";
import { Search } from "./desk-search.js";
import { askStart } from "./desk-start.js";
import { askSnooze } from "./desk-snooze.js";
import { askAssign, askTransfer } from "./desk-transfer.js";
import { showWhy } from "./desk-why.js";
import { LiveSocket } from "./socket.js";

const LIVE_REFRESH = 30_000; // pushes are hints; this is the net below them
const POLL_REFRESH = 4_000;
const TYPING_EVERY = 3_000;
const byId = (id) => document.getElementById(id);

let pool, api, me, lists, offers, presence, view, search, socket;
let agents = new Map();
let challenge = null;
let pending = null; // a refresh that is due
let running = false;
let refreshedAt = 0;
let typingSaid = 0;
let offered = 0; // offers that wait for my answer

async function start() {
  startLanguages(() => { drawTitle(); presence?.draw(); offers?.draw(); lists?.draw(); search?.draw(); if (view?.conversation) view.draw(); if (me) drawLive(); });
  drawTitle();
  const answer = await fetch("/web/config.json").catch(() => null);
  if (!answer?.ok) return toast(t("error.network"));
  pool = new UserPool(await answer.json());
  api = new Api(pool);
  byId("login-form").addEventListener("submit", logIn);
  byId("logout").addEventListener("click", () => leave());
  addEventListener("hashchange", followHash);
  return pool.loggedIn ? enter() : showLogin();
}

function showLogin(problem = "") {
  byId("desk").hidden = true;
  byId("login").hidden = false;
  byId("login-problem").textContent = problem;
  drawLogin();
}

function drawLogin() {
  const form = byId("login-form");
  const wanted = { "ask-email": !challenge, "ask-password": !challenge, "ask-new": challenge?.name === "NEW_PASSWORD_REQUIRED", "ask-code": challenge?.name === "SOFTWARE_TOKEN_MFA" };
  for (const [id, shown] of Object.entries(wanted)) {
    byId(id).hidden = !shown;
    byId(id).querySelector("input").required = shown;
  }
  byId("login-lead").textContent = t(challenge?.name === "NEW_PASSWORD_REQUIRED" ? "login.newPasswordLead" : "login.lead");
  byId("login-lead").dataset.t = challenge?.name === "NEW_PASSWORD_REQUIRED" ? "login.newPasswordLead" : "login.lead";
  [...form.querySelectorAll(".field:not([hidden]) input")].find((input) => !input.value)?.focus();
}

async function logIn(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector('[type="submit"]');
  byId("login-problem").textContent = "";
  button.disabled = true;
  try {
    challenge = challenge
      ? await pool.answer(challenge, challenge.name === "NEW_PASSWORD_REQUIRED" ? form.new.value : form.code.value.trim())
      : await pool.start(form.email.value.trim(), form.password.value);
    if (challenge) drawLogin();
    else {
      form.reset();
      await enter();
    }
  } catch (problem) {
    const words = { NotAuthorizedException: "login.wrong", UserNotFoundException: "login.wrong", CodeMismatchException: "login.codeWrong", ExpiredCodeException: "login.codeWrong", InvalidPasswordException: "login.passwordWeak" };
    byId("login-problem").textContent = problem.status === 0 ? t("error.network") : t(words[problem.title] ?? "login.failed");
    if (problem.title === "NotAuthorizedException" && challenge) { challenge = null; drawLogin(); }
  } finally {
    button.disabled = false;
  }
}

async function enter() {
  try {
    me = await api.get("/v1/me");
    await loadAgents();
  } catch (problem) {
    if (problem.status === 401) { pool.logOut(); return showLogin(t("login.expired")); }
    showLogin(words(problem).title);
    return failed(problem);
  }
  byId("login").hidden = true;
  byId("desk").hidden = false;
  byId("me").textContent = me.display_name;
  presence = new Presence({ api, me, failed, changed: soon });
  if (agents.has(me.name)) presence.take(agents.get(me.name));
  else presence.draw();
  offers = new Offers({ api, me, failed, go, changed: soon, shown: (count) => { offered = count; drawTitle(); } });
  lists = new Lists({ api, me, choose: go, offered: (rows) => offers.take(rows) });
  view = new ConversationView({
    api, me, agents, failed, transfer, offers,
    assign: (conversation) => withAgents(() => askAssign(conversation, { api, agents, failed, done: soon })),
    snooze: (conversation) => askSnooze(conversation, { api, failed, done: (after) => { view.take(after); soon(); } }),
    why: (conversation) => showWhy(conversation, { api, failed }),
    changed: (conversation) => { lists.markSeen(conversation); lists.put(conversation); },
    go,
    typing: sayTyping,
    tagged: showTagged,
    tags: () => lists.tags(),
  });
  search = new Search({ api, failed, tagged: showTagged, tags: () => lists.tags(), choose: goTo });
  byId("floor-open").hidden = !me.roles.includes("supervisor");
  byId("floor-open").addEventListener("click", () => showFloor({ api, failed }));
  byId("new").addEventListener("click", () => askStart({ api, me, failed, go }));
  socket = new LiveSocket({ address: ticket, frame: receive, state: () => { drawLive(); if (socket?.open) soon(); } });
  await lists.refresh().catch(failed);
  socket.start();
  followHash();
  setInterval(tick, 1000);
  return null;
}

async function loadAgents() {
  const found = await api.get("/v1/agents");
  agents.clear();
  for (const agent of found.agents) agents.set(agent.name, agent);
}

/** Frames are hints: whatever they say, the lists are read again; only typing is shown as it comes. */
function receive(frame) {
  if (frame.type === "typing") view.customerTypes(frame.conversation);
  else if (frame.type !== "pong" && frame.type !== "error") soon();
  else if (frame.code === "gone") socket.again();
}

function sayTyping(conversation) {
  if (Date.now() - typingSaid < TYPING_EVERY || !socket.send({ type: "typing", conversation })) return;
  typingSaid = Date.now();
}

async function ticket() {
  const given = await api.post("/v1/socket-tickets");
  return { url: given.url, protocols: ["santral.v1", `ticket.${given.ticket}`] };
}

function drawLive() {
  const open = socket?.open === true;
  byId("live").dataset.state = open ? "open" : "polling";
  byId("live").querySelector(".words").textContent = t(open ? "live.open" : "live.polling");
}

/** Seen among a browser's other tabs too. */
function drawTitle() {
  const waiting = offered ? `● ${t("offer.title", { n: offered })} · ` : "";
  document.title = `${waiting}${t("desk.title")} · Santral`;
}

/** Something changed: load soon, once, however many hints come. */
function soon() {
  pending ??= setTimeout(() => { pending = null; refresh(); }, 120);
}

async function refresh() {
  if (running) return soon();
  running = true;
  try {
    await Promise.all([lists.refresh(), view.refresh(), presence.refresh()]);
    refreshedAt = Date.now();
  } catch (problem) {
    failed(problem, true);
  } finally {
    running = false;
  }
  return null;
}

function tick() {
  if (byId("desk").hidden) return;
  lists.tick();
  offers.tick();
  presence.tick();
  view.tick();
  const every = socket.open && !view.messages?.underWay ? LIVE_REFRESH : POLL_REFRESH;
  if (document.visibilityState === "visible" && Date.now() - refreshedAt > every) {
    refreshedAt = Date.now();
    soon();
  }
}

/** At once, not when the browser gets round to its event: the next key must land in the right conversation. */
function go(id) {
  location.hash = id;
  followHash();
}

/** To a conversation, and in it to the message that was found. */
async function goTo(id, message) {
  go(id);
  await view.opened;
  if (message) view.messages.jump(message);
}

function showTagged(tag) {
  search.close();
  if (view.id && matchMedia("(max-width: 44rem)").matches) go("");
  lists.filter(tag).catch(failed);
}

function followHash() {
  if (!lists) return;
  const id = decodeURIComponent(location.hash.slice(1));
  lists.chosen = id || null;
  byId("choose").hidden = Boolean(id);
  byId("desk").classList.toggle("chosen", Boolean(id));
  if (id) view.opened = view.open(id).catch((problem) => { failed(problem); location.hash = ""; });
  else view.close();
  lists.draw();
}

function transfer(conversation) { return withAgents(() => askTransfer(conversation, { api, me, agents, failed, done: soon })); }

/** Ask once it is known again who is in, and who has room. */
async function withAgents(ask) {
  await loadAgents().catch(failed);
  ask();
}

function words(problem) {
  const kind = { 0: "network", 403: "forbidden", 404: "notFound", 409: "conflict", 400: "invalid", 422: "invalid" }[problem.status] ?? "server";
  const title = t(`error.${kind}`);
  if (kind === "network") return { title, detail: t("error.networkMore") };
  if (kind === "conflict") return { title, detail: problem.detail || t("error.conflictMore") };
  return { title, detail: [problem.detail, problem.reference ? t("error.reference", { id: problem.reference }) : ""].filter(Boolean).join(" · ") };
}

/** Show an error to the person. A quiet one (a background refresh that found no network) only shows as "not live". */
function failed(problem, quiet = false) {
  if (!(problem instanceof Problem)) throw problem;
  if (problem.status === 401) return leave(t("login.expired"));
  if (quiet && (problem.status === 0 || problem.status >= 500)) return drawLive();
  const { title, detail } = words(problem);
  toast(title, detail);
  if (problem.status === 409) soon();
  return null;
}

function leave(problem = "") {
  socket?.stop();
  pool.logOut();
  sessionStorage.setItem("santral.desk.said", problem);
  location.hash = "";
  location.reload(); // nothing of one person's desk is left for the next
}

document.documentElement.lang = currentLanguage();
await start();
const said = sessionStorage.getItem("santral.desk.said");
if (said) byId("login-problem").textContent = said;
sessionStorage.removeItem("santral.desk.said");
