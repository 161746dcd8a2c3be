// Runs the tablet's own modules against a server made of a function; prints what came of it as JSON.
import { pathToFileURL } from "node:url";

const folder = pathToFileURL(`${process.argv[2]}/`).href;
const { Sync, pause, settle } = await import(`${folder}sync.js`);
const { beginnings, indexed } = await import(`${folder}words.js`);

const later = globalThis.setTimeout;
globalThis.setTimeout = (work) => later(work, 0); // pauses are looked at by themselves
Object.defineProperty(globalThis, "navigator", { value: { locks: { request: (_name, work) => work() } } });

class Memory {
  constructor(count) {
    this.name = "memory";
    this.id = "store";
    this.ops = Array.from({ length: count }, (_none, at) => ({ id: `op-${at + 1}`, dev_seq: at + 1, open: 1, said: { id: `op-${at + 1}`, kind: "checkin" } }));
  }
  meta = { store_id: "store", cursor: 0, log_id: "log" };
  async save({ ops, meta }) {
    this.meta = meta;
    this.ops = this.ops.map((own) => ops.find((one) => one.id === own.id) ?? own);
  }
  async resend(meta) {
    this.meta = { ...meta, cursor: 0 };
    this.ops = this.ops.map((own) => ({ ...own, open: 1 }));
  }
  async load() {
    return { meta: this.meta, ops: this.ops };
  }
}

/** Rounds of a tablet with some operations, until `rounds` questions were asked. */
async function exchange(count, rounds, server, headers = { "Serambi-Api": "1" }) {
  const store = new Memory(count);
  const door = { ofOwn() {}, learn() {}, load() {} };
  const sync = new Sync("event", store, door, await store.load());
  const asked = [];
  await new Promise((done) => {
    globalThis.fetch = async (_path, { body }) => {
      const ids = JSON.parse(body).ops.map((op) => op.id);
      asked.push(ids);
      if (asked.length > rounds) return new Promise(() => done());
      const [status, more] = server(ids, asked.length);
      const results = ids.map((id, at) => ({ id, status: "ok", seq: at + 1, duplicate_of: null }));
      const answer = { log_id: "log", cursor: 0, standing: "open", changes: [], results, server_time: new Date().toISOString(), ...more };
      return new Response(JSON.stringify(status === 200 ? answer : {}), { status, headers });
    };
    sync.next(0);
  });
  return { foreign: sync.failure?.foreign, review: sync.review.size, asked: asked.slice(0, rounds), open: store.ops.filter((own) => own.open).map((own) => own.id) };
}

/** How many operations go at once while each answer takes as many ms as its turn says, and the last as all that follow. */
async function slowly(count, ...takes) {
  const { now } = Date;
  let passed = 0;
  Date.now = () => passed; // a clock that the server alone moves
  const { asked, open } = await exchange(count, 7, (_ids, round) => {
    passed += takes[Math.min(round, takes.length) - 1];
    return [200];
  });
  Date.now = now;
  return { sizes: asked.map((ids) => ids.length).filter(Boolean), open };
}

/** The network answers in the server's place, with each of these. */
async function portals(...statuses) {
  const told = [];
  for (const status of statuses) told.push(await exchange(3, 3, () => [status, {}], {}));
  return told;
}

const own = { id: "a", dev_seq: 1, open: 1, said: { id: "a", kind: "walkin", name: "Ibu Rohayati", contact: "0812" } };
const report = {
  poison: await exchange(8, 14, (ids) => [ids.includes("op-3") ? 500 : 200]),
  garbage: await exchange(8, 14, (ids) => [ids.includes("op-3") ? 400 : 200]),
  portal: await portals(302, 401, 403, 404, 511, 200),
  large: await exchange(40, 12, (ids) => [ids.length > 10 ? 413 : 200]),
  quick: await slowly(520, 2500, 100),
  slow: await slowly(520, 2500),
  restored: await exchange(3, 3, (_ids, round) => [200, { log_id: round === 1 ? "log" : "log-2", known: round !== 2 }]),
  shorter: await exchange(3, 3, (_ids, round) => [200, { cursor: [9, 4, 4][round - 1], known: round !== 2 }]),
  pauses: [pause(0, true), pause(0, false), pause(1, true, 0), pause(1, true, 1), pause(4, true, 1), pause(50, true, 1), pause(50, true, 0)],
  settled: settle([own], [{ id: "a", status: "ok", seq: 7 }]),
  quarantined: settle([own], [{ id: "a", status: "quarantined", reason: "revoked", seq: null }]),
  unanswered: settle([own], []),
  twice: settle([{ ...own, repeat: false }], [{ id: "a", status: "duplicate", seq: 8, where: "Pintu timur" }]),
  known: settle([{ ...own, repeat: true }], [{ id: "a", status: "duplicate", seq: 8, where: "Pintu timur" }]),
  found: Object.fromEntries(
    ["asep", "As", "muhammad asep", "moh asep", "h. asep", "awal'", "keripik", "90123", "1234567890123", "ibu", "sep", "étoile"].map((typed) => [
      typed,
      beginnings(typed).every((word) => indexed("H. Moh. Asep Awa'ludin, S.H.", "Keripik Étoile", "90123").includes(word)),
    ]),
  ),
};
process.stdout.write(JSON.stringify(report));
process.exit(0);
