// The check-in screen of an officer who is logged in: the server decides each check-in.
import { ask, uuid7 } from "./ask.js";
import { byId, settings, showNet, words } from "./page.js";
import { Choice, ask as askAbove } from "./sessions.js";
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

/** @template T @param {T} state */
function heard(state) {
  trouble = "";
  return state;
}

/** The event was cancelled, the log-in is over. Of a lost connection the pill tells. @param {import("./ask.js").Refused} error */
function refused(error) {
  if (!error.lost) trouble = why(error);
}

async function poll() {
  const asked = document.hidden ? null : askHere(`state?event=${event}`, undefined, { headers: etag ? { "If-None-Match": etag } : {} });
  const state = await asked?.then(heard, refused);
  if (state) {
    etag = state.etag;
    place = state;
    showCounters(state.counters);
    refresh("present");
  }
  showPlace();
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

const choice = new Choice(event, { chosen: session, now: Date.now, take: (id) => location.assign(`/checkin/${event}/${id}`) });
let place = JSON.parse(settings.place);
/** Why nobody can be checked in any more, as a sentence. */
let trouble = "";

/** The event and its sessions as they are called by now. */
function showPlace() {
  if (trouble) askAbove(trouble);
  else choice.show(place.sessions, place.event);
}

start(server);
showPlace();
setInterval(showPlace, 10_000);
setTimeout(poll, POLL);
