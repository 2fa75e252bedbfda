// How many SMS a text is sent and billed as: the count of router/segments.py, while somebody types.

const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€"); // an escape and a second septet: they count two

/** {encoding, count, left}: SMS, and units left in the last one. `costly` are the characters that halve what an SMS holds. */
export function segments(text) {
  const letters = [...text];
  const costly = [...new Set(letters.filter((letter) => !BASIC.has(letter) && !EXTENDED.has(letter)))];
  const gsm = costly.length === 0;
  const sizes = letters.map((letter) => (gsm ? (EXTENDED.has(letter) ? 2 : 1) : letter.length));
  const [single, part] = gsm ? [160, 153] : [70, 67];
  const encoding = gsm ? "GSM-7" : "UCS-2";
  const units = sizes.reduce((sum, size) => sum + size, 0);
  if (units <= single) return { encoding, count: 1, left: single - units, costly };
  let count = 1;
  let used = 0;
  for (const size of sizes) { // a letter of two units is never cut: it opens the next SMS
    if (used + size > part) { count += 1; used = 0; }
    used += size;
  }
  return { encoding, count, left: part - used, costly };
}
