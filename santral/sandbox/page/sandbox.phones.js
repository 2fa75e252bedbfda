// The apps on the customer's phone: one panel for each, made from one template.

import { clockTime, el, t, toast } from "/web/common.js";

const LARGEST = 7_000_000; // bytes of a file: it travels as base64 in a call of at most 10 MB
// Who writes at first: the customers of the sample conversations.
const FIRST = {
  whatsapp: ["+12025550171", "Elif Şahin"],
  messenger: ["7203001122334455", "Sam Carter"],
  instagram: ["8812003344556677", "Mert Aydın"],
  telegram: ["700000042", "Can Öztürk"],
};
export const APPS = Object.keys(FIRST);
const FAULTS = [
  ["", "sandbox.fault.none"],
  ["busy", "sandbox.fault.busy"],
  ["down", "sandbox.fault.down"],
  ["refused", "sandbox.fault.refused"],
  ["lost", "sandbox.fault.lost"],
  ["silent", "sandbox.fault.silent"],
  ["aged", "sandbox.fault.aged"],
];
const PLACE = { latitude: 41.0256, longitude: 28.9741, name: "Galata Kulesi", address: "Bereketzade, Beyoğlu" };

/** One app. `post` calls the sandbox and tells whether it was taken. */
export class Phone {
  constructor(channel, post) {
    this.channel = channel;
    this.post = post;
    this.panel = document.getElementById(channel);
    this.panel.append(document.getElementById("app").content.cloneNode(true));
    this.world = { bubbles: [], inboxes: [], abilities: {}, faults: [] };
    this.rows = new Map();
    this.low = true; // at the newest message, and to stay there
    this.asked = new Set(); // what was reported as seen, so that it is reported once
    this.quoted = null;
    this.edited = null;
    this.at("address").value = FIRST[channel][0];
    this.at("name").value = FIRST[channel][1];
    this.at("form").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.at("address").addEventListener("input", () => this.draw());
    this.at("inbox").addEventListener("change", () => this.draw());
    this.at("fault").addEventListener("change", () => this.fail());
    this.at("file").addEventListener("change", () => this.attach());
    this.at("place").addEventListener("click", () => this.say({ place: PLACE }));
    // A picture comes later than its message, and must not push the newest one out of sight.
    this.at("thread").addEventListener("load", () => this.settleDown(), true);
    this.at("thread").addEventListener("scroll", () => { this.low = this.panel.hidden || this.nearEnd(); });
    this.at("cancel").addEventListener("click", () => this.settle());
  }

  at(part) { return this.panel.querySelector(`[data-part="${part}"]`); }
  get inbox() { return this.at("inbox").value; }
  get customer() { return this.at("address").value.replace(/[\s()-]/g, ""); }
  get shown() { return !this.panel.hidden && document.visibilityState === "visible"; }
  can(ability) { return (this.world.abilities[this.channel] ?? []).includes(ability); }

  nearEnd() {
    const place = this.at("thread");
    return place.scrollHeight - place.scrollTop - place.clientHeight < 60;
  }

  settleDown() {
    const place = this.at("thread");
    if (this.low) place.scrollTop = place.scrollHeight;
  }

  bubbles() {
    return this.world.bubbles.filter((bubble) => bubble.inbox === this.inbox && bubble.customer === this.customer);
  }

  /** How many messages the customer has not seen. */
  unread() { return this.bubbles().filter((bubble) => bubble.way === "to-customer" && bubble.state === "delivered").length; }

  draw(world = this.world) {
    this.world = world;
    this.choose();
    this.at("place").hidden = !this.can("place");
    const bubbles = this.bubbles();
    const place = this.at("thread");
    const rows = bubbles.map((bubble) => this.row(bubble, bubbles));
    if (!rows.length) rows.push(el("li", { class: "muted" }, t("sandbox.noText")));
    place.replaceChildren(...rows);
    this.settleDown();
    if (this.shown) this.see(bubbles);
  }

  /** A language was chosen: nothing drawn before holds. */
  renew() { this.rows.clear(); this.at("fault").dataset.known = ""; this.settle(); this.draw(); }

  choose() {
    const inboxes = this.world.inboxes.filter((inbox) => inbox.channel === this.channel);
    const select = this.at("inbox");
    if (select.dataset.known !== JSON.stringify(inboxes)) {
      select.dataset.known = JSON.stringify(inboxes);
      select.replaceChildren(...inboxes.map((inbox) => el("option", { value: inbox.name }, inbox.display_name ? `${inbox.display_name} (${inbox.address})` : inbox.address)));
    }
    const fault = this.at("fault");
    if (fault.dataset.known !== "yes") {
      fault.dataset.known = "yes";
      const kinds = FAULTS.filter(([kind]) => (kind !== "lost" || this.channel === "whatsapp") && (kind !== "aged" || this.channel !== "telegram"));
      fault.replaceChildren(...kinds.map(([value, words]) => el("option", { value }, t(words))));
    }
    const ordered = this.world.faults.find((one) => one.inbox === this.inbox && one.customer === this.customer);
    fault.value = ordered?.kind ?? "";
  }

  row(bubble, all) {
    const quoted = bubble.refers_to ? all.find((one) => one.id === bubble.refers_to) : null;
    const key = JSON.stringify([bubble, quoted?.text, this.can("react"), this.can("edit"), this.can("unsend")]);
    const known = this.rows.get(bubble.id);
    if (known?.key === key) return known.node;
    const node = this.made(bubble, quoted);
    this.rows.set(bubble.id, { key, node });
    return node;
  }

