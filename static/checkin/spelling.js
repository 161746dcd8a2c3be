// How a name sounds, whatever spelling somebody chose: the rules of halal/spelling.py, one for one; see there.
// tests/spelling/cases.json keeps the two equal.

/** Short forms and spellings that the rules do not reach. */
export const SHORT = new Map(
  Object.entries({ ach: "ahmad", akh: "ahmad", ahm: "ahmad", achm: "ahmad", mhd: "muhammad", mukh: "muhammad", abdl: "abdul", abdoel: "abdul", sitti: "siti" }),
);

/** In their order. C: a consonant, V: a vowel. @type {[string, string][]} */
const RULES = [
  // spellings of before 1947 and 1972
  ["oe|oo", "u"], ["tj", "c"], ["dj", "j"], ["sj", "sy"], ["nj", "ny"],
  // Arabic letters, each written in several ways
  ["(V)ch(?=C|$)", "$1h"], ["kh", "h"], ["dz|zh", "z"], ["dl(?=[aou])", "d"], ["ts|sy|sh", "s"], ["gh", "g"],
  ["dh", "d"], ["th", "t"], ["bh", "b"], ["wh", "w"], ["ph|[fv]", "p"], ["q|ck", "k"], ["x", "ks"], ["z", "s"],
  ["(.)\\1+", "$1"],
  // vowels, and what stands for them
  ["ie", "i"], ["iy(?=V)", "i"], ["j", "y"], ["(C)y(?=V|$)", "$1i"], ["(?:a[iey]|e[iy]|o[iy])(?!V)", "e"],
  ["(?:a[uw]|ow)(?!V)", "o"], ["uw(?=V)", "u"], ["(C)w(?=V)", "$1u"], ["oh(?=.)", "ah"],
  // names of which every spelling is common
  ["^s[ao]l[ie](?=h|$)", "sale"], ["^g[ao]p(?=V)", "gap"], ["must[ao]pa", "mustapa"], ["^omar", "umar"],
  ["^osman", "usman"], ["^hosen", "husen"], ["^ho(?=[lt])", "ha"], ["^r[ao]mad[ao]n", "ramadan"],
  ["^rosid", "rasid"], ["^somad", "samad"], ["^sob(?=[ir])", "sab"], ["^m[ao]ham", "muham"], ["^makmu", "mamu"],
  ["^nikma", "nima"], ["^nukman", "numan"], ["^sakdi", "sadi"], ["^abdul(?=[rsndt])", "abdu"],
  ["(.)\\1+", "$1"],
];
/** At the end of a whole word; one that is still being typed has no end yet. @type {[string, string][]} */
const ENDS = [["([aiueo])h$", "$1"], ["d$", "t"], ["b$", "p"]];

/** @param {[string, string][]} rules @returns {[RegExp, string][]} */
const compiled = (rules) =>
  rules.map(([pattern, to]) => [new RegExp(pattern.replaceAll("C", "[bcdfghjklmnpqrstvwxyz]").replaceAll("V", "[aiueo]"), "g"), to]);
const BEGUN = compiled(RULES);
const WHOLE = [...BEGUN, ...compiled(ENDS)];
/** Where two words meet that are written as one. */
const JOINTS = compiled([["([a-z])\\1+", "$1"], ["^abdul(?=[rsndt])", "abdu"]]);
/** @type {Map<string, string[]>} names repeat: each word is worked out once */
const known = new Map();

/**
 * The keys of a folded word: of "ch" two, for it is read in two ways (Chairul, Chandra). A word with anything but the
 * letters a to z is its own key. @param {string} word @param {boolean} [whole] it has an end @returns {string[]}
 */
export function sounds(word, whole = true) {
  const name = whole ? word : `${word} `;
  let keys = known.get(name);
  if (keys) return keys;
  if (/^[a-z]+$/.test(word)) {
    const readings = word.includes("ch") ? [word, word.replaceAll("ch", "h"), word.replaceAll("ch", "c")] : [word];
    const rules = whole ? WHOLE : BEGUN;
    keys = [...new Set(readings.map((reading) => rules.reduce((text, [pattern, to]) => text.replace(pattern, to), reading)))];
  } else keys = [word];
  if (known.size > 100_000) known.clear();
  known.set(name, keys);
  return keys;
}

/**
 * The keys of words written as one: of nur and aini that of Nuraini, of abdul and rahman that of Abdurrahman.
 * @param {string[]} words @param {boolean} [whole] the last one has an end @returns {string[]}
 */
export function joined(words, whole = true) {
  let keys = [""];
  words.forEach((word, at) => {
    const more = sounds(word, whole && at === words.length - 1);
    keys = keys.flatMap((key) => more.map((sound) => key + sound));
  });
  if (words.length > 1) keys = keys.map((key) => JOINTS.reduce((text, [pattern, to]) => text.replace(pattern, to), key));
  return keys.length > 1 ? [...new Set(keys)] : keys;
}

/** Whether two words sound alike. @param {string} one @param {string} other */
const alike = (one, other) => sounds(one).some((key) => sounds(other).includes(key));

/**
 * Whether two names may be one person's, spelled differently: they sound alike with or without their spaces, or all words
 * of the shorter, at least two, sound like words of the longer. @param {string[]} one its words @param {string[]} other
 */
export function nearNames(one, other) {
  const keys = joined(one);
  if (joined(other).some((key) => keys.includes(key))) return true;
  const [shorter, longer] = [one, other].sort((a, b) => a.length - b.length);
  if (shorter.length < 2) return false;
  const rest = [...longer];
  return shorter.every((word) => {
    const place = rest.findIndex((other) => alike(word, other));
    if (place >= 0) rest.splice(place, 1);
    return place >= 0;
  });
}
