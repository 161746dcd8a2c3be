// The people of a list, found while somebody types. They stand in the order of their names, in pieces: a list of ten
// thousand that changes costs no more than the piece that changes, and a search stops as soon as the screen is full.
import { joined, nearNames, sounds } from "./spelling.js";
import { Finder, beginnings, indexed, merged, nameWords, soundsLike, soundsOf } from "./words.js";

/** @typedef {{id: string, n: string, b?: string, k?: string}} Named name, business, last digits of the NIB */
/** @typedef {{id: string, n: string, b: string, k: string, text: string, words: string[], sounds: string, keys: string[],
 *   whole: string[]}} Findable what somebody is found by; `sounds`, `keys` (of each word) and `whole` are worked out later */

const PIECE = 256; // people of a piece when it is made; it is divided when it has twice as many

/** @param {Findable} one @param {Findable} other */
const inOrder = (one, other) => (one.text < other.text || (one.text === other.text && one.id < other.id) ? -1 : 1);

/** Where in a sorted list the first is that this is not true of. @template T @param {T[]} list @param {(one: T) => boolean} before */
function placeIn(list, before) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Piece {
  /** @type {Finder|undefined} */
  #exact;
  /** @type {Finder|undefined} */
  #sounding;

  /** @param {Findable[]} people */
  constructor(people) {
    this.people = people;
  }

  changed() {
    this.#exact = this.#sounding = undefined;
  }

  exact() {
    return (this.#exact ??= new Finder(this.people.map(({ text }) => text)));
  }

  sounding() {
    return (this.#sounding ??= new Finder(this.people.map((one) => one.sounds)));
  }
}

export class Directory {
  /** @type {Map<string, Findable>} */
  #known = new Map();
  /** @type {Piece[]} */
  #pieces = [];
  /** @type {Map<string, Set<Findable>>} by how a word of the name sounds */
  #byWord = new Map();
  /** @type {Map<string, Set<Findable>>} by how the whole name sounds */
  #byName = new Map();
  /** @type {Set<Findable>} whose sounds are not worked out yet */
  #unheard = new Set();

  /** @param {Named[]} people in place of those known, or `on top` of them */
  set(people, onTop = false) {
    const before = this.#known;
    if (!onTop) {
      this.#known = new Map();
      for (const index of [this.#byWord, this.#byName, this.#unheard]) index.clear();
    }
    const anew = !onTop || people.length > PIECE;
    for (const named of people) {
      const earlier = before.get(named.id);
      const same = earlier && earlier.n === named.n && earlier.b === (named.b ?? "") && earlier.k === (named.k ?? "");
      if (onTop && same) continue;
      if (onTop && earlier) this.#remove(earlier, !anew);
      const one = same ? earlier : findable(named);
      this.#known.set(one.id, one);
      this.#unheard.add(one);
      if (!anew) this.#insert(one);
    }
    if (!anew) return;
    const all = [...this.#known.values()].sort(inOrder);
    const count = Math.ceil(all.length / PIECE);
    this.#pieces = Array.from({ length: count }, (_none, at) => new Piece(all.slice(at * PIECE, (at + 1) * PIECE)));
  }

  /** Who matches what was typed, by name. @param {string} typed */
  *exact(typed) {
    const parts = beginnings(typed).map((word) => [word]);
    for (const piece of this.#pieces) {
      for (const place of piece.exact().find(parts)) yield piece.people[place].id;
    }
  }

  /** Who sounds like what was typed, by name. @param {string} typed */
  *sounding(typed) {
    const ways = soundsLike(typed);
    if (!ways.length) return;
    this.prepare();
    for (const piece of this.#pieces) {
      const places = merged(ways.map((parts) => piece.sounding().find(parts)));
      for (const place of places) yield piece.people[place].id;
    }
  }

  /** Who may be somebody of this name, spelled so or otherwise, by name. @param {string} name */
  *near(name) {
    this.prepare();
    const wanted = nameWords(name);
    /** @type {Map<Findable, number>} */
    const shared = new Map();
    for (const key of wanted.flatMap((word) => sounds(word))) {
      for (const one of this.#byWord.get(key) ?? []) shared.set(one, (shared.get(one) ?? 0) + 1);
    }
    // names are near as a whole, or by two words at least
    const likely = new Set(joined(wanted).flatMap((key) => [...(this.#byName.get(key) ?? [])]));
    if (wanted.length > 1) for (const [one, words] of shared) if (words > 1) likely.add(one);
    for (const one of [...likely].sort(inOrder)) if (nearNames(one.words, wanted)) yield one.id;
  }

  /**
   * Work out beforehand what a search would have to wait for. @param {number} patience ms
   * @returns {boolean} whether all is done
   */
  prepare(patience = Infinity) {
    const until = performance.now() + patience;
    for (const one of this.#unheard) {
      if (performance.now() > until) return false;
      this.#hear(one);
    }
    for (const piece of this.#pieces) {
      if (performance.now() > until) return false;
      piece.exact();
      piece.sounding();
    }
    return true;
  }

  /** @param {Findable} one */
  #hear(one) {
    if (!one.sounds) {
      one.sounds = soundsOf(one.words, one.b);
      one.keys = one.words.flatMap((word) => sounds(word));
      one.whole = joined(one.words);
    }
    for (const key of one.keys) add(this.#byWord, key, one);
    for (const key of one.whole) add(this.#byName, key, one);
    this.#unheard.delete(one);
  }

  /** @param {Findable} one @param {boolean} fromPiece */
  #remove(one, fromPiece) {
    this.#unheard.delete(one);
    for (const key of one.keys) this.#byWord.get(key)?.delete(one);
    for (const key of one.whole) this.#byName.get(key)?.delete(one);
    if (!fromPiece) return;
    const piece = this.#pieces[this.#pieceOf(one)];
    piece.people.splice(piece.people.indexOf(one), 1);
    piece.changed();
    if (!piece.people.length) this.#pieces.splice(this.#pieces.indexOf(piece), 1);
  }

  /** @param {Findable} one */
  #insert(one) {
    if (!this.#pieces.length) return void this.#pieces.push(new Piece([one]));
    const at = this.#pieceOf(one);
    const piece = this.#pieces[at];
    piece.people.splice(placeIn(piece.people, (other) => inOrder(other, one) < 0), 0, one);
    piece.changed();
    if (piece.people.length >= 2 * PIECE) this.#pieces.splice(at + 1, 0, new Piece(piece.people.splice(PIECE)));
  }

  /** The piece whose first person stands before this one, or is it. @param {Findable} one */
  #pieceOf(one) {
    const after = placeIn(this.#pieces, ({ people: [first] }) => first === one || inOrder(first, one) < 0);
    return Math.max(0, after - 1);
  }
}

/** @param {Named} named @returns {Findable} */
const findable = ({ id, n, b = "", k = "" }) => ({ id, n, b, k, text: indexed(n, b, k), words: nameWords(n), sounds: "", keys: [], whole: [] });

/** @template T @param {Map<string, Set<T>>} index @param {string} key @param {T} one */
function add(index, key, one) {
  const set = index.get(key);
  if (set) set.add(one);
  else index.set(key, new Set([one]));
}
