// The check-in screen of an officer who is logged in: the server decides each check-in.
import { ask, uuid7 } from "./ask.js";
import { byId, say, settings, showNet, words } from "./page.js";
import { ask as askWhich, nearer, when } from "./sessions.js";
import { refresh, showCounters, start, why } from "./screen.js";

const POLL = 5000;
const TYPING = 150; // ms without another keystroke before the server is asked

const { event } = settings;
const session = Number(settings.session);
const storeId = uuid7(); // this page's own log; its operations are numbered from 1
const deviceKey = `checkin:device:${event}`; // this browser's id at this event: made once, kept
const device = localStorage.getItem(deviceKey) ?? uuid7();
localStorage.setItem(deviceKey, device);
let devSeq = 0;
let etag = "";

/** @type {typeof ask} */
function askHere(path, said, options) {
  const asked = ask(path, said, options);
  const connected = () => showNet("online", words.connected);
  asked.then(connected, (error) => {
    if (!error.lost) connected();
    else if (!options?.signal?.aborted) showNet("offline", words.disconnected);
  });
  return asked;
}

/** @type {import("./screen.js").Backend} */
const server = {
  session,
  async record(said) {
    said.dev_seq ??= ++devSeq;
    const send = () => askHere("ops", { v: 1, event, device, store_id: storeId, sent_at: new Date().toISOString(), ops: [said] });
    const { results, counters } = await send().catch((error) => {
      if (!error.lost) throw error;
      return send(); // a lost answer is no answer: once more before giving up
    });
    return { result: results[0], counters };
  },
  async search(q, signal) {
    await new Promise((done) => setTimeout(done, TYPING));
    return signal.aborted ? [] : (await askHere("search", { event, session, q }, { signal })).people;
  },
  near: async (name) => (await askHere("near", { event, session, q: name.slice(0, 100) })).people,
  present: async () => (await askHere(`present?event=${event}&session=${session}`)).people,
};

async function poll() {
  const asked = document.hidden ? null : askHere(`state?event=${event}`, undefined, { headers: etag ? { "If-None-Match": etag } : {} });
  const state = await asked?.catch(() => null); // the pill says that there is no connection
  if (state) {
    etag = state.etag;
    showCounters(state.counters);
    refresh("present");
  }
  setTimeout(poll, POLL);
}

byId("tablet-name").addEventListener("submit", async (submitted) => {
  submitted.preventDefault();
  const field = byId("device-name", HTMLInputElement);
  try {
    field.value = (await askHere("device", { event, device, name: field.value })).name;
    byId("device-saved").textContent = words.saved;
  } catch (error) {
    byId("device-saved").textContent = why(error);
  }
});

/** @type {import("./sessions.js").Session[]} */
const sessions = JSON.parse(settings.sessions);
let stay = 0; // the nearer session that somebody did not want

function askForSession() {
  const other = nearer(sessions, session, Date.now());
  if (!other) return askWhich("");
  const chosen = sessions.find(({ id }) => id === session)?.title ?? "";
  const here = () => {
    stay = other.id;
    askForSession();
  };
  /** @type {[string, () => void]} */
  const go = [say("goTo", { title: other.title }), () => location.assign(`/checkin/${event}/${other.id}`)];
  if (other.id === stay) return askWhich(say("staying", { title: other.title, chosen }), go);
  askWhich(say("nearer", { title: other.title, when: when(other), chosen }), go, [words.stay, here]);
}

start(server);
askForSession();
setInterval(askForSession, 10_000);
setTimeout(poll, POLL);