  made(bubble, quoted) {
    const said = [clockTime(bubble.at), t(`sandbox.state.${bubble.state}`)];
    if (bubble.edited) said.push(t("sandbox.edited"));
    return el("li", { class: `sms app-${bubble.way} ${bubble.way} ${bubble.withdrawn ? "gone" : ""}`, dataset: { id: bubble.id } },
      el("div", { class: "text" },
        bubble.refers_to && !bubble.tapped ? el("div", { class: "quote clip small" }, quoted?.text || "…") : null,
        ...bubble.files.map((file) => shownFile(file)),
        bubble.withdrawn ? el("em", {}, t("sandbox.withdrawn")) : bubble.text,
        bubble.reaction ? el("span", { class: "reaction" }, bubble.reaction) : null),
      bubble.buttons.length ? el("div", { class: "keys", role: "group", "aria-label": bubble.menu || t("sandbox.buttons") },
        bubble.menu ? el("span", { class: "small muted menu" }, bubble.menu) : null,
        ...bubble.buttons.map((button, number) => this.key(bubble, button, number))) : null,
      el("div", { class: "said small muted" }, el("span", {}, said.join(" · ")), ...this.actions(bubble)),
      bubble.error ? el("div", { class: "small problem" }, bubble.error) : null);
  }

  key(bubble, button, number) {
    if (button.url) return el("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer" }, `${button.title} ↗`);
    return el("button", { type: "button", class: "key", "aria-pressed": String(bubble.tapped === button.title),
      onclick: () => this.post("tap", { inbox: bubble.inbox, message: bubble.id, button: number }) },
    button.title, button.note ? el("span", { class: "small muted" }, button.note) : null);
  }

  actions(bubble) {
    if (bubble.withdrawn) return [];
    const act = (words, sign, run) => el("button", { type: "button", class: "plain act", title: t(words), "aria-label": t(words), onclick: run }, icon(sign));
    const target = { inbox: bubble.inbox, message: bubble.id };
    const found = [act("sandbox.quote", "quote", () => this.prepare({ quoted: bubble }))];
    if (bubble.way === "to-customer" && this.can("react")) {
      found.push(act("sandbox.react", "react", () => this.post("react", { ...target, emoji: bubble.reaction ? "" : "👍" })));
    }
    if (bubble.way === "from-customer" && this.can("edit") && bubble.text && !bubble.place) found.push(act("sandbox.edit", "edit", () => this.prepare({ edited: bubble })));
    if (bubble.way === "from-customer" && this.can("unsend")) found.push(act("sandbox.unsend", "unsend", () => this.post("unsend", target)));
    return found;
  }

  /** What the next text is about: an answer to a message, or its change. */
  prepare({ quoted = null, edited = null }) {
    this.quoted = quoted;
    this.edited = edited;
    const about = quoted ?? edited;
    this.at("about").hidden = !about;
    this.at("about-text").textContent = about ? t(quoted ? "sandbox.quoting" : "sandbox.editing", { text: about.text.slice(0, 80) || "…" }) : "";
    if (edited) this.at("text").value = edited.text;
    if (about) this.at("text").focus();
  }

  settle() { this.prepare({}); }

  async send() {
    const field = this.at("text");
    const text = field.value;
    if (!text.trim()) return;
    field.value = "";
    const { quoted, edited } = this;
    this.settle();
    const taken = edited
      ? await this.post("edit", { inbox: edited.inbox, message: edited.id, text })
      : await this.say({ text, quotes: quoted?.id });
    if (!taken && !field.value) field.value = text;
  }

  say(said) {
    this.low = true;
    this.settleDown();
    return this.post("say", { inbox: this.inbox, from: this.customer, name: this.at("name").value, ...said });
  }

  async attach() {
    const files = await chosen(this.at("file"));
    if (!files) return;
    const text = this.at("text").value;
    this.at("text").value = "";
    if (!await this.say({ text, files, quotes: this.quoted?.id })) this.at("text").value ||= text;
    this.settle();
  }

  async fail() {
    const kind = this.at("fault").value;
    if (kind !== "aged") {
      await this.post("fail", { inbox: this.inbox, customer: this.customer, kind });
      return;
    }
    this.at("fault").value = "";
    if (await this.post("pass", { inbox: this.inbox, customer: this.customer, hours: 25 })) toast(t("sandbox.aged"), "", "good");
  }

  async see(bubbles) {
    const fresh = bubbles.filter((bubble) => bubble.way === "to-customer" && bubble.state === "delivered" && !this.asked.has(bubble.id));
    if (!fresh.length) return;
    for (const bubble of fresh) this.asked.add(bubble.id);
    await this.post("seen", { inbox: this.inbox, customer: this.customer });
  }
}

/** The files that somebody chose, as the sandbox takes them; null when there are none, or too much of them. */
export async function chosen(field) {
  const files = [...field.files];
  field.value = "";
  if (!files.length) return null;
  if (files.reduce((sum, file) => sum + file.size, 0) > LARGEST) {
    toast(t("sandbox.tooLarge"));
    return null;
  }
  return Promise.all(files.map(async (file) => ({ name: file.name, type: file.type || "application/octet-stream", data: await base64(file) })));
}

/** A file in a message. */
export function shownFile(file) {
  const source = `/sandbox/api/files/${encodeURIComponent(file.id)}`;
  if (/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return el("img", { src: source, alt: file.name });
  return el("a", { href: source, download: file.name, class: "file" }, icon("paper"), ` ${file.name}`);
}

/** A sign that needs no font: one of the page's symbols. */
function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

async function base64(file) {
  const address = await new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
  return address.slice(address.indexOf(",") + 1);
}
