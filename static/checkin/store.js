// What a tablet keeps of one event, in IndexedDB: the roster, its own operations, everybody else's.
import { uuid7 } from "./ask.js";

/**
 * @typedef {import("./screen.js").Said} Said
 * @typedef {import("./fold.js").Op & {at: string, name?: string, where?: string, own?: boolean}} LogOp
 * @typedef {{id: string, h: string, n: string, b: string, r: string, k: string, s: string, u: number}} RosterEntry
 * @typedef {{dev_seq?: number, id: string, said: Said, open?: 1, seq?: number, status?: string, person?: string,
 *   problem?: string, repeat?: boolean, aside?: boolean, twice?: string, bare?: true}} Own one operation of this tablet; `open` until the
 *   server has answered; `repeat`: shown as a duplicate here, `aside`: shown as kept and not counted, `twice`: it turned out to be one; `bare`: wiped since
 * @typedef {{store_id: string, cursor: number, tail?: string, latest?: {id: string, seq: number}, bare?: number, log_id?: string,
 *   offset?: number, title?: string, zone?: string, zone_label?: string, sessions?: import("./sessions.js").Session[], status?: string,
 *   starts_at?: string, ends_at?: string|null, version?: string,
 *   as_of?: number, device?: {id: string, name: string}, standing?: string, synced_at?: number}} Meta
 * @typedef {{meta: Meta, session: number, roster: RosterEntry[], ops: Own[], changes: LogOp[]}} Kept
 */

const [PATIENCE, AGAIN] = [4000, 500]; // ms; a database that says nothing for longer is a dead handle; between two attempts
const PREFIX = "serambi-checkin-";

/** The events that this browser keeps something of. */
export async function keptEvents() {
  const names = (await indexedDB.databases()).map(({ name = "" }) => name);
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
}

/** At the next event the people of those before are forgotten at once, the storage when all of it is sent. @param {string} event */
export async function forgetOthers(event) {
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(PREFIX) || name === PREFIX + event) continue;
    const store = new Store(name.slice(PREFIX.length));
    await navigator.locks.request(`tablet:${name.slice(PREFIX.length)}`, { ifAvailable: true }, async (free) => {
      const sent = free && (await store.wipe()); // else it is open in another window
      store.close();
      if (sent) indexedDB.deleteDatabase(name);
    });
  }
}

export class Store {
  /** @type {IDBDatabase|undefined} */
  #db;
  id = ""; // another one when the storage was wiped under the open page

  /** @param {string} event */
  constructor(event) {
    this.name = PREFIX + event;
  }

  async #open() {
    const request = indexedDB.open(this.name, 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("meta").put({ store_id: (this.id = uuid7()), cursor: 0 }, "meta");
      db.createObjectStore("roster");
      db.createObjectStore("ops", { keyPath: "dev_seq", autoIncrement: true }).createIndex("id", "id", { unique: true });
      db.createObjectStore("changes", { keyPath: "id" });
    };
    const db = await soon(promised(request));
    db.onclose = db.onversionchange = () => this.close(); // the next access opens it again
    return db;
  }

  /** Everything, to build the screen's memory from, or the state alone. @returns {Promise<Kept>} */
  load(stateOnly = false) {
    return this.#transact("readonly", async (store) => {
      const [meta, session] = await Promise.all(["meta", "session"].map((key) => promised(store("meta").get(key))));
      this.id = meta.store_id;
      const all = ["roster", "ops", "changes"].map((name) => (stateOnly ? [] : promised(store(name).getAll())));
      const [roster, ops, changes] = await Promise.all(all);
      return { meta, session: session ?? 0, roster: roster.flat(), ops, changes: changes.flatMap((row) => row.all ?? row) };
    });
  }

  /**
   * The write that green stands for: it returns when the operation is on the disk, with its number. Tried again once on
   * a fresh handle, when a storage that is being wiped is there again; what the first attempt wrote is found by its id.
   * @param {Said} said @param {boolean} repeat @param {boolean} aside @returns {Promise<Own>}
   */
  async add(said, repeat, aside) {
    const write = () =>
      this.#transact("readwrite", async (store) => {
        const known = await promised(store("ops").index("id").get(said.id));
        if (known) return known;
        const own = { id: said.id, said, repeat, aside, open: 1 };
        return { ...own, dev_seq: await promised(store("ops").add(own)) };
      });
    return write().catch(() => new Promise((resume) => setTimeout(resume, AGAIN)).then(write));
  }

  /**
   * All of it on the disk at once, or nothing: people (all of them, or what is new of some), operations, the state.
   * @param {{meta?: Meta, session?: number, people?: RosterEntry[], ops?: Own[], changes?: LogOp[]}} news
   * @param {("roster"|"changes")[]} afresh of which nothing else is kept
   */
  save({ meta, session, people, ops = [], changes = [] }, ...afresh) {
    return this.#transact("readwrite", async (store) => {
      if (meta && meta.store_id !== this.id) throw new Error("wiped meanwhile"); // what is known here moves in first
      for (const name of afresh) store(name).clear();
      if (meta) store("meta").put(meta, "meta");
      if (session) store("meta").put(session, "session");
      if (people) store("roster").put(people, await promised(store("roster").count()));
      for (const own of ops) store("ops").put(own);
      if (changes.length) store("changes").put({ id: changes[0].id, all: changes }); // one row: a tap must not wait for hundreds
    });
  }

  /** The server may have forgotten: everything that was not wiped is sent again, and fetched again. @param {Meta} meta */
  async resend(meta) {
    const ops = (await this.load()).ops.filter((own) => !own.bare).map((own) => ({ ...own, seq: undefined, open: /** @type {1} */ (1) }));
    await this.save({ meta: { ...meta, cursor: 0, tail: undefined, latest: undefined }, ops }, "changes");
  }

  /** Forget all people, but nothing unsent. @param {Partial<Meta>} [news] @returns {Promise<boolean>} whether all is sent */
  async wipe(news) {
    const { meta, ops } = await this.load();
    const sent = ops.filter((own) => !own.open);
    /** @type {(own: Own) => Own} */
    const bare = ({ said: { id, kind, client_at }, ...own }) => ({ ...own, bare: true, person: undefined, said: { id, kind, client_at } });
    const told = { version: undefined, cursor: 0, bare: sent.at(-1)?.dev_seq };
    await this.save({ meta: { ...meta, ...news, ...told }, ops: sent.map(bare) }, "roster", "changes");
    return sent.length === ops.length;
  }

  close() {
    this.#db?.close();
    this.#db = undefined;
  }

  /**
   * One transaction, finished on the disk when this returns. @template T @param {IDBTransactionMode} mode
   * @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work @returns {Promise<T>}
   */
  async #transact(mode, work) {
    this.#db ??= await this.#open();
    try {
      const transaction = this.#db.transaction(["meta", "roster", "ops", "changes"], mode, { durability: "strict" });
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      });
      const [result] = await soon(Promise.all([work((name) => transaction.objectStore(name)), done]));
      return result;
    } catch (error) {
      this.close(); // perhaps the handle is dead: the next access gets a fresh one
      throw error;
    }
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function promised(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @template T @param {Promise<T>} promise @returns {Promise<T>} */
function soon(promise) {
  /** @type {Promise<never>} */
  const late = new Promise((_resolve, reject) => setTimeout(reject, PATIENCE, new Error("the database does not answer")));
  return Promise.race([promise, late]);
}
