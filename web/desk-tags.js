// Tags of a conversation: put on with completion, taken off by a click, and looked for by one.

import { el, t } from "./common.js";

const MOST = 40;
const PLAIN = { ı: "i", İ: "i", ş: "s", ğ: "g", ç: "c", ö: "o", ü: "u", ß: "ss" };

/** What somebody typed, as a tag is spelled: small letters, digits and hyphens. */
export function tagOf(text) {
  const plain = [...text.trim().toLocaleLowerCase("en")].map((letter) => PLAIN[letter] ?? letter).join("").normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain.replace(/^#/, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, MOST);
}

/** The chips and the field. `known` are tags to offer; `change(add, remove)` and `find(tag)` do what they say. */
export function tagEditor(tags, known, { change, find }) {
  const offered = el("datalist", { id: "known-tags" }, ...known.filter((tag) => !tags.includes(tag)).map((tag) => el("option", { value: tag })));
  const input = el("input", { class: "tag-input small", placeholder: t("tag.add"), "aria-label": t("tag.add"), maxLength: 60, autocapitalize: "none", spellcheck: false });
  input.setAttribute("list", "known-tags");
  const form = el("form", {}, input, offered);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tag = tagOf(input.value);
    input.value = "";
    if (tag && !tags.includes(tag)) change([tag], []);
  });
  return el("div", { class: "tags" },
    ...tags.map((tag) => el("span", { class: "tag chip" },
      el("button", { type: "button", class: "plain", title: t("tag.find", { tag }), onclick: () => find(tag) }, `#${tag}`),
      el("button", { type: "button", class: "plain", "aria-label": t("tag.remove", { tag }), onclick: () => change([], [tag]) }, "×"))),
    form);
}
