// Why a conversation is where it is: the server's story of it, in the reader's language, and how it stands now.

import { currentLanguage, el, localise, t } from "./common.js";

/** Show it. `go(id)` opens another conversation. */
export async function showWhy(conversation, { api, failed }) {
  const dialog = document.getElementById("why");
  localise(dialog);
  dialog.querySelector('[value="cancel"]').onclick = () => dialog.close();
  const place = dialog.querySelector(".story");
  place.replaceChildren(el("p", { class: "muted" }, t("why.busy")));
  if (!dialog.open) dialog.showModal();
  const told = await api.get(`/v1/conversations/${encodeURIComponent(conversation.id)}/explanation`, { language: currentLanguage() }).catch(failed);
  if (!told) return dialog.close();
  place.replaceChildren(...[
    el("p", {}, el("strong", {}, told.title)),
    el("section", {}, el("h3", {}, t("why.now")), ...told.now.text.map((line) => el("p", {}, line)), told.now.you ? el("p", { class: "you" }, told.now.you) : null, colleagues(told.now)),
    el("section", {}, el("h3", {}, t("why.story")), ...days(told.story)),
    el("p", { class: "small muted" }, told.note),
  ]);
  place.scrollTop = 0;
  return null;
}

function colleagues(now) {
  if (!now.colleagues.length) return null;
  return el("details", { class: "small" }, el("summary", {}, t("why.colleagues", { n: now.colleagues.length })),
    el("ul", {}, ...now.colleagues.map((one) => el("li", {}, el("strong", {}, one.display_name), ": ", one.text))));
}

/** The story's lines under their days. */
function days(lines) {
  const made = [];
  for (const line of lines) {
    if (made.at(-1)?.dataset.day !== line.day) made.push(el("div", { dataset: { day: line.day } }, el("h4", { class: "small muted" }, line.day), el("ol", { class: "history" })));
    made.at(-1).querySelector("ol").append(el("li", {},
      el("time", { class: "small muted", dateTime: line.at }, line.clock), el("span", {}, line.text),
      line.details.length ? el("ul", { class: "small" }, ...line.details.map((one) => el("li", {}, one))) : ""));
  }
  return made;
}
