// Sends what the tablet has recorded and fetches what the others did, by itself, whenever a server answers. Whether
// there is a network is found out by asking: navigator.onLine stays true beside a dead server.
import { Refused, ask } from "./ask.js";

/** @import { Kept, Own, Said } from "./store.js" */

const [FIRST, MOST, PAGE] = [100, 200, 1000]; // operations at a time, at first and at most; people
const PAGE_OF_REVIEW = 100; // that are asked about at a time
const QUICK = 2000; // so short a flight may be followed by a larger one
const [WAITING, IDLE] = [5000, 15000]; // between rounds, while operations wait and else
const SOON = 400; // after a check-in, when all goes well
const [LONGEST, ROSTER_PAUSE] = [60000, 60000]; // after a failure; between whole rosters

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
    /** @type {Own} */
    const settled = { ...own, said, status: result.status, seq: result.seq ?? undefined };
    if (result.person?.id && !said.registration) settled.person = result.person.id;
    if (result.seq == null) settled.problem = String(result.message || result.status);
    else if (result.status === "duplicate" && !own.repeat) settled.twice = result.where || "?"; // green here, and before that elsewhere
    return [settled];
  });
}

export class Sync {
  /** @type {Own[]} what is on the disk and not answered yet, oldest first */
  queue = [];
  /** @type {Map<string, Own>} what somebody should look at */
  review = new Map();
  /** @type {Refused|null} why the last round failed */
  failure = null;
  failures = 0; // in a row
  onChange = () => {};
  #last = 0; // the number of the last operation made here
  #batch = FIRST;
  /** @type {Own[]} what the present or last flight carried */
  #flown = [];
  /** @type {Set<Own>} operations that the server fails on; they let the others go first */
  #aside = new Set();
  #timer = 0;
  #flying = false;
  #rosterAt = 0;

  /** @param {string} event @param {import("./store.js").Store} store @param {import("./door.js").Door} door @param {Kept} kept */
  constructor(event, store, door, kept) {
    this.event = event;
    this.store = store;
    this.door = door;
    this.meta = kept.meta;
    this.#begin(kept);
    door.keep = (said, repeat, aside) => this.#keep(said, repeat, aside);
  }

