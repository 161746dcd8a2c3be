// What a tablet knows, and how it decides at the door by itself. It answers as the server would (see screen.js), from the
// roster and the log in memory; a result is given only after the operation is on the disk.
import { Refused } from "./ask.js";
import { fold, listOf, persons, unknownScans } from "./fold.js";
import { listed, words } from "./page.js";
import { Directory } from "./people.js";

/** @import { Kept, LogOp, Own, RosterEntry, Said } from "./store.js" */
/** @import { Counters, Result } from "./screen.js" */

const [UNSENT, HASH_DIGITS] = [2 ** 40, 16]; // own operations stand after all that the server has numbered; what the roster has

export class Door {
  session = 0;
  version = 0; // moves with every change of what counters count
  offset = 0; // ms from this clock to the server's
  /** @type {Set<number>} the event's sessions */
  #sessions = new Set();
  #closed = false;
  /** @type {(said: Said, repeat: boolean, aside: boolean) => Promise<Own>} makes an operation last; given by sync.js */
  keep = () => Promise.reject(new Refused(0));
  /** @type {Map<string, RosterEntry>} */
  people = new Map();
  /** @type {Map<string, string>} who has the ticket with this hash */
  #byHash = new Map();
  /** @type {Map<string, string>} which guest came with the unknown code of this hash */
  #guests = new Map();
  /** @type {LogOp[]} merges that follow from their codes, before the server says so */
  #recognized = [];
  #directory = new Directory();
  #newcomers = new Directory(); // who came in; of those in the roster by now, see there
  /** @type {Map<string, string>} the operation that each of them came in by */
  #cameBy = new Map();
  #confirmed = 0;
  /** @type {Map<string, LogOp>} */
  #log = new Map();
  /** @type {Map<string, LogOp>} what of it is no check-in */
  #rare = new Map();
  /** @type {Map<string, LogOp[]>} */
  #byPerson = new Map();
  /** @type {Map<string, string>} which person stands for which, after merges */
  #standsFor = new Map();
  /** @type {Map<number, Map<string, LogOp[]>>} by session and person: live check-ins, the one that counts first */
  #attending = new Map();

