// Tablets for tests/checkin/histories.py: the shipped modules, one command a line, one answer a line.
import { createInterface } from "node:readline";
import { Browser, again, quiet, tablets } from "./fake_browser.mjs";
import { open, uuid7 } from "./shipped.mjs";

const EVENT = "kegiatan";
/** @type {Browser[]} */
let browsers = [];

const answerTo = ({ status, body }) => ({
  ok: status >= 200 && status < 300, status, type: "basic", headers: { get: (name) => (name === "Serambi-Api" ? "1" : null) },
  json: async () => structuredClone(body),
});

const commands = {
  /** New tablets; nothing is left of the last history. */
  async begin({ count, dice }) {
    again(dice);
    browsers = Array.from({ length: count }, () => new Browser());
    for (const browser of browsers) await open(browser, EVENT);
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
    await open(browser, EVENT);
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