  /** Anew from what is on the disk; what is recorded while that is read comes after it. @param {Kept} kept */
  #begin(kept) {
    this.meta = kept.meta;
    this.queue = kept.ops.filter((own) => own.open);
    const taken = new Set(kept.changes?.map(({ id }) => id)); // by the desk, after all
    this.review = new Map(kept.ops.filter((own) => (own.problem && !taken.has(own.id)) || own.twice).map((own) => [own.id, own]));
    this.#last = kept.ops.at(-1)?.dev_seq ?? 0;
    this.#aside.clear();
    this.door.load(kept);
  }

  /** On the disk, or else with the server at once, or else red. @param {Said} said @param {boolean} repeat @param {boolean} aside @returns {Promise<Own>} */
  async #keep(said, repeat, aside) {
    const own = await this.store.add(said, repeat, aside).catch(() => null);
    if (!own) {
      const { results } = await this.#post({ log_id: null, last_dev_seq: 0, unsent: this.queue.length, ops: [said] });
      if (results[0]?.seq == null) throw new Refused(422, results[0]);
      return { id: said.id, said };
    }
    this.queue.push(own);
    this.#last = own.dev_seq ?? 0;
    if (!this.#flying && !this.failures) this.next(SOON);
    this.onChange();
    return own;
  }

  /** The next round comes after some ms. @param {number} wait */
  next(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#round(), wait);
  }

  async #round() {
    let [more, wait] = [false, 0];
    this.#flying = true;
    try {
      more = await this.flight();
      this.failures = 0;
      this.failure = null;
    } catch (error) {
      this.failures++;
      wait = await this.#failed(error);
    }
    this.#flying = false;
    this.next(more ? 0 : Math.max(wait, pause(this.failures, this.queue.length > 0)));
    this.onChange();
  }

  /** One question and its answer. @returns {Promise<boolean>} whether there is more to do at once */
  async flight() {
    if (this.store.id !== this.meta.store_id) await this.#moveIn();
    let sent = this.queue.filter((own) => !this.#aside.has(own)).slice(0, this.#batch);
    if (!sent.length) sent = [...this.#aside].slice(0, 1); // the oldest of those that failed, alone
    for (const own of sent) this.#aside.delete(own);
    this.#flown = sent;
    const before = Date.now();
    const undecided = [...this.review.values()].flatMap(({ id, problem, open }) => (problem && !open ? id : [])).slice(0, PAGE_OF_REVIEW);
    const [ops, unsent] = [sent.map((own) => ({ ...own.said, dev_seq: own.dev_seq })), this.queue.length - sent.length];
    const answer = await this.#post({ log_id: this.meta.log_id, last_dev_seq: this.#last, unsent, undecided, ops });
    const { log_id, standing, changes } = answer;
    const [cursor, tail] = [answer.cursor ?? this.meta.cursor, answer.tail ?? this.meta.tail];
    const offset = Math.round(Date.parse(answer.server_time) - (before + Date.now()) / 2);
    const meta = { ...this.meta, log_id, standing, cursor, tail, offset, synced_at: Date.now() };
    // not the log that was read here: a backup was restored, or the server lost its power, and has forgotten
    if (this.meta.log_id && answer.known === false) {
      await this.store.resend(meta);
      this.#begin(await this.store.load());
      return true;
    }
    const settled = settle(sent, answer.results);
    for (const { id, seq } of settled) if (seq && seq > (meta.latest?.seq ?? 0)) meta.latest = { id, seq };
    // the desk took it after all, took the repetition back, or left it out
    const decided = [...changes.flatMap((/** @type {any} */ op) => [op.id, ...(op.undoes ?? [])]), ...(answer.decided ?? [])];
    const done = decided.flatMap((id) => this.review.get(id) ?? []).filter((own) => !own.open);
    for (const own of done) this.review.delete(own.id);
    const reviewed = done.map((own) => ({ ...own, problem: undefined, twice: undefined }));
    const answered = new Set(settled.map((own) => own.id));
    await this.store.save({ ops: [...reviewed, ...settled], changes, meta });
    this.meta = meta;
    this.queue = this.queue.filter((own) => !answered.has(own.id));
    for (const own of settled) {
      if (own.problem || own.twice) this.review.set(own.id, own);
      else this.review.delete(own.id);
    }
    this.door.offset = offset;
    this.door.learn([...settled.map((own) => this.door.ofOwn(own)), ...changes]);
    if (Date.now() - before < QUICK) this.#batch = Math.min(MOST, this.#batch * 2);
    if (standing !== "open") await this.#wipe(standing);
    else await this.#freshRoster(answer.roster_version).catch(() => undefined); // the one we have does for a while
    return answer.more || this.queue.some((own) => !sent.includes(own)); // recorded meanwhile, or set aside
  }

  /** The storage was wiped under the open page: all that is known here moves into the new one, and is read again. */
  async #moveIn() {
    const meta = { ...this.meta, store_id: this.store.id, cursor: 0, tail: undefined, latest: undefined };
    await this.store.save({ meta, session: this.door.session, people: [...this.door.people.values()] }, "roster");
    for (const own of this.queue) Object.assign(own, await this.store.add(own.said, Boolean(own.repeat), Boolean(own.aside)));
    this.#last = Math.max(0, ...this.queue.map((own) => own.dev_seq ?? 0));
    this.meta = meta;
  }

  /** What to do about an answer that was none; returns the least time to wait. @param {unknown} error */
  async #failed(error) {
    const { status, body, wait, foreign } = (this.failure = error instanceof Refused ? error : new Refused(0));
    if (body?.wipe) await this.#wipe(body.reason).catch(() => undefined); // the server will say it again
    // too large, too slow, or one of them is poison: smaller parts, down to the one, which then lets the others go first;
    // 503 says that the database is busy, and nothing of the one
    const inPart = (status === 0 && !foreign) || status >= 500 || [400, 413, 422].includes(status);
    if (inPart && this.#flown.length > 1) this.#batch = Math.max(1, Math.floor(this.#flown.length / 2));
    else if (inPart && status && status !== 503) {
      for (const own of this.#flown) this.review.set(own.id, own);
      for (const own of this.#flown) this.#aside.add(own);
    }
    return wait;
  }

  /** A tablet that was revoked or closed forgets the people; what it recorded it still hands in. @param {string} standing */
  async #wipe(standing) {
    if (this.meta.version === undefined && this.meta.standing === standing && !this.#flown.length) return; // done before
    await this.store.wipe({ ...this.meta, standing });
    this.#begin(await this.store.load());
  }

  /** @param {object} more */
  #post(more) {
    const { device, store_id, cursor, tail, bare, latest } = this.meta;
    const about = { v: 1, event: this.event, device: device?.id, store_id, sent_at: new Date().toISOString() };
    return ask("sync", { ...about, cursor, tail, bare, latest: latest?.id, ...more });
  }

  /** What changed in the roster; all of it where that does not add up. @param {string} wanted the version that the server has */
  async #freshRoster(wanted) {
    if (wanted === this.meta.version) return;
    const news = await this.#page({ since: String(this.meta.as_of ?? "") });
    this.door.setRoster(news.people, true);
    if (!news.next && this.door.isWhole(news.version)) return this.#keepRoster(news, news.people);
    if (Date.now() - this.#rosterAt < ROSTER_PAUSE) return;
    this.#rosterAt = Date.now();
    await this.loadRoster();
  }

  /** The whole roster by pages, swapped in at once. @param {(done: number, total: number) => void} [progress] */
  async loadRoster(progress = () => {}) {
    const first = await this.#page({});
    const people = [...first.people];
    for (let { next } = first; next; progress(people.length, Number(first.version.split("-")[1]))) {
      const page = await this.#page({ after: next });
      people.push(...page.people);
      next = page.next;
    }
    await this.#keepRoster(first, people, "roster");
    this.door.setRoster(people);
  }

  /** @param {Record<string, string>} more */
  #page(more) {
    return ask(`roster?${new URLSearchParams({ event: this.event, limit: String(PAGE), ...more })}`);
  }

  /** @param {any} page @param {any[]} people @param {"roster"[]} afresh */
  #keepRoster({ event, zone, zone_label, sessions, version, as_of, device }, people, ...afresh) {
    const { title, status, starts_at, ends_at } = event;
    this.meta = { ...this.meta, title, status, starts_at, ends_at, zone, zone_label, sessions, version, as_of, device, standing: "open" };
    this.door.setPlace(this.meta);
    return this.store.save({ people, meta: this.meta }, ...afresh);
  }
}
