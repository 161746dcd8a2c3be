// What the screen says to the server: operations with ids made here, so that sending one twice records it once.

/** @typedef {{id: string, name: string, business: string, region: string, nib5: string}} Person */
/**
 * @typedef {{id: string, status: string, seq: number|null, duplicate_of: string|null, at?: string, where?: string,
 *   live?: string[], person?: Person, title?: string, message?: string}} Result
 */
/** @typedef {{seq: number, registered: number, present: number, sessions: Record<string, number>, walk_ins: number, unknown: number}} Counters */

const TIMEOUT = 8000;

/** Why nothing was recorded: "network" (no answer), "login", "refused" (with the server's sentence). */
export class NotSaved extends Error {
  /** @param {"network"|"login"|"refused"} kind @param {string} [sentence] */
  constructor(kind, sentence = "") {
    super(sentence || kind);
    this.kind = kind;
    this.sentence = sentence;
  }
}

/** A UUID version 7 (RFC 9562): milliseconds first, so that ids sort by the time of the tap. */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * Who a scanned code is about. A ticket's QR holds an address that ends in /t/<token>; only the token's hash leaves
 * the tablet, and anything else is hashed whole. Without HTTPS browsers do not hash, so the server does.
 * @param {string} text
 */
export async function codeOf(text) {
  const token = text.match(/\/t\/([A-Za-z0-9_-]{16,64})\/?(?:[?#].*)?$/)?.[1] ?? text.trim().slice(0, 500);
  if (!globalThis.crypto?.subtle) return { token };
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return { token_hash: Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("") };
}

export class Api {
  /** @param {DOMStringMap} settings of the screen: api, event, session */
  constructor(settings) {
    this.base = settings.api;
    this.event = settings.event;
    this.session = Number(settings.session);
    this.storeId = uuid7(); // this page's own log; its operations are numbered from 1
    this.devSeq = 0;
    this.device = this.#deviceId();
    this.etag = "";
    /** @type {(yes: boolean) => void} whether the server answers */
    this.onConnection = () => undefined;
  }

  /** This browser's id at this event: made once, kept. */
  #deviceId() {
    const key = `checkin:device:${this.event}`;
    try {
      const id = localStorage.getItem(key) ?? uuid7();
      localStorage.setItem(key, id);
      return id;
    } catch {
      return uuid7(); // private mode: a tablet for as long as the page is open
    }
  }

  /** A new operation. @param {string} kind @param {object} said */
  operation(kind, said) {
    return { id: uuid7(), kind, client_at: new Date().toISOString(), dev_seq: ++this.devSeq, ...said };
  }

  /**
   * Record operations. A lost answer is no answer: the same operations are sent once more before giving up.
   * @param {object[]} ops @returns {Promise<{results: Result[], counters: Counters}>}
   */
  async record(ops) {
    const send = () =>
      this.#post("ops", { v: 1, event: this.event, device: this.device, store_id: this.storeId, sent_at: new Date().toISOString(), ops });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof NotSaved) || error.kind !== "network") throw error;
      return await send();
    }
  }

  /** @param {string} q @param {AbortSignal} signal @returns {Promise<{people: object[]}>} */
  search(q, signal) {
    return this.#post("search", { event: this.event, session: this.session, q }, signal);
  }

  /** @param {string} name @returns {Promise<{name: string}>} */
  nameDevice(name) {
    return this.#post("device", { event: this.event, device: this.device, name });
  }

  /** @returns {Promise<{people: object[]}>} */
  present() {
    return this.#ask(`present?event=${this.event}&session=${this.session}`, {});
  }

  /** The counters, or null when they are what was known. @returns {Promise<{counters: Counters}|null>} */
  state() {
    return this.#ask(`state?event=${this.event}`, { headers: this.etag ? { "If-None-Match": this.etag } : {} });
  }

  /** @param {string} path @param {object} body @param {AbortSignal} [signal] */
  #post(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  /** @param {string} path @param {RequestInit} options */
  async #ask(path, options) {
    let response;
    const limit = AbortSignal.timeout(TIMEOUT);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    try {
      response = await fetch(`${this.base}/${path}`, { cache: "no-store", redirect: "manual", ...options, signal });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      this.onConnection(false);
      throw new NotSaved("network");
    }
    this.onConnection(response.status < 500);
    if (response.status === 304) return null;
    if (response.type === "opaqueredirect" || response.status === 401) throw new NotSaved("login");
    if (response.status >= 500) throw new NotSaved("network");
    let answer;
    try {
      answer = await response.json();
    } catch {
      throw new NotSaved(response.ok ? "network" : "refused");
    }
    if (!response.ok) throw new NotSaved("refused", answer.error);
    if (path.startsWith("state")) this.etag = response.headers.get("ETag") ?? "";
    return answer;
  }
}
