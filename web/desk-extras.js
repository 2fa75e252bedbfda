// What an answer may hold besides its text: choices to tap, a template that the provider approved, the message it quotes.

import { el, t } from "./common.js";
import { startOf } from "./desk-message.js";
import { shownAs } from "./desk-ways.js";

const MOST_CHOICES = 20;
const MOST_PARAMETERS = 30;

/** The quoted message above the text. */
export function quoteBar(entry, remove) {
  return el("p", { class: "quoting small" }, el("span", { "aria-hidden": "true" }, "↩"), el("span", { class: "clip grow" }, startOf(entry)),
    el("button", { type: "button", class: "plain", "aria-label": t("extra.unquote"), onclick: remove }, "×"));
}

/** Choices: a line each, Enter makes the next; `changed` after each key, `again` where lines came or went. */
export function choices(draft, way, { changed, again }) {
  const said = el("p", { class: "small muted", role: "status" });
  const tell = () => { said.textContent = t(`shown.${shownAs(way, draft.options.map((one) => one.trim()).filter(Boolean))}`); };
  const add = () => { if (draft.options.length < MOST_CHOICES) { draft.options.push(""); again(".choices li:last-child input"); } };
  const next = (row) => { if (row) row.querySelector("input").focus(); else add(); };
  const rows = draft.options.map((title, place) => el("li", {},
    el("input", {
      value: title, maxLength: 100, "aria-label": t("extra.choice", { n: place + 1 }), placeholder: t("extra.choice", { n: place + 1 }),
      oninput: (event) => { draft.options[place] = event.target.value; tell(); changed(); },
      onkeydown: (event) => {
        if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) { event.preventDefault(); next(event.target.closest("li").nextElementSibling); }
        if (event.key === "Backspace" && !event.target.value && draft.options.length > 1) {
          event.preventDefault();
          draft.options.splice(place, 1);
          again(`.choices li:nth-child(${Math.max(1, place)}) input`);
        }
      },
    }),
    el("button", { type: "button", class: "plain", "aria-label": t("extra.removeChoice", { n: place + 1 }), onclick: () => { draft.options.splice(place, 1); again(".choices input, textarea"); } }, "×")));
  tell();
  return el("fieldset", { class: "choices" }, el("legend", { class: "small" }, t("extra.choices")), el("ol", {}, ...rows),
    el("div", { class: "line" }, el("button", { type: "button", class: "link small", disabled: draft.options.length >= MOST_CHOICES, onclick: add }, t("extra.addChoice")), said));
}

/** A template's name, language and parameters. */
export function templateForm(draft, { again, remove }) {
  const { template } = draft;
  const field = (name, label, most) => el("label", { class: "field" }, el("span", {}, t(label)),
    el("input", { value: template[name], maxLength: most, required: true, autocapitalize: "none", spellcheck: false, oninput: (event) => { template[name] = event.target.value; } }));
  const parameters = template.parameters.map((value, place) => el("label", { class: "field" }, el("span", {}, t("extra.parameter", { n: place + 1 })),
    el("input", { value, maxLength: 1000, oninput: (event) => { template.parameters[place] = event.target.value; } })));
  return el("fieldset", { class: "template" }, el("legend", { class: "small" }, t("extra.template")),
    el("div", { class: "fields" }, field("name", "extra.templateName", 512), field("language", "extra.templateLanguage", 10), ...parameters),
    el("div", { class: "line" },
      el("button", { type: "button", class: "link small", disabled: template.parameters.length >= MOST_PARAMETERS, onclick: () => { template.parameters.push(""); again(".template .fields label:last-child input"); } }, t("extra.addParameter")),
      template.parameters.length ? el("button", { type: "button", class: "link small", onclick: () => { template.parameters.pop(); again(".template .fields label:last-child input"); } }, t("extra.dropParameter")) : null,
      el("span", { class: "grow" }),
      remove ? el("button", { type: "button", class: "link small", onclick: remove }, t("extra.noTemplate")) : null));
}

/** The template as the API takes it. */
export function templateBody(template) {
  return { name: template.name.trim(), language: template.language.trim(), parameters: template.parameters.map((one) => one.trim()) };
}
