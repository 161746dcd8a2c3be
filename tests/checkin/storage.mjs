// Tablets with the shipped modules and a storage in memory, through moments that are rare; prints what came of them.
import { Browser, again, quiet, tablets } from "./fake_browser.mjs";
import { open, uuid7 } from "./shipped.mjs";

const now = () => new Date(Date.now()).toISOString();
const people = [1, 2].map((n) => ({ id: `p${n}`, h: `a${n}`, n: `Ibu ${n}`, b: "", r: "", k: "", s: "confirmed", u: 7 }));
const version = "1-2-14-0";
const roster = { event: { title: "E" }, zone: "", zone_label: "", sessions: [], version, as_of: 1, device: { id: "d", name: "T" }, people, next: null };

/** Open the page of a tablet, for the first time or again. */
async function begin(browser) {
  browser.begin();
  await quiet([browser]);
  await open(browser, "e");
  browser.door.session = 1;
}

/** The next question that the tablet asks. */
async function asked(browser) {
  if (!browser.question) {
    const { timer } = browser;
    browser.timer = null;
    tablets.run(browser, () => timer?.());
    await quiet([browser]);
  }
  return JSON.parse(browser.question.body ?? "null");
}

/** Answer it; a question for the roster that follows is answered too. */
async function answer(browser, more) {
  const said = { log_id: "L", server_time: now(), standing: "open", results: [], known: true, changes: [], cursor: 0, tail: null, more: false, roster_version: version, counters: null };
  for (let body = { ...said, ...more }; browser.question; body = roster) {
    const { resolve } = browser.question;
    browser.question = null;
    resolve({ ok: true, status: 200, type: "basic", headers: { get: (name) => (name === "Serambi-Api" ? "1" : null) }, json: async () => structuredClone(body) });
    await quiet([browser]);
    if (!browser.question?.path.includes("roster")) break;
  }
}

/** Check somebody in. */
const tap = (browser, registration) =>
  tablets.run(browser, () => browser.door.record({ id: uuid7(), client_at: now(), kind: "checkin", session: 1, registration }));

const taken = ({ ops }, status, more) => ops.map(({ id }, at) => ({ id, status, seq: at + 1, duplicate_of: null, ...more }));

/** A tablet whose first check-in is answered, and what it had sent. */
async function tablet() {
  const browser = new Browser();
  again(5);
  await begin(browser);
  await asked(browser);
  await answer(browser);
  await tap(browser, "p1");
  const first = await asked(browser);
  await answer(browser, { results: taken(first, "ok"), cursor: 1, tail: first.ops[0].id });
  return { browser, first };
}

/** The storage is wiped while a question is on its way, and the page is shut right after its answer. */
async function wiped() {
  const { browser, first } = await tablet();
  await asked(browser);
  browser.disk.clear();
  browser.store.close();
  await answer(browser, { cursor: 1, tail: first.ops[0].id });
  await begin(browser);
  await tap(browser, "p2");
  const { store_id, ops } = await asked(browser);
  return { before: first.store_id, after: store_id, numbers: ops.map((op) => op.dev_seq) };
}

/** A backup is restored, in which what was recorded here can have no place. */
async function refused() {
  const { browser } = await tablet();
  await asked(browser);
  await answer(browser, { known: false, log_id: "L2" });
  const second = await asked(browser);
  await answer(browser, { log_id: "L2", results: taken(second, "quarantined", { seq: null, message: "no such session" }) });
  return { again: second.ops.length, review: [...browser.sync.review.values()].map((own) => own.problem) };
}

process.stdout.write(JSON.stringify({ wiped: await wiped(), refused: await refused() }));
process.exit(0);
