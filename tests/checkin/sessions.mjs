// Which session is nearer, and what a tablet does at the door of one that is gone; prints what came of it.
import { Browser, again, quiet, tablets } from "./fake_browser.mjs";
import { open, uuid7 } from "./shipped.mjs";

const { mustAsk, nearer, when } = await import(`${process.argv[2]}/sessions.js`);

const at = (day, hour) => `2025-10-${day}T${hour}:00:00+07:00`;
const session = (id, starts_at = null, ends_at = null) => ({ id, title: `Sesi ${id}`, starts_at, ends_at });
const days = [session(1, at("09", "08"), at("09", "12")), session(2, at("10", "08"), at("10", "12"))];
const night = [session(1, at("09", "15"), at("09", "18")), session(2, at("09", "20"), at("10", "01"))];
const open_ended = [session(1, at("09", "08")), session(2, at("09", "10")), session(3, at("10", "08"))];
const together = [session(1, at("09", "08"), at("09", "12")), session(2, at("09", "08"), at("09", "12"))];
const written = [session(1), session(2, at("09", "13"), at("09", "15"))];
const better = (sessions, chosen, ...moment) => nearer(sessions, chosen, Date.parse(at(...moment)))?.id ?? null;
const asks = (sessions, chosen, day, ...moment) => mustAsk(sessions, chosen, day, Date.parse(at(...moment)));

const near = {
  "day 2": better(days, 1, "10", "07"), "day 1": better(days, 1, "09", "07"), "evening before": better(days, 1, "09", "14"),
  "after midnight": better(night, 1, "10", "00"), "still the night": better(night, 2, "10", "00"),
  "next begins": better(open_ended, 1, "09", "11"), "next day": better(open_ended, 2, "10", "07"),
  "side by side": better(together, 2, "09", "09"), "without a time, soon": better(written, 1, "09", "12"),
  "without a time, later": better(written, 1, "09", "08"),
};
const asked = {
  "same session": asks(days, 1, "2025-10-09", "09", "09"), "day 2": asks(days, 1, "2025-10-09", "10", "07"),
  "a new day without times": asks([session(1), session(2)], 1, "2025-10-09", "10", "07"),
  "the same day without times": asks([session(1), session(2)], 1, "2025-10-10", "10", "07"),
  "one session": asks([session(1)], 1, "2025-10-09", "10", "07"), gone: asks(days, 9, "2025-10-09", "09", "09"),
};
const shown = [when(days[0]), when(session(1)), when(session(1), at("09", "08"))];

/** What a tablet says to a check-in, and then counts. */
async function kept(place) {
  const browser = new Browser();
  again(5);
  await open(browser, "e");
  const { door } = browser;
  door.session = 1;
  door.setRoster([{ id: "p1", h: "a", n: "Ibu", b: "", r: "", k: "", s: "confirmed", u: 7 }]);
  door.setPlace(place);
  const op = { id: uuid7(), client_at: new Date(Date.now()).toISOString(), kind: "checkin", session: 1, registration: "p1" };
  const { result, counters } = await tablets.run(browser, () => door.record(op));
  await quiet([browser]);
  const here = counters.sessions[1] ?? 0;
  door.learn([{ id: op.id, seq: 4, kind: "checkin", session: 2, registration: "p1", at: op.client_at }]); // the desk chose
  return { status: result.status, why: result.message ?? "", here, then: door.counters().sessions };
}

const doors = {
  gone: await kept({ sessions: [{ id: 2, title: "B" }], status: "published" }),
  cancelled: await kept({ sessions: [{ id: 1, title: "A" }], status: "cancelled" }),
  open: await kept({ sessions: [{ id: 1, title: "A" }], status: "published" }),
};
process.stdout.write(JSON.stringify({ near, asked, shown, doors }));
process.exit(0);
