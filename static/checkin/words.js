// How names are compared while somebody types: the idea of halal/text.py, for the roster on the tablet.
import { SHORT, joined } from "./spelling.js";

const TITLES = new Set("h hj haji hajjah kh k dr drs dra ir prof ust ustadz ustadzah bapak bpk ibu sdr sdri tb rr ny tn".split(" "));
const MUHAMMAD = "moh mohd mohammad mohamad muh muhamad mochamad mochammad moch".split(" ");
const SAME_NAMES = new Map([["abd", "abdul"], ...MUHAMMAD.map((name) => /** @type {const} */ ([name, "muhammad"]))]);
const WRITTEN_OUT = new Map([...SHORT, ...SAME_NAMES, ["m", "muhammad"], ["st", "siti"]]);
const [LEAST, JOINED] = [3, 4]; // letters of a key from which spelling is forgiven; words of which neighbors may be one

/** Lower case without accents, dots and apostrophes; other punctuation becomes a space. @param {string} text */
function fold(text) {
  const lower = text.toLowerCase();
  if (/^[ -~]*$/.test(lower)) return lower.replace(/[.'`]/g, "").replace(/[^a-z0-9]+/g, " ").trim(); // as nearly all are
  return lower.normalize("NFKD").replace(/\p{M}|[.'’‘‛`´′＇ʹʻʼʽʾʿˈꞌ]/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
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

/** The words of a name that tell people apart: degrees and titles gone, short forms written out. @param {string} name */
export function nameWords(name) {
  const [bare] = name.split(",");
  const words = (fold(bare) || fold(name)).split(" ");
  const untitled = words.filter((word) => !TITLES.has(word));
  return (untitled.length ? untitled : words).map((word) => WRITTEN_OUT.get(word) ?? word);
}

/**
 * What a person is found by whatever the spelling: how their words sound, neighbors as one word too.
 * @param {string[]} words of the name @param {string} business
 */
export function soundsOf(words, business) {
  const alone = [...words, ...fold(business).split(" ")].map((word) => [word]);
  const pairs = words.slice(1).map((word, at) => [words[at], word]);
  return ` ${[...alone, ...pairs].flatMap((part) => joined(part)).join(" ")}`;
}

/**
 * What was typed, for `Finder`: every way to write neighboring words as one; in each the parts that all have to be there,
 * as the beginnings of what they sound like. None when too little was typed to tell. @param {string} typed
 * @returns {string[][][]}
 */
export function soundsLike(typed) {
  // the last word may be unfinished, and any word may be the beginning of another
  const ways = segmented(nameWords(typed)).map((parts) =>
    parts.map((part) => [...new Set([...joined(part), ...joined(part, false)])].map((key) => ` ${key}`)),
  );
  return ways.filter((parts) => parts.flat().some((key) => key.length > LEAST));
}

/** The words, and every way to write some neighbors as one. @param {string[]} words @returns {string[][][]} */
function segmented(words) {
  if (words.length < 2 || words.length > JOINED) return [words.map((word) => [word])];
  const alone = segmented(words.slice(1)).map((parts) => [words.slice(0, 1), ...parts]);
  const rest = words.length > 2 ? segmented(words.slice(2)) : [[]];
  return [...alone, ...rest.map((parts) => [words.slice(0, 2), ...parts])];
}

/** Finds texts of a list by what is in them: all texts are one string, which is searched ten times as fast as ten thousand. */
export class Finder {
  #all = "";
  /** @type {number[]} where each text begins */
  #starts = [];

  /** @param {string[]} texts */
  constructor(texts) {
    let end = 0;
    for (const text of texts) {
      this.#starts.push(end);
      end += text.length + 1;
    }
    this.#all = texts.join("\n");
  }

  /**
   * The places of the texts that hold every part, each in one of its spellings, in their order.
   * @param {string[][]} parts @returns {number[]}
   */
  find(parts) {
    const lead = parts.reduce((a, b) => (Math.min(...b.map((key) => key.length)) > Math.min(...a.map((key) => key.length)) ? b : a));
    const others = parts.filter((part) => part !== lead);
    return merged(lead.map((key) => this.#having(key, others)));
  }

  /** @param {string} key @param {string[][]} others */
  #having(key, others) {
    const found = [];
    for (let at = this.#all.indexOf(key); at >= 0; ) {
      const place = this.#placeOf(at);
      const end = this.#starts[place + 1] ?? this.#all.length + 1;
      if (!others.length || holds(this.#all.slice(this.#starts[place], end - 1), others)) found.push(place);
      at = this.#all.indexOf(key, end - 1);
    }
    return found;
  }

  /** Which text this is a part of. @param {number} position */
  #placeOf(position) {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** @param {string} text @param {string[][]} parts */
const holds = (text, parts) => parts.every((keys) => keys.some((key) => text.includes(key)));

/** Places of several lists, each once, in their order. @param {number[][]} lists */
export const merged = (lists) => [...new Set(lists.flat())].sort((a, b) => a - b);
