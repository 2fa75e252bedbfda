// Messages as a reader sees them: albums as one, and reactions, edits, withdrawals and taps on what they are about. Values only.

const ABOUT_ANOTHER = new Set(["reaction", "edit", "deletion"]);

/** Messages in time order, as entries: {id, message, files, quote, reactions, versions, withdrawn, tapped, instead}. */
export function fold(messages) {
  const entries = [];
  const entryOf = new Map(); // message id -> entry
  const byWire = new Map(); // the provider's id -> message
  for (const message of messages) if (message.external_id && !ABOUT_ANOTHER.has(message.kind)) byWire.set(message.external_id, message);
  const about = (message) => (message.refers_to ? entryOf.get(byWire.get(message.refers_to)?.id) : undefined);
  const folded = (message) => ABOUT_ANOTHER.has(message.kind) && byWire.has(message.refers_to);
  for (const message of messages) {
    if (folded(message)) continue;
    if (message.kind === "reaction" && !message.text) continue; // taken back, and what it was about is not loaded
    const last = entries.at(-1);
    const entry = joins(last, message) ? last : newEntry(message);
    if (entry === last) entry.versions[0] = { ...entry.versions[0], text: [entry.versions[0].text, message.text].filter(Boolean).join("\n") };
    else entries.push(entry);
    message.attachments.forEach((file, number) => entry.files.push({ message: message.id, number, file }));
    entryOf.set(message.id, entry);
  }
  for (const message of messages) {
    const entry = about(message);
    if (!entry) continue;
    if (message.kind === "reaction") react(entry, message);
    else if (message.kind === "edit") entry.versions.push(message);
    else if (message.kind === "deletion") entry.withdrawn = true;
    else if (message.kind === "postback") tap(entry, message);
    if (!ABOUT_ANOTHER.has(message.kind) && entryOf.get(message.id) !== entry) entryOf.get(message.id).quote = entry;
  }
  for (const entry of entries) if (entry.message.state === "failed") entry.instead = instead(entry.message, messages);
  return entries;
}

function newEntry(message) {
  return {
    id: message.id, message, files: [], quote: null, reactions: new Map(), versions: [message],
    withdrawn: Boolean(message.withdrawn_at), tapped: new Set(), instead: null,
  };
}

function joins(entry, message) {
  return Boolean(message.album) && entry?.message.album === message.album && entry.message.sender === message.sender;
}

/** One mark a person: the newest counts, an empty one takes it back. */
function react(entry, message) {
  if (message.text) entry.reactions.set(message.sender, message.text);
  else entry.reactions.delete(message.sender);
}

function tap(entry, message) {
  const option = entry.message.options.findIndex((one) => (one.payload ?? one.title) === message.payload || one.title === message.text);
  if (option >= 0) entry.tapped.add(option);
}

/** The channel that the words of a failed answer went by after all. */
function instead(failed, messages) {
  const again = messages.find((one) => one.tried?.at(-1) === failed.channel && one.author === failed.author && one.at >= failed.at
    && (failed.text.startsWith(one.text) || one.text.startsWith(failed.text)));
  return again?.channel ?? null;
}
