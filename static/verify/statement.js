// What the QR code of a certificate says, checked where it is read: no server is asked (halal/certificates/statement.py
// writes it). A COSE_Sign1 (RFC 9052) over Ed25519 in base64url.

/** @typedef {{kid: string, x: string, office: string, compromised?: string}} Key a published key, as in /v/kunci.json */
/** @typedef {{said: Map<number, Said>, office: string, since: string}} Verified `since` is the day (ISO 8601) from which the key is in other hands, or empty */
/** @typedef {string | string[]} Said */

/** The numbers that stand for what is said. Only where another institution issues is an issuer named: the office that signs declares it. */
export const CLAIM = { CODE: 1, NUMBER: 2, RECIPIENT: 3, TITLE: 4, ROLE: 5, EVENT: 6, DAY: 7, PLACE_DATE: 8, DECLARED_ISSUER: 9, SIGNATORIES: 10 };
const SHORTEST = 100; // characters; anything shorter behind the # is a place on the page
const ED25519 = "161,1,39"; // the protected header {1: -8}, the only one that is believed

/** Not believed: "form" (no statement), "key" (nobody known has signed) or "signature" (changed, or signed by another). */
export class Refused extends Error {}

/** This browser cannot check signatures: too old, or the address is not https. */
export class Unsupported extends Error {}

/** The statement behind an address' #; empty when there is none. @param {string} hash */
export function statementIn(hash) {
  return hash.length > SHORTEST ? hash.slice(1) : "";
}

/** A code as the server would have written it: halal/ids.py, normalize_code. @param {string} typed */
export function normalized(typed) {
  return typed.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "").replaceAll("o", "0").replace(/[il]/g, "1");
}

/**
 * What a statement says, and the office whose key signed it. Throws Refused or Unsupported.
 * @param {string} statement @param {Key[]} keys @returns {Promise<Verified>}
 */
export async function verify(statement, keys) {
  const { isProtected, kid, payload, signature } = parts(statement);
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new Refused("key");
  const signed = Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...encoded(isProtected), 0x40, ...encoded(payload)]);
  if (!(await isSignedBy(key, signature, signed))) throw new Refused("signature");
  return { said: new Reader(payload).whole(), office: key.office, since: key.compromised ?? "" };
}

/** @param {Key} key @param {Uint8Array<ArrayBuffer>} signature @param {Uint8Array<ArrayBuffer>} signed */
async function isSignedBy(key, signature, signed) {
  try {
    const imported = await crypto.subtle.importKey("raw", fromBase64(key.x), "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, signed);
  } catch (error) {
    throw new Unsupported(String(error));
  }
}

/**
 * @param {string} statement
 * @returns {{isProtected: Uint8Array<ArrayBuffer>, kid: string, payload: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>}}
 */
function parts(statement) {
  try {
    const [isProtected, open, payload, signature] = new Reader(fromBase64(statement)).whole();
    if (String(isProtected) !== ED25519 || !isBytes(payload) || signature.length !== 64) throw new Refused("form");
    return { isProtected, kid: new TextDecoder().decode(open.get(4)), payload, signature };
  } catch {
    throw new Refused("form");
  }
}

/** @param {unknown} item @returns {boolean} */
function isBytes(item) {
  return item instanceof Uint8Array;
}

/** @param {string} text base64url */
function fromBase64(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

/** A byte string in CBOR. @param {Uint8Array} data */
function encoded(data) {
  const n = data.length;
  return n < 24 ? [0x40 + n, ...data] : n < 256 ? [0x58, n, ...data] : [0x59, n >> 8, n & 255, ...data];
}

/** Reads CBOR (RFC 8949), as much of it as statements are made of. */
class Reader {
  /** @param {Uint8Array<ArrayBuffer>} data */
  constructor(data) {
    this.data = data;
    this.at = 0;
  }

  /** The one item that the data is. @returns {any} */
  whole() {
    const item = this.item();
    if (this.at !== this.data.length) throw new Refused("form");
    return item;
  }

  /** @returns {any} */
  item() {
    const first = this.bytes(1)[0];
    const n = this.size(first & 31);
    switch (first >> 5) {
      case 0: return n;
      case 1: return -1 - n;
      case 2: return this.bytes(n);
      case 3: return new TextDecoder("utf-8", { fatal: true }).decode(this.bytes(n));
      case 4: return this.many(n, () => this.item());
      case 5: return new Map(this.many(n, () => [this.item(), this.item()]));
      case 6: return this.item();
      default: throw new Refused("form");
    }
  }

  /** @param {number} n @param {() => any} read @returns {any[]} */
  many(n, read) {
    const found = [];
    while (found.length < n) found.push(read());
    return found;
  }

  /** @param {number} told */
  size(told) {
    if (told < 24) return told;
    if (told > 26) throw new Refused("form");
    return this.bytes(2 ** (told - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** @param {number} n */
  bytes(n) {
    if (this.at + n > this.data.length) throw new Refused("form");
    this.at += n;
    return this.data.slice(this.at - n, this.at);
  }
}
