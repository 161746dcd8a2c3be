// What a tablet keeps of one event, in IndexedDB: the roster, its own operations, everybody else's.

/**
 * @typedef {import("./fold.js").Op & {at: string, name?: string, where?: string, own?: boolean}} LogOp
 * @typedef {{id: string, h: string, n: string, b: string, r: string, k: string, s: string}} RosterEntry
 * @typedef {{id: string, kind: string, client_at: string, session?: number, registration?: string, token_hash?: string,
 *   ops?: string[], name?: string, contact?: string, via?: string, admitted?: boolean, dev_seq?: number}} Said what is sent
 * @typedef {{dev_seq?: number, id: string, said: Said, open?: 1, seq?: number, status?: string, person?: string,
 *   problem?: string, repeat?: boolean, twice?: string, bare?: true}} Own one operation of this tablet; `open` until the
 *   server has answered; `repeat`: shown as a duplicate here, `twice`: it turned out to be one; `bare`: wiped since
 * @typedef {{store_id: string, cursor: number, tail?: string, latest?: {id: string, seq: number}, log_id?: string, synced_at?: number, offset?: number,
 *   title?: string, zone?: string, sessions?: {id: number, title: string}[], version?: string,
 *   device?: {id: string, name: string}, standing?: string}} Meta
 */

const PATIENCE = 4000; // ms; a database that says nothing for longer is a dead handle

const PREFIX = "serambi-checkin-";

/** Tablets move on to the next event: the people of those before are forgotten at once, the storage goes when nothing in it is unsent. @param {string} event */
export async function forgetOthers(event) {
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith(PREFIX) || name === PREFIX + event) continue;
    const other = name.slice(PREFIX.length);
    await navigator.locks.request(`tablet:${other}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return; // it is open in another window
      const store = new Store(other, () => "");
      const { meta } = await store.load();
      const sent = await store.wipe({ ...meta, version: undefined, cursor: 0 });
      store.close();
      if (sent) indexedDB.deleteDatabase(name);
    });
  }
}

/** @param {string} event @param {() => string} newId */
export class Store {
  constructor(event, newId) {
    this.name = PREFIX + event;
    this.newId = newId;
  }

  async open() {
    const request = indexedDB.open(this.name, 1);
    request.onupgradeneeded = () => {
      const db = request.result;
      db.createObjectStore("meta").put({ store_id: this.newId(), cursor: 0 }, "meta");
      db.createObjectStore("roster");
      const ops = db.createObjectStore("ops", { keyPath: "dev_seq", autoIncrement: true });
      ops.createIndex("id", "id", { unique: true });
      ops.createIndex("open", "open"); // holds only what is not sent yet
      db.createObjectStore("changes", { keyPath: "id" });
    };
    this.db = await soon(promised(request));
    this.db.onclose = this.db.onversionchange = () => {
      this.db?.close();
      this.db = undefined; // the next access opens it again
    };
  }

  /** Everything, to build the screen's memory from. @returns {Promise<{meta: Meta, session: number, roster: RosterEntry[], ops: Own[], changes: LogOp[]}>} */
  async load() {
    const [meta, session, roster, ops, changes] = await this.#transact("readonly", (store) =>
      Promise.all([promised(store("meta").get("meta")), promised(store("meta").get("session")), promised(store("roster").get("all")), promised(store("ops").getAll()), promised(store("changes").getAll())]),
    );
    return { meta, session: session ?? 0, roster: roster ?? [], ops, changes };
  }

  /**
   * The write that green stands for: it returns when the operation is on the disk, with its number. Tried again once
   * on a fresh handle; an operation that the first attempt did write after all is found by its id.
   * @param {Said} said @param {boolean} repeat @returns {Promise<Own>}
   */
  async add(said, repeat) {
    const write = () =>
      this.#transact("readwrite", async (store) => {
        const known = await promised(store("ops").index("id").get(said.id));
        if (known) return known;
        const own = { id: said.id, said, repeat, open: 1 };
        return { ...own, dev_seq: await promised(store("ops").add(own)) };
      });
    return write().catch(write);
  }

  /** The oldest operations that still have to be sent. @param {number} limit @param {Set<number>} [except] @returns {Promise<Own[]>} */
  async unsent(limit, except = new Set()) {
    const open = await this.#transact("readonly", (store) => promised(store("ops").index("open").getAll(1, limit + except.size)));
    return open.filter((own) => !except.has(own.dev_seq)).slice(0, limit);
  }

  /** How many wait, the number of the last operation made here, and which storage this is: another one when it was wiped. @returns {Promise<{unsent: number, last: number, store_id: string}>} */
  count() {
    return this.#transact("readonly", async (store) => {
      const { store_id } = await promised(store("meta").get("meta"));
      const unsent = promised(store("ops").index("open").count());
      const last = promised(store("ops").openKeyCursor(null, "prev"));
      return { unsent: await unsent, last: Number((await last)?.key ?? 0), store_id };
    });
  }

  /** An answer of the server, at once: own operations settled, others' added, the state moved on. @param {Own[]} settled @param {LogOp[]} changes @param {Meta} meta */
  settle(settled, changes, meta) {
    return this.#transact("readwrite", async (store) => {
      for (const own of settled) store("ops").put(own);
      for (const change of changes) store("changes").put(change);
      store("meta").put(meta, "meta");
    });
  }

  /** The server was restored from a copy and may have forgotten: everything that was not wiped is sent, and fetched again. @param {Meta} meta */
  resend(meta) {
    return this.#transact("readwrite", async (store) => {
      store("changes").clear();
      store("meta").put(meta, "meta");
      for (const own of await promised(store("ops").getAll())) if (!own.bare) store("ops").put({ ...own, open: 1 });
    });
  }

  /** @param {number} session the one that is checked in for */
  saveSession(session) {
    return this.#transact("readwrite", async (store) => void store("meta").put(session, "session"));
  }

  /** A whole new roster in place of the old one. @param {RosterEntry[]} people @param {Meta} meta */
  saveRoster(people, meta) {
    return this.#transact("readwrite", async (store) => {
      store("roster").put(people, "all");
      store("meta").put(meta, "meta");
    });
  }

  /** Forget all people; what is not sent yet stays as it is. @param {Meta} meta @returns {Promise<boolean>} whether nothing is left to send */
  wipe(meta) {
    return this.#transact("readwrite", async (store) => {
      store("roster").clear();
      store("changes").clear();
      store("meta").put(meta, "meta");
      const ops = await promised(store("ops").getAll());
      for (const { said, ...own } of ops.filter((one) => !one.open)) store("ops").put({ ...own, bare: true, person: undefined, said: { id: said.id, kind: said.kind, client_at: said.client_at } });
      return ops.every((own) => !own.open);
    });
  }

  close() {
    this.db?.close();
    this.db = undefined;
  }

  /**
   * One transaction, finished on the disk when this returns.
   * @template T @param {IDBTransactionMode} mode @param {(store: (name: string) => IDBObjectStore) => Promise<T>} work @returns {Promise<T>}
   */
  async #transact(mode, work) {
    if (!this.db) await this.open();
    try {
      const transaction = this.db.transaction(["meta", "roster", "ops", "changes"], mode, { durability: "strict" });
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
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("the database does not answer")), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
