// Sends what the tablet has recorded and fetches what the others did, by itself, whenever a server answers. Whether
// there is a network is found out by asking: navigator.onLine stays true beside a dead server.
import { NotSaved } from "./api.js";

/** @typedef {import("./store.js").Own} Own */
/** @typedef {import("./store.js").Meta} Meta */

const TIMEOUT = 8000;
const BATCH = 100;
const WAITING = 5000; // between rounds while operations wait
const IDLE = 15000;
const SOON = 400; // after a check-in, when all goes well
const LONGEST = 60000;
const ROSTER_PAUSE = 60000; // not more often: a walk-in at any door makes a new version
const PAGE = 1000;

/** What the server said, when it was not what was asked for. */
class Refused extends Error {
  /** @param {number} status 0: no answer @param {any} [body] @param {number} [wait] ms */
  constructor(status, body, wait = 0) {
    super(`answered ${status}`);
    this.status = status;
    this.body = body;
    this.wait = wait;
  }
}

/**
 * How long to wait before the next round: growing after failures, up to a minute, each tablet at its own moment.
 * @param {number} failures in a row @param {boolean} waiting whether operations wait @param {number} [random] 0 to 1
 */
export function pause(failures, waiting, random = Math.random()) {
  if (!failures) return waiting ? WAITING : IDLE;
  return Math.min(LONGEST, 1000 * 2 ** (failures - 1)) * (0.5 + random / 2);
}

/**
 * Own operations as the server's answer settles them. What the server could not take is settled too: it keeps it under
 * review, and the tablet lists it. Once the server has it, a guest's contact is no business of the tablet.
 * @param {Own[]} sent @param {any[]} results @returns {Own[]}
 */
export function settle(sent, results) {
  const answers = new Map(results.map((result) => [result.id, result]));
  return sent.flatMap(({ open: _open, problem: _problem, twice: _twice, ...own }) => {
    const result = answers.get(own.id);
    if (!result) return []; // not answered: stays open
    const { contact: _contact, ...said } = own.said;
    const settled = { ...own, said, status: result.status, seq: result.seq ?? own.seq };
    if (result.person?.id && !said.registration) settled.person = result.person.id;
    const refused = result.seq == null && !own.seq;
    if (refused) settled.problem = String(result.message || result.status);
    else if (result.status === "duplicate" && !own.repeat) settled.twice = result.where || "?"; // green here, and before that elsewhere
    return [settled];
  });
}

export class Sync {
  /** @param {string} event @param {import("./store.js").Store} store @param {import("./door.js").Door} door @param {{meta: Meta, ops: Own[]}} known */
  constructor(event, store, door, { meta, ops }) {
    this.event = event;
    this.store = store;
    this.door = door;
    this.meta = meta;
    this.#keep(ops);
    this.failures = 0;
    this.batch = BATCH;
    /** @type {""|"network"|"pair"|"refused"} */
    this.problem = "";
    this.sentence = "";
    /** @type {Own[]} what the present or last flight carried */
    this.flown = [];
    /** @type {Set<number>} operations that the server fails on; they let the others go first */
    this.aside = new Set();
    this.timer = 0;
    this.flying = this.again = false; // whether a round is on its way, and whether something was recorded meanwhile
    this.rosterAt = 0;
    this.onChange = () => undefined;
    this.onSettled = async () => undefined;
    door.onRecord = (own) => this.#recorded(own);
    door.direct = (said) => this.#direct(said);
  }

  start() {
    this.#next(0);
  }

