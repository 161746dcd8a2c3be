// What a tablet knows, and how it decides at the door by itself. It answers as the server would (see api.js), from the
// roster and the log in memory; a result is given only after the operation is on the disk.
import { NotSaved, uuid7 } from "./api.js";
import { fold, keyOf, persons, unknownScans } from "./fold.js";
import { beginnings, indexed } from "./words.js";

/** @typedef {import("./store.js").LogOp} LogOp */
/** @typedef {import("./store.js").Own} Own */
/** @typedef {import("./store.js").RosterEntry} RosterEntry */

const UNSENT = 2 ** 40; // own operations stand after all that the server has numbered, until it numbers them
const FOUND_MAX = 30;
const PRESENT_MAX = 50;

export class Door {
  /** @param {import("./store.js").Store} store @param {Record<string, string>} words */
  constructor(store, words) {
    this.store = store;
    this.words = words;
    this.session = 0;
    this.offset = 0; // ms from this clock to the server's
    this.version = 0; // moves with every change of what counters count
    /** @type {(own: Own) => void} */
    this.onRecord = () => undefined;
    /** Where an operation goes when nothing can be written here. @type {(said: object) => Promise<object>} */
    this.direct = () => Promise.reject(new NotSaved("network"));
    this.clear();
    this.setRoster([]);
  }

  /** @param {{meta: import("./store.js").Meta, roster: RosterEntry[], ops: Own[], changes: LogOp[]}} known */
  load({ meta, roster, ops, changes }) {
    this.offset = meta.offset ?? 0;
    this.clear();
    this.setRoster(roster);
    this.learn([...changes, ...ops.map((own) => this.#ofOwn(own))]);
  }

  // -- the log -----------------------------------------------------------------------------------------------------

  clear() {
    /** @type {Map<string, LogOp>} */
    this.log = new Map();
    /** @type {Map<string, LogOp[]>} operations by the person they name */
    this.byPerson = new Map();
    /** @type {LogOp[]} */
    this.merges = [];
    this.standsFor = new Map();
    /** @type {Map<string, string[]>} */
    this.group = new Map();
    /** @type {Map<string, Map<string, LogOp[]>>} by person: live check-ins by session key */
    this.attending = new Map();
    this.counts = new Map();
    this.version++;
  }

  /** Take operations in, new ones or ones that the server has numbered meanwhile. @param {LogOp[]} ops */
  learn(ops) {
    const touched = new Set();
    let merged = false;
    for (const op of ops) {
      const known = this.log.get(op.id);
      if (known?.registration && known.registration === op.registration) Object.assign(known, op);
      else {
        const at = this.byPerson.get(op.registration) ?? [];
        this.log.set(op.id, op);
        if (op.registration) this.byPerson.set(op.registration, [...at, op]);
      }
      merged ||= op.kind === "merge";
      if (op.registration) touched.add(op.registration);
    }
    if (merged) this.#regroup();
    for (const person of merged ? this.byPerson.keys() : touched) this.#refold(person);
    this.version++;
  }

  #regroup() {
    this.merges = [...this.log.values()].filter((op) => op.kind === "merge");
    this.standsFor = persons(this.merges);
    this.group.clear();
    for (const [person, root] of this.standsFor) this.group.set(root, [...(this.group.get(root) ?? []), person]);
    this.attending.clear();
    this.counts.clear();
  }

  /** What one person does never moves another, so only theirs is folded again. @param {string} person */
  #refold(person) {
    const root = this.standsFor.get(person) ?? person;
    const group = this.group.get(root) ?? [root];
    const ops = group.flatMap((one) => this.byPerson.get(one) ?? []); // with the merges that made the group
    const live = fold(ops);
    for (const [ops] of this.attending.get(root)?.values() ?? []) this.counts.set(ops.session, this.counts.get(ops.session) - 1);
    for (const [ops] of live.values()) this.counts.set(ops.session, (this.counts.get(ops.session) ?? 0) + 1);
    this.attending.set(root, live);
  }

  /** @param {string} person @param {number} [session] @returns {LogOp[]} the live check-ins, the one that counts first */
  live(person, session = this.session) {
    const root = this.standsFor.get(person) ?? person;
    return this.attending.get(root)?.get(keyOf(session, root)) ?? [];
  }

  /** An operation of this tablet, as the log reads it. @param {Own} own @returns {LogOp} */
  #ofOwn({ said, seq, dev_seq, person }) {
    const kind = said.kind === "unknown_scan" && person ? "checkin" : said.kind;
    const at = new Date(Date.parse(said.client_at) + this.offset).toISOString();
    return { id: said.id, seq: seq ?? UNSENT + (dev_seq ?? 0), kind, session: said.session ?? null, registration: said.registration ?? person ?? null, undoes: said.ops, at, name: said.name, own: true };
  }

