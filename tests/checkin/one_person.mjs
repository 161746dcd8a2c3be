// A tablet at whose door a late registrant came in as a guest; prints what it counts and lists.
import { Browser, again, quiet, tablets } from "./fake_browser.mjs";
import { open, uuid7 } from "./shipped.mjs";

const code = "c0de".repeat(16);
const entry = (id, n, h, s = "confirmed") => ({ id, h: h.slice(0, 16), n, b: "", r: "", k: "", s, u: 7 });
const asep = entry("p1", "Asep", "a".repeat(64));
const dewi = entry("p2", "Dewi Lestari", code);

/** A tablet that knows Asep alone. */
async function tablet() {
  const browser = new Browser();
  again(5);
  await open(browser, "e");
  browser.door.session = 1;
  browser.door.setRoster([asep]);
  return browser;
}

/** Somebody is at the door. */
async function say(browser, said) {
  const op = { id: uuid7(), client_at: new Date(Date.now()).toISOString(), session: 1, ...said };
  const { result } = await tablets.run(browser, () => browser.door.record(op));
  await quiet([browser]);
  return result.status;
}

async function counts({ door }) {
  const { sessions, registered, walk_ins: walkIns, unknown } = door.counters();
  const names = (people) => people.map(({ name }) => name);
  return { here: sessions[1], registered, walkIns, unknown, present: names(await door.present()), found: names(await door.search("dewi")) };
}

const came = await tablet();
await say(came, { kind: "checkin", token_hash: code, via: "scan" });
await say(came, { kind: "walkin", registration: "g1", name: "Bu Dewi", contact: "", token_hash: code });
const alone = await counts(came);
const repeated = await say(came, { kind: "checkin", token_hash: code, via: "scan" });
came.door.setRoster([dewi], true); // the list is there before the server's word
const arrived = await counts(came);

// another tablet, which hears of all of it from the server; the guest is in the list too, given up since
const other = await tablet();
other.door.setRoster([dewi, entry("g1", "Bu Dewi", "b".repeat(64), "cancelled")], true);
const at = new Date(Date.now()).toISOString();
other.door.learn([
  { id: "o1", seq: 1, kind: "checkin", session: 1, registration: "p2", at },
  { id: "o2", seq: 2, kind: "walkin", session: 1, registration: "g1", name: "Bu Dewi", token_hash: code, at },
]);
other.door.learn([{ id: "o3", seq: 3, kind: "merge", session: null, registration: "g1", into: "p2", at }]);
const merged = await counts(other);

process.stdout.write(JSON.stringify({ alone, repeated, arrived, merged }));
process.exit(0);
