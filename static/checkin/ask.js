// Questions to the server, and the ids of what is said to it.

const TIMEOUT = 8000;
const OURS = "Serambi-Api"; // what every answer of our own server carries (halal/checkin/__init__.py)

/** What came instead of an answer. */
export class Refused extends Error {
  /** @param {number} status 0: nothing came @param {any} [body] @param {number} [wait] ms until it may be asked again */
  constructor(status, body, wait = 0) {
    super(`answered ${status}`);
    this.status = status;
    this.body = body;
    this.sentence = String(body?.error ?? "");
    this.wait = wait;
    this.foreign = false; // the network itself answered, in our server's place
    this.lost = !status || status >= 500; // it says nothing about what was asked: the same may be asked again
  }
}

/** A network that wants a log-in answers everything itself: a redirect, its own page, its own "forbidden". None of that is a word of ours. */
function foreign() {
  return Object.assign(new Refused(0), { foreign: true });
}

/** What a proxy in front of our server says too, and means it: too large, too many, not now. @param {number} status */
const betweenUs = (status) => [413, 429].includes(status) || (status >= 500 && status !== 511);

/**
 * @param {string} path below the API
 * @param {object} [said] what to post; without it, it is a GET
 * @param {{headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} what the server says, with its `etag`; null when that is as before. Throws Refused.
 */
export async function ask(path, said, { headers = {}, signal } = {}) {
  const response = await fetch(`/checkin/api/v1/${path}`, {
    ...(said && { method: "POST", body: JSON.stringify(said) }),
    headers: { "Content-Type": "application/json", ...headers },
    signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])]),
    cache: "no-store",
    redirect: "manual",
  }).catch(() => null);
  if (!response) throw new Refused(0);
  if (response.status === 304) return null;
  if (!response.headers.get(OURS) && !betweenUs(response.status)) throw foreign();
  const body = await response.json().catch(() => null);
  if (response.ok && body) return { ...body, etag: response.headers.get("ETag") ?? "" };
  throw new Refused(response.ok ? 502 : response.status, body, 1000 * Number(response.headers.get("Retry-After")) || 0);
}

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A UUID version 7 (RFC 9562): milliseconds first, so that ids sort by the time of the tap. */
export function uuid7() {
  const random = crypto.getRandomValues(new Uint8Array(10));
  random[2] = (random[2] & 0x3f) | 0x80;
  const text = `${Date.now().toString(16).padStart(12, "0")}7${hex(random).slice(1)}`;
  return text.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The token of a ticket, whose QR holds an address that ends in /t/<token>; nothing in another code. @param {string} text */
export const tokenOf = (text) => text.match(/\/t\/([A-Za-z0-9_-]{16,64})\/?(?:[?#].*)?$/)?.[1];

/**
 * Who a scanned code is about. Only the token's hash leaves the tablet, and anything else is hashed whole. Without HTTPS
 * browsers do not hash, so the server does.
 * @param {string} text @returns {Promise<{token: string}|{token_hash: string}>}
 */
export async function codeOf(text) {
  const token = tokenOf(text) ?? text.trim().slice(0, 500);
  if (!globalThis.crypto?.subtle) return { token };
  return { token_hash: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)))) };
}
