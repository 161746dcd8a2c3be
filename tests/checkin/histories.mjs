// Tablets for tests/checkin/histories.py: the shipped modules, one command a line, one answer a line.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { Browser, again, install, quiet, tablets } from "./fake_browser.mjs";

install();
const folder = pathToFileURL(`${process.argv[2]}/`).href;
const listed = JSON.stringify({ found: 30, present: 50 });
const words = JSON.stringify({ someone: "?", here: "here" });
globalThis.document = { getElementById: () => ({ dataset: { listed, words, locale: "id" } }) };
const { Door } = await import(`${folder}door.js`);
const { Store } = await import(`${folder}store.js`);
const { uuid7 } = await import(`${folder}ask.js`);
const { Sync } = await import(`${folder}sync.js`);

const EVENT = "kegiatan";
/** @type {Browser[]} */
let browsers = [];

/** The tablet's page opens: what open() in tablet.js does, without a screen. @param {Browser} browser */
async function open(browser) {
  const store = new Store(EVENT);
  const door = new Door();
  const sync = new Sync(EVENT, store, door, await store.load());
  Object.assign(browser, { store, door, sync });
  sync.next(0);
}

const answerTo = ({ status, body }) => ({
  ok: status >= 200 && status < 300, status, type: "basic", headers: { get: () => null },
  json: async () => structuredClone(body),
});

const commands = {
  /** New tablets; nothing is left of the last history. */
  async begin({ count, dice }) {
    again(dice);
    browsers = Array.from({ length: count }, () => new Browser());
    for (const browser of browsers) await tablets.run(browser, () => open(browser));
  },
  /** The next round begins: its question, once there is one. */
  async ask({ tablet }) {
    const browser = browsers[tablet];
    if (!browser.question) {
      const round = browser.timer;
      browser.timer = null;
      tablets.run(browser, () => round?.());
    }
    await quiet(browsers);
    return browser.question && { path: browser.question.path, body: browser.question.body && JSON.parse(browser.question.body) };
  },
  /** An answer arrives; without a status the connection breaks. */
  async answer({ tablet, status, body }) {
    const { resolve, reject } = browsers[tablet].question;
    browsers[tablet].question = null;
    if (status) resolve(answerTo({ status, body }));
    else reject(new TypeError("network"));
  },
  /** Somebody is at the door. `crash`: the tablet dies before it can answer, with the operation written or not. */
  async record({ tablet, said, crash, session }) {
    const browser = browsers[tablet];
    browser.door.session = session;
    const op = { id: uuid7(), client_at: new Date(Date.now()).toISOString(), session, ...said };
    const recorded = tablets.run(browser, () => browser.door.record(op));
    if (crash === "before") {
      recorded.catch(() => undefined);
      return commands.crash({ tablet });
    }
    const { result } = await recorded;
    if (crash) await commands.crash({ tablet });
    return { id: op.id, status: result.status, acknowledged: !crash };
  },
  /** Somebody of those who are in is taken back; null when nobody is. */
  async undo({ tablet, number, session }) {
    const { door } = browsers[tablet];
    door.session = session;
    const here = await door.present();
    if (!here.length) return null;
    const { id: registration, live: ops } = here[number % here.length];
    return commands.record({ tablet, session, said: { kind: "undo", session: undefined, registration, ops } });
  },
  /** The battery is out; then somebody switches it on again. */
  async crash({ tablet }) {
    const browser = browsers[tablet];
    browser.begin();
    await quiet(browsers);
    await tablets.run(browser, () => open(browser));
    return null;
  },
  /** What each tablet believes: its own operations, who is live where, its counters. */
  async states({ sessions }) {
    const states = browsers.map(async (browser) => {
      const { door, store } = browser;
      const { ops } = await tablets.run(browser, () => store.load());
      const live = {};
      for (const session of sessions) {
        door.session = session;
        for (const entry of await door.present()) live[`${session}|${entry.id}`] = entry.live;
      }
      const { seq: _seq, ...counters } = door.counters(); // moves with every answer
      return { ops, live, counters };
    });
    return Promise.all(states);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { name, ...words } = JSON.parse(line);
  let answer;
  try {
    answer = (await commands[name](words)) ?? null;
    await quiet(browsers);
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