  /** What waits, in memory as well: it outlives a storage that is wiped under the open page. @param {Own[]} ops */
  #keep(ops) {
    this.waiting = new Map(ops.filter((own) => own.open).map((own) => [own.id, own]));
    this.unsent = this.waiting.size;
  }

  /** @param {Own} own */
  #recorded(own) {
    if (own.open) this.waiting.set(own.id, own);
    this.unsent++;
    if (this.flying) this.again = true;
    else if (!this.failures) this.#next(SOON);
    this.onChange();
  }

  /** @param {number} wait */
  #next(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#round(), wait);
  }

  /** One flight at a time, of all windows of this tablet. */
  async #round() {
    let more = false;
    let wait = 0;
    this.flying = true;
    this.again = false;
    try {
      more = await navigator.locks.request(`sync:${this.store.name}`, () => this.flight());
      this.failures = 0;
      this.problem = "";
    } catch (error) {
      this.failures++;
      wait = await this.#failed(error);
    }
    this.unsent = await this.store.count().then(({ unsent }) => unsent, () => this.unsent);
    this.flying = false;
    this.#next(more ? 0 : this.again && !this.failures ? SOON : Math.max(wait, pause(this.failures, this.unsent > 0)));
    this.onChange();
  }

  /** One question and its answer. @returns {Promise<boolean>} whether there is more to do at once */
  async flight() {
    this.flown = [];
    if ((await this.store.count()).store_id !== this.meta.store_id) await this.#moveIn();
    const { unsent, last } = await this.store.count();
    let sent = await this.store.unsent(this.batch, this.aside);
    if (!sent.length && this.aside.size) {
      sent = await this.store.unsent(1, new Set([...this.aside].slice(1))); // the oldest of those that failed, alone
      this.aside.delete(sent[0]?.dev_seq);
    }
    this.flown = sent;
    const before = Date.now();
    const answer = await this.#post({
      log_id: this.meta.log_id ?? null, cursor: this.meta.cursor, tail: this.meta.tail ?? null, latest: this.meta.latest?.id ?? null, last_dev_seq: last, unsent: unsent - sent.length,
      ops: sent.map((own) => ({ ...own.said, dev_seq: own.dev_seq })),
    });
    const meta = { ...this.meta, log_id: answer.log_id, cursor: answer.cursor ?? this.meta.cursor, tail: answer.tail ?? this.meta.tail, standing: answer.standing, synced_at: Date.now() };
    meta.offset = Math.round(Date.parse(answer.server_time) - (before + Date.now()) / 2) || 0;
    // not the log that was read here: a backup was restored, or the server lost its power, and has forgotten
    if (this.meta.log_id && answer.known === false) {
      this.meta = { ...meta, cursor: 0, tail: undefined, latest: undefined };
      await this.store.resend(this.meta);
      const known = await this.store.load();
      this.#keep(known.ops);
      this.door.load({ ...known, meta: this.meta });
      return true;
    }
    const settled = settle(sent, answer.results ?? []);
    for (const { id, seq } of settled) if (seq && seq > (meta.latest?.seq ?? 0)) meta.latest = { id, seq };
    const changes = (answer.changes ?? []).map(readChange);
    await this.store.settle(settled, changes, meta);
    this.meta = meta;
    for (const own of settled) this.waiting.delete(own.id);
    this.door.offset = meta.offset;
    this.door.settled(settled);
    this.door.learn(changes);
    if (settled.length) this.onSettled().catch(() => undefined);
    this.batch = Math.min(BATCH, this.batch * 2);
    if (answer.standing !== "open") await this.wipe(answer.standing);
    else await this.#freshRoster(answer.roster_version);
    return Boolean(answer.more) || (settled.length > 0 && unsent > sent.length);
  }

  /** The storage was wiped under the open page: all that is known here goes into the new one, and is read again. */
  async #moveIn() {
    const { meta } = await this.store.load();
    this.meta = { ...this.meta, store_id: meta.store_id, cursor: 0, tail: undefined, latest: undefined };
    for (const { said, repeat } of this.waiting.values()) await this.store.add(said, Boolean(repeat));
    await this.store.saveRoster(this.door.roster, this.meta);
    await this.store.saveSession(this.door.session);
  }

  /** What to do about an answer that was none; returns the least time to wait. @param {any} error */
  async #failed(error) {
    const status = error instanceof Refused ? error.status : -1;
    this.problem = status === 401 ? "pair" : status > 0 && status < 500 ? "refused" : "network";
    this.sentence = error.body?.error ?? "";
    if (error.body?.wipe) await this.wipe(error.body.reason);
    // too large, too slow, or one of them is poison: smaller parts, down to the one, which then lets the others go first
    const inPart = status === 0 || status >= 500 || [400, 413, 422].includes(status);
    if (inPart && this.flown.length > 1) this.batch = Math.max(1, Math.floor(this.flown.length / 2));
    else if (inPart && status && this.flown.length) this.aside.add(this.flown[0].dev_seq);
    return error.wait ?? 0;
  }

  /** A tablet that was revoked or closed forgets the people; what it recorded it still hands in. @param {string} standing */
  async wipe(standing) {
    const nothingLeft = this.meta.version === undefined;
    this.meta = { ...this.meta, standing, version: undefined, cursor: 0 };
    if (nothingLeft && !this.flown.length) return;
    await this.store.wipe(this.meta);
    this.door.load({ ...(await this.store.load()), meta: this.meta });
  }

  /** An operation that could not be written here goes to the server at once. @param {object} said */
  async #direct(said) {
    let answer;
    try {
      answer = await this.#post({ log_id: null, cursor: this.meta.cursor, last_dev_seq: 0, unsent: this.unsent, ops: [said] });
    } catch {
      throw new NotSaved("network");
    }
    if (answer.results?.[0]?.seq == null) throw new NotSaved("refused");
    return answer.results[0];
  }

  // -- the roster --------------------------------------------------------------------------------------------------

  /** @param {string} wanted the version that the server has */
  async #freshRoster(wanted) {
    if (!wanted || wanted === this.meta.version || Date.now() - this.rosterAt < ROSTER_PAUSE) return;
    this.rosterAt = Date.now();
    await this.loadRoster().catch(() => undefined); // the one we have does for a while
  }

  /** The whole roster by pages, swapped in at once. @param {(done: number) => void} [progress] */
  async loadRoster(progress = () => undefined) {
    const people = [];
    let first;
    for (let after = ""; after !== null; ) {
      const query = new URLSearchParams({ event: this.event, limit: String(PAGE), ...(after && { after }) });
      const page = await ask(`/checkin/api/v1/roster?${query}`, {});
      first ??= page;
      people.push(...page.people);
      progress(people.length);
      after = page.next;
    }
    const { event, zone, sessions, version, device } = first;
    this.meta = { ...this.meta, title: event.title, zone, sessions, version, device, standing: "open" };
    await this.store.saveRoster(people, this.meta);
    this.door.setRoster(people);
  }

  /** @param {object} more */
  async #post(more) {
    const body = { v: 1, event: this.event, device: this.meta.device?.id ?? null, store_id: this.meta.store_id, sent_at: new Date().toISOString(), ...more };
    const headers = { "Content-Type": "application/json" };
    return ask("/checkin/api/v1/sync", { method: "POST", headers, body: JSON.stringify(body) });
  }
}

/** An operation of another tablet, as the log here reads it. @param {any} change @returns {import("./store.js").LogOp} */
export function readChange(change) {
  return {
    id: change.id, seq: change.seq, kind: change.kind, session: change.session ?? null, registration: change.registration ?? null,
    undoes: change.undoes ?? [], into: change.into ?? null, at: change.at ?? change.client_at, name: change.name ?? "", where: change.where ?? "",
  };
}

/** @param {string} path @param {RequestInit} options @returns {Promise<any>} what the server says; throws Refused */
async function ask(path, options) {
  let response;
  let body;
  try {
    response = await fetch(path, { cache: "no-store", redirect: "manual", ...options, signal: AbortSignal.timeout(TIMEOUT) });
    body = await response.json().catch(() => null);
  } catch {
    throw new Refused(0);
  }
  if (response.type === "opaqueredirect") throw new Refused(401);
  if (response.ok && body) return body;
  throw new Refused(response.ok ? 502 : response.status, body, 1000 * Number(response.headers.get("Retry-After") ?? 0) || 0);
}