  /** What the server made of own operations. @param {Own[]} settled */
  settled(settled) {
    this.learn(settled.map((own) => this.#ofOwn(own)));
  }

  // -- the roster --------------------------------------------------------------------------------------------------

  /** @param {RosterEntry[]} people */
  setRoster(people) {
    this.roster = people;
    this.people = new Map(people.map((entry) => [entry.id, entry]));
    this.byHash = new Map(people.map((entry) => [entry.h, entry]));
    this.texts = people.map((entry) => indexed(entry.n, entry.b, entry.k));
    this.version++;
  }

  /** @param {string} id @returns {import("./api.js").Person & {status: string}} */
  person(id) {
    const entry = this.people.get(this.standsFor.get(id) ?? id) ?? this.people.get(id);
    if (entry) return { id: entry.id, name: entry.n, business: entry.b, region: entry.r, nib5: entry.k, status: entry.s };
    const named = this.byPerson.get(id)?.find((op) => op.name);
    return { id, name: named?.name ?? this.words.someone, business: "", region: "", nib5: "", status: "confirmed" };
  }

  // -- what the screen asks for: the same as of api.js ----------------------------------------------------------------

  /** @param {string} kind @param {object} said @returns {import("./store.js").Said} */
  operation(kind, said) {
    return { id: uuid7(), kind, client_at: new Date().toISOString(), ...said };
  }

  /** @param {import("./store.js").Said[]} ops one @returns {Promise<{results: import("./api.js").Result[], counters: object}>} */
  async record([op]) {
    const said = { ...op };
    if (said.kind === "checkin") {
      const entry = said.token_hash && this.byHash.get(said.token_hash);
      if (entry) {
        said.registration = entry.id;
        delete said.token_hash;
      } else if (said.token_hash) said.kind = "unknown_scan";
      const person = said.registration && this.person(said.registration);
      const question = person && !said.admitted && person.status !== "confirmed" && !this.live(person.id).length;
      if (question) return this.#answer({ id: said.id, status: person.status, person });
      said.admitted = true;
    }
    await this.#keep(said);
    return this.#answer(this.#result(said));
  }

  /** On the disk, or else with the server at once, or else red. @param {import("./store.js").Said} said */
  async #keep(said) {
    let own;
    try {
      own = await this.store.add(said, Boolean(said.registration && this.live(said.registration).length));
    } catch {
      await this.direct(said); // throws NotSaved when the server does not answer either
      own = { id: said.id, said };
    }
    this.learn([this.#ofOwn(own)]);
    this.onRecord(own);
  }

  /** @param {import("./store.js").Said} said @returns {import("./api.js").Result} */
  #result(said) {
    const base = { id: said.id, seq: null, duplicate_of: null };
    if (said.kind === "undo") return { ...base, status: "undone" };
    if (!said.registration) return { ...base, status: "unknown" };
    const live = this.live(said.registration);
    const first = live[0] ?? this.log.get(said.id);
    const result = { ...base, person: this.person(said.registration), at: first.at, live: live.map((op) => op.id) };
    if (first.id === said.id) return { ...result, status: "ok" };
    return { ...result, status: "duplicate", duplicate_of: first.id, where: this.#where(first) };
  }

  /** @param {LogOp} op */
  #where(op) {
    return op.own ? this.words.here : (op.where ?? "");
  }

  #answer(result) {
    return { results: [{ seq: null, duplicate_of: null, ...result }], counters: this.counters() };
  }

  /** @param {string} typed */
  async search(typed) {
    const wanted = beginnings(typed);
    const found = [];
    for (let at = 0; at < this.texts.length; at++) {
      const text = this.texts[at];
      if (wanted.every((word) => text.includes(word))) found.push(this.roster[at]);
    }
    for (const [id, ops] of this.byPerson) {
      const name = !this.people.has(id) && ops.find((op) => op.kind === "walkin")?.name;
      if (name && wanted.every((word) => indexed(name).includes(word))) found.push({ id, n: name });
    }
    found.sort((a, b) => a.n.localeCompare(b.n, "id"));
    return {
      people: found.slice(0, FOUND_MAX).map(({ id }) => {
        const live = this.live(id);
        return { ...this.person(id), at: live[0]?.at ?? null, live: live.map((op) => op.id) };
      }),
    };
  }

  async present() {
    const here = [...this.attending.entries()].map(([person]) => ({ person, live: this.live(person) })).filter(({ live }) => live.length);
    here.sort((a, b) => (a.live[0].at < b.live[0].at ? 1 : -1));
    return {
      people: here.slice(0, PRESENT_MAX).map(({ person, live }) => ({
        ...this.person(person), at: live[0].at, where: this.#where(live[0]), live: live.map((op) => op.id),
      })),
    };
  }

  async state() {
    return { counters: this.counters() };
  }

  counters() {
    const rare = [...this.log.values()].filter((op) => op.kind !== "checkin");
    const newcomers = new Set(rare.filter((op) => op.kind === "walkin" && this.attending.get(this.standsFor.get(op.registration) ?? op.registration)?.size).map((op) => op.registration));
    const registered = this.roster.filter((entry) => entry.s === "confirmed").length + [...newcomers].filter((id) => !this.people.has(id)).length;
    return {
      seq: this.version, registered, present: 0, sessions: Object.fromEntries(this.counts), walk_ins: newcomers.size, unknown: unknownScans(rare).length,
    };
  }
}