  /** Begin anew from what is on the disk. @param {Kept} kept */
  load({ meta, roster, ops, changes }) {
    this.offset = meta.offset ?? 0;
    for (const known of [this.#log, this.#rare, this.#byPerson, this.#guests, this.#cameBy, this.#standsFor, this.#attending]) known.clear();
    this.#newcomers.set([]);
    this.setPlace(meta);
    this.setRoster(roster);
    this.learn([...changes, ...ops.flatMap((own) => (own.bare ? [] : [this.ofOwn(own)]))]);
  }

  /** What the organizer did to the event meanwhile. @param {import("./store.js").Meta} meta */
  setPlace({ sessions = [], status }) {
    this.#sessions = new Set(sessions.map(({ id }) => id));
    this.#closed = status === "cancelled" || status === "draft";
  }

  /** Why nothing that is recorded now counts, as the name of a sentence; empty when it does. */
  get trouble() {
    if (this.#closed) return "eventClosed";
    return this.#sessions.size && !this.#sessions.has(this.session) ? "sessionGone" : "";
  }

  /** @param {RosterEntry[]} people in place of those known, or `on top` of them */
  setRoster(people, onTop = false) {
    if (!onTop) for (const known of [this.people, this.#byHash]) known.clear();
    for (const entry of people) {
      const { h } = this.people.get(entry.id) ?? entry;
      if (this.#byHash.get(h) === entry.id) this.#byHash.delete(h);
      this.people.set(entry.id, entry);
      this.#byHash.set(entry.h, entry.id);
    }
    this.#directory.set(people, onTop);
    this.#confirmed = [...this.people.values()].filter((entry) => entry.s === "confirmed").length;
    if ([...this.#guests.keys()].some((hash) => this.#byHash.has(hash))) this.#merge();
    this.version++;
  }

  /** Whether the roster is all of this version of the server's: see halal/checkin/services/roster.py. @param {string} version */
  isWhole(version) {
    const [, count, total] = version.split("-").map(Number);
    const stamps = [...this.people.values()].reduce((sum, entry) => sum + entry.u, 0);
    return this.people.size === count && stamps === total;
  }

  /** Take operations in, new ones or ones that the server has numbered meanwhile. @param {LogOp[]} ops */
  learn(ops) {
    /** @type {Set<string>} */
    const touched = new Set();
    const newcomers = [];
    for (const op of ops) {
      const known = this.#log.get(op.id);
      if (op.kind === "kept" && known && !known.own) continue; // the desk took it after all, and the log has it
      if (known && known.registration === op.registration) Object.assign(known, op);
      else {
        this.#log.set(op.id, op);
        if (op.registration) listOf(this.#byPerson, op.registration).push(op);
      }
      if (op.kind === "checkin") this.#rare.delete(op.id);
      else this.#rare.set(op.id, op);
      if (op.registration) touched.add(op.registration);
      if (op.kind === "walkin" && op.registration) {
        this.#cameBy.set(op.registration, op.id);
        newcomers.push({ id: op.registration, n: op.name ?? "" });
      }
      if (op.kind === "walkin" && op.registration && op.token_hash) this.#guests.set(op.token_hash.slice(0, HASH_DIGITS), op.registration);
    }
    this.#newcomers.set(newcomers, true);
    if (ops.some((op) => op.kind === "merge" || (op.kind === "walkin" && op.token_hash))) this.#merge();
    else for (const person of touched) this.#refold(person);
    this.version++;
  }

  /** Who is one person may have changed, so everybody is folded again. */
  #merge() {
    this.#recognized = this.#recognize();
    this.#standsFor = persons([...this.#rare.values(), ...this.#recognized]);
    this.#attending.clear();
    for (const person of this.#byPerson.keys()) this.#refold(person);
  }

  /** Guests whose code somebody in the roster has by now: the server says the same as soon as it hears of them. */
  #recognize() {
    return [...this.#guests].flatMap(([hash, guest]) => {
      const into = this.#byHash.get(hash);
      return into && into !== guest ? [{ id: hash, seq: 0, kind: "merge", session: null, registration: guest, into, at: "" }] : [];
    });
  }

  /** What one person does never moves another, so only theirs is folded again. @param {string} person */
  #refold(person) {
    const root = this.#root(person);
    const others = [...this.#standsFor].flatMap(([one, other]) => (other === root && one !== root ? [one] : []));
    const theirs = [root, ...others].flatMap((one) => this.#byPerson.get(one) ?? []); // with the merges that made the group
    const live = fold([...theirs, ...this.#recognized]);
    for (const here of this.#attending.values()) here.delete(root);
    for (const ops of live.values()) {
      const session = Number(ops[0].session);
      this.#attending.set(session, (this.#attending.get(session) ?? new Map()).set(root, ops));
    }
  }

  /** Who stands for somebody. @param {string} person */
  #root(person) {
    return this.#standsFor.get(person) ?? person;
  }

  /** The live check-ins at this session. @param {string} person */
  #live(person) {
    return this.#attending.get(this.session)?.get(this.#root(person)) ?? [];
  }

  /** An operation of this tablet, as the log reads it. @param {Own} own @returns {LogOp} */
  ofOwn({ said, seq, dev_seq = 0, person, problem, aside }) {
    const { id, session = null, registration = person ?? null, ops: undoes, name, token_hash } = said;
    const counts = !problem && (!aside || seq !== undefined);
    const kind = !counts ? "kept" : said.kind === "unknown_scan" && person ? "checkin" : said.kind;
    const at = new Date(Date.parse(said.client_at) + this.offset).toISOString();
    return { id, seq: seq ?? UNSENT + dev_seq, kind, session, registration, undoes, at, name, token_hash, own: true };
  }

  /** @param {Said} op */
  async record(op) {
    const said = { ...op };
    const aside = op.kind === "undo" ? "" : this.trouble;
    if (said.kind === "checkin") {
      const known = said.registration ?? this.#whose(said.token_hash);
      if (known) {
        const person = this.person(known);
        const { status } = person;
        const question = !aside && !said.admitted && status !== "confirmed" && !this.#live(known).length;
        if (question) return { result: { id: said.id, status, person }, counters: this.counters() };
        Object.assign(said, { registration: known, token_hash: undefined });
      } else said.kind = "unknown_scan";
      said.admitted = true;
    }
    // of a guest with a code the screen said already that the code is known nowhere
    const repeat = Boolean(said.registration && (said.token_hash || this.#live(said.registration).length));
    this.learn([this.ofOwn(await this.keep(said, repeat, Boolean(aside)))]);
    if (aside) {
      const person = said.registration && said.kind === "checkin" ? this.person(said.registration) : undefined;
      return { result: { id: said.id, status: "kept", person, title: said.name, message: words[aside] }, counters: this.counters() };
    }
    return { result: this.#result(said), counters: this.counters() };
  }

  /** Who has a code, or came with it when nobody had it. @param {string} [hash] */
  #whose(hash = "") {
    const digits = hash.slice(0, HASH_DIGITS);
    const guest = this.#guests.get(digits);
    return this.#byHash.get(digits) ?? (guest && this.#live(guest).length ? guest : undefined);
  }

  /** @param {Said} said @returns {Result} */
  #result({ id, kind, registration, session, token_hash }) {
    if (kind === "undo") return { id, status: "undone" };
    if (!registration) {
      const earlier = unknownScans(this.#rare.values()).find((op) => op.session === (session ?? null) && op.token_hash === token_hash);
      return { id, status: "unknown", at: earlier && earlier.id !== id ? earlier.at : undefined };
    }
    const { live, ...entry } = this.entry(registration);
    const status = live.length && live[0] !== id ? "duplicate" : "ok";
    return { id, status, person: entry, at: entry.at ?? undefined, where: entry.where, live };
  }

  /** Who matches what was typed, then who does in another spelling. @param {string} typed */
  async search(typed) {
    const most = listed.found;
    /** @type {Map<string, ReturnType<Door["entry"]>>} one of each, whatever they were called at the door */
    const found = new Map();
    for (const way of /** @type {const} */ (["exact", "sounding"])) {
      this.#gather(found, this.#newcomers[way](typed), most, (id) => this.#isNewcomer(id));
      this.#gather(found, this.#directory[way](typed), most);
    }
    return [...found.values()];
  }

  /** Who may be somebody of this name, spelled so or otherwise. @param {string} name */
  async near(name) {
    /** @type {Map<string, ReturnType<Door["entry"]>>} */
    const found = new Map();
    this.#gather(found, this.#newcomers.near(name), listed.near, (id) => this.#isNewcomer(id));
    this.#gather(found, this.#directory.near(name), listed.near, (id) => this.people.get(id)?.s !== "cancelled");
    return [...found.values()];
  }

  /** Whether somebody came in who is not in the roster yet. @param {string} id */
  #isNewcomer(id) {
    return !this.people.has(id) && this.#rare.get(this.#cameBy.get(id) ?? "")?.kind === "walkin";
  }

  /**
   * Take in those who are meant, each person once, until there are enough.
   * @param {Map<string, ReturnType<Door["entry"]>>} found @param {Iterable<string>} people @param {number} most
   * @param {(id: string) => boolean} meant
   */
  #gather(found, people, most, meant = () => true) {
    if (found.size >= most) return;
    for (const id of people) {
      if (meant(id) && !found.has(this.#root(id))) found.set(this.#root(id), this.entry(id));
      if (found.size >= most) return;
    }
  }

  /**
   * Work out beforehand what a search would have to wait for. @param {number} patience ms
   * @returns {boolean} whether all is done
   */
  prepare(patience) {
    return this.#directory.prepare(patience) && this.#newcomers.prepare(patience);
  }

  async present() {
    const here = [...(this.#attending.get(this.session) ?? [])];
    here.sort(([, [a]], [, [b]]) => (a.at < b.at ? 1 : -1));
    return here.slice(0, listed.present).map(([id]) => this.entry(id));
  }

  /** @param {string} id */
  entry(id) {
    const live = this.#live(id);
    const where = live[0]?.own ? words.here : live[0]?.where;
    return { ...this.person(id), at: live[0]?.at ?? null, where, live: live.map((op) => op.id) };
  }

  /** @param {string} id */
  person(id) {
    const { n, b = "", r = "", k = "", s = "confirmed", ...entry } = this.people.get(this.#root(id)) ?? this.people.get(id) ?? { id };
    const name = n ?? this.#byPerson.get(id)?.find((op) => op.name)?.name ?? words.someone;
    return { id: entry.id, name, business: b, region: r, nib5: k, status: s };
  }

  /** @returns {Counters} */
  counters() {
    const here = [...this.#attending.values()];
    const rare = [...this.#rare.values()];
    const guests = new Set(rare.flatMap((op) => (op.kind === "walkin" && op.registration) || []));
    const newcomers = [...guests].filter((id) => this.#root(id) === id && here.some((people) => people.has(id)));
    return {
      seq: this.version,
      registered: this.#confirmed + newcomers.filter((id) => !this.people.has(id)).length,
      sessions: Object.fromEntries([...this.#attending].map(([session, people]) => [session, people.size])),
      walk_ins: newcomers.length,
      unknown: unknownScans(rare).length,
    };
  }
}
