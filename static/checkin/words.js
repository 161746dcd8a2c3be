// How names are compared while somebody types: the idea of halal/text.py, for the roster on the tablet.

const TITLES = new Set("h hj haji hajjah kh k dr drs dra ir prof ust ustadz ustadzah bapak bpk ibu sdr sdri tb rr ny tn".split(" "));
const MUHAMMAD = "moh mohd mohammad mohamad muh muhamad mochamad mochammad moch".split(" ");
const SAME_NAMES = new Map([["abd", "abdul"], ...MUHAMMAD.map((name) => /** @type {const} */ ([name, "muhammad"]))]);

/** Lower case without accents, dots and apostrophes; other punctuation becomes a space. @param {string} text */
function fold(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}|[.'’‘`´]/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** What a person is found by: the words of the name in both spellings, the business, the last digits of the NIB. @param {string[]} texts */
export function indexed(...texts) {
  const words = fold(texts.join(" ")).split(" ");
  const spelled = words.flatMap((word) => SAME_NAMES.get(word) ?? []);
  return ` ${[...words, ...spelled].join(" ")}`;
}

/**
 * What was typed, as beginnings of words that all have to be there: titles count only when nothing else was typed,
 * and of a whole NIB the last five digits, which is what a tablet knows.
 * @param {string} typed @returns {string[]}
 */
export function beginnings(typed) {
  const words = fold(typed).split(" ");
  // the last word may be the beginning of another: "k" is no title yet
  const bare = words.filter((word, at) => !TITLES.has(word) || (at === words.length - 1 && word.length === 1));
  return (bare.length ? bare : words).map((word) => ` ${/^\d{13}$/.test(word) ? word.slice(-5) : (SAME_NAMES.get(word) ?? word)}`);
}
