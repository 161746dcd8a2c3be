// As much of a browser as the tablet's own modules need, under a test's control: an IndexedDB in memory that outlives
// a crash, timers that fire when told to, a network whose questions wait for an answer, a clock and dice that repeat.
// Several tablets live in one process; whose turn it is, is carried along with its promises.
import { AsyncLocalStorage } from "node:async_hooks";

export const tablets = new AsyncLocalStorage();
const mine = () => tablets.getStore();
const copy = (value) => structuredClone(value);

/** One browser: its disk stays when it crashes, everything else goes. */
export class Browser {
  constructor() {
    this.disk = new Map(); // name of a database -> {stores}
    this.begin();
  }

  begin() {
    this.alive = {}; // what was begun under another life comes to nothing
    this.timer = null;
    this.question = null;
    this.writing = Promise.resolve();
    this.busy = 0;
  }
}

// -- IndexedDB -------------------------------------------------------------------------------------------------------

/** A request that succeeds, or fails, a moment later. */
class Request {
  constructor(transaction, work) {
    this.transaction = transaction;
    transaction.open++;
    transaction.ready.then(() => {
      if (transaction.dead) return;
      try {
        this.result = work();
        this.onsuccess?.();
      } catch (error) {
        this.error = error;
        this.onerror?.();
        transaction.abort();
      }
      transaction.open--;
      transaction.settle();
    });
  }
}

class Index {
  constructor(store, path) {
    Object.assign(this, { store, path });
  }
  #all = () => this.store.rows().filter((row) => row[this.path] !== undefined);
  #of = (value) => this.#all().filter((row) => row[this.path] === value);
  get(value) {
    return this.store.ask(() => copy(this.#of(value)[0]));
  }
  getAll(value, limit) {
    return this.store.ask(() => copy(this.#of(value).slice(0, limit)));
  }
  count() {
    return this.store.ask(() => this.#all().length);
  }
}

class ObjectStore {
  constructor(transaction, name) {
    Object.assign(this, { transaction, name });
  }
  get #kept() {
    return this.transaction.stores[this.name];
  }
  ask(work) {
    return new Request(this.transaction, work);
  }
  rows() {
    const { rows } = this.#kept;
    const sorted = [...rows.keys()].sort((a, b) => (a < b ? -1 : 1));
    return sorted.map((key) => rows.get(key));
  }
  #write(value, key, fresh) {
    const kept = this.#kept;
    const row = copy(value);
    if (kept.keyPath) {
      if (row[kept.keyPath] === undefined && kept.autoIncrement) row[kept.keyPath] = ++kept.last;
      key = row[kept.keyPath];
    }
    if (kept.autoIncrement && key > kept.last) kept.last = key;
    if (fresh && kept.rows.has(key)) throw new Error("ConstraintError");
    const unique = (path) => row[path] !== undefined && [...kept.rows].some(([at, other]) => at !== key && other[path] === row[path]);
    if (kept.unique.some(unique)) throw new Error("ConstraintError");
    kept.rows.set(key, row);
    return key;
  }
  put(value, key) {
    return this.ask(() => this.#write(value, key, false));
  }
  add(value, key) {
    return this.ask(() => this.#write(value, key, true));
  }
  get(key) {
    return this.ask(() => copy(this.#kept.rows.get(key)));
  }
  getAll() {
    return this.ask(() => copy(this.rows()));
  }
  count() {
    return this.ask(() => this.#kept.rows.size);
  }
  clear() {
    return this.ask(() => void this.#kept.rows.clear());
  }
  delete(key) {
    return this.ask(() => void this.#kept.rows.delete(key));
  }
  openKeyCursor(_range, _direction) {
    return this.ask(() => (this.#kept.rows.size ? { key: Math.max(...this.#kept.rows.keys()) } : null));
  }
  index(path) {
    return new Index(this, path);
  }
}

/** Its writes reach the disk together when nothing is asked any more, or never. */
class Transaction {
  constructor(browser, database) {
    Object.assign(this, { browser, database, open: 0, life: browser.alive });
    browser.busy++;
    const before = browser.writing;
    browser.writing = new Promise((done) => (this.#over = done));
    this.ready = before.then(() => {
      this.stores = Object.fromEntries(Object.entries(database).map(([name, kept]) => [name, { ...kept, rows: new Map(kept.rows) }]));
    });
    this.ready.then(() => this.settle());
  }
  #over;
  #ended = false;
  get dead() {
    return this.life !== this.browser.alive || this.#ended;
  }
  objectStore(name) {
    return new ObjectStore(this, name);
  }
  abort() {
    this.#end(() => this.onabort?.());
  }
  settle() {
    setImmediate(() => {
      if (this.open || this.#ended) return;
      if (!this.dead) Object.assign(this.database, this.stores);
      this.#end(() => this.oncomplete?.());
    });
  }
  #end(tell) {
    if (this.#ended) return;
    const heard = !this.dead;
    this.#ended = true;
    if (heard) this.browser.busy--;
    this.#over();
    if (heard) tell();
  }
}

function openDatabase(name) {
  const browser = mine();
  const request = {};
  queueMicrotask(() => {
    const fresh = !browser.disk.has(name);
    if (fresh) browser.disk.set(name, {});
    const database = browser.disk.get(name);
    request.result = {
      transaction: () => new Transaction(browser, database),
      close: () => undefined,
      createObjectStore(called, { keyPath = null, autoIncrement = false } = {}) {
        const kept = { keyPath, autoIncrement, last: 0, rows: new Map(), unique: [] };
        database[called] = kept;
        const made = {
          createIndex: (_index, path, { unique = false } = {}) => (unique ? kept.unique.push(path) : undefined, made),
          put: (value, key) => void kept.rows.set(key, copy(value)),
        };
        return made;
      },
    };
    if (fresh) request.onupgradeneeded?.();
    request.onsuccess?.();
  });
  return request;
}

// -- the rest --------------------------------------------------------------------------------------------------------

let ticks = 0;
let dice = 0;

/** The clock begins again, and the dice at a number, so that a history told twice goes the same way. @param {number} start */
export function again(start) {
  ticks = 0;
  dice = start;
}

const random = () => {
  dice = (Math.imul(dice + 0x9e3779b9, 0x85ebca6b) ^ (dice >>> 13)) >>> 0;
  return dice;
};

export function install() {
  const later = globalThis.setTimeout;
  const give = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  give("indexedDB", { open: openDatabase, databases: async () => [] });
  give("navigator", { locks: { request: async (...all) => all.at(-1)({}) } });
  give("crypto", { subtle: crypto.subtle, getRandomValues: (bytes) => bytes.map(() => random() & 255) });
  give("setTimeout", (work, wait, ...rest) => {
    const browser = mine();
    if (!browser) return later(work, wait, ...rest);
    if (wait === 4000) return 0; // the patience with a dead database: this one always answers
    browser.timer = work;
    return work;
  });
  give("clearTimeout", (work) => {
    const browser = mine();
    if (browser?.timer === work) browser.timer = null;
  });
  Date.now = () => 1_760_000_000_000 + 10 * ++ticks;
  AbortSignal.timeout = () => new AbortController().signal;
  Math.random = () => random() / 2 ** 32;
  give("fetch", (path, options = {}) => {
    const browser = mine();
    return new Promise((resolve, reject) => (browser.question = { path, body: options.body, resolve, reject }));
  });
}

/** Until nothing happens any more without a timer or an answer. @param {Browser[]} browsers */
export async function quiet(browsers) {
  do {
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  } while (browsers.some((browser) => browser.busy));
}
