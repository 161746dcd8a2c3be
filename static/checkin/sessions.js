// Which session people are checked in for: in sight all the time, with its day, and asked for again when another one is
// nearer. A tablet is opened on the second day in the session of the first, and nobody looks.
import { byId, copyOf, part, say, settings, words } from "./page.js";

/** @typedef {{id: number, title: string, starts_at?: string|null, ends_at?: string|null}} Session */
/** @typedef {{title?: string, starts_at?: string, ends_at?: string|null}} Event what its screens say of the event itself */

const HOUR = 3_600_000;
const ONE_DAY = 24 * HOUR;
const LASTS = 4 * HOUR; // a session whose end nobody wrote, unless the next one begins before
const EARLY = 2 * HOUR; // so long before a session its people come

/** How far a moment is from a session, in ms: 0 while it lasts, endless when nobody wrote its time. @param {Session} session @param {Session[]} sessions @param {number} now */
function distance({ starts_at, ends_at }, sessions, now) {
  if (!starts_at) return Infinity;
  const starts = Date.parse(starts_at);
  const following = sessions.map((other) => Date.parse(other.starts_at ?? "")).filter((at) => at > starts);
  const ends = ends_at ? Date.parse(ends_at) : Math.min(starts + LASTS, ...following);
  return Math.max(starts - now, now - ends, 0);
}

/**
 * The session that is nearer to this moment than the chosen one, if there is one. Beside a chosen one without a time
 * only a session counts whose people are coming now. @param {Session[]} sessions @param {number} chosen @param {number} now
 */
export function nearer(sessions, chosen, now) {
  const current = sessions.find(({ id }) => id === chosen);
  const far = current ? distance(current, sessions, now) : Infinity;
  const [best] = sessions.map((session) => ({ session, far: distance(session, sessions, now) })).sort((a, b) => a.far - b.far);
  if (!best || best.far >= far || (far === Infinity && best.far > EARLY)) return undefined;
  return best.session;
}

/** The day of a moment where the event is. @param {number|string} moment */
const dayOf = (moment) => new Date(moment).toLocaleDateString("sv", { timeZone: settings.zone });

/**
 * Whether somebody has to say which session it is. Where times say nothing, a new day asks.
 * @param {Session[]} sessions @param {number} chosen @param {string|null} day on which it was chosen @param {number} now
 */
export function mustAsk(sessions, chosen, day, now) {
  if (sessions.length < 2) return false;
  const current = sessions.find(({ id }) => id === chosen);
  return !current || Boolean(nearer(sessions, chosen, now)) || (!current.starts_at && day !== dayOf(now));
}

/** A session's day and hours; those of the event's day when nobody wrote its own. @param {Session} session @param {string} [otherwise] */
export function when({ starts_at, ends_at }, otherwise) {
  const first = starts_at ?? otherwise;
  if (!first) return "";
  const zone = { timeZone: settings.zone };
  const day = new Date(first).toLocaleDateString(settings.locale, { ...zone, weekday: "short", day: "numeric", month: "short" });
  const hours = [starts_at, ends_at].flatMap((at) =>
    at ? [new Date(at).toLocaleTimeString(settings.locale, { ...zone, hour: "2-digit", minute: "2-digit", hour12: false })] : [],
  );
  return [day, hours.join("–")].filter(Boolean).join(", ");
}

/** The question above the screen, in sight until somebody answers. @param {string} text @param {[string, () => void][]} buttons */
export function ask(text, ...buttons) {
  const box = byId("nearer");
  const said = part(box, "span");
  box.hidden = !text;
  if (said.textContent === text) return; // a button that is about to be tapped stays where it is
  said.textContent = text;
  part(box, ".cluster").replaceChildren(
    ...buttons.map(([label, onTap]) => {
      const button = copyOf("session-button", { span: label });
      button.addEventListener("click", onTap);
      return button;
    }),
  );
}

/** The event and the session chosen on this screen, which follow what the organizer does to them meanwhile. */
export class Choice {
  /** @type {Session[]} */
  #sessions = [];
  #shown = "";
  #stay = 0; // the nearer session that somebody did not want
  /** @type {HTMLElement[]} */
  #buttons = [];
  /** @type {Event} */
  #event = {};

  /** @param {string} event @param {{chosen: number, now: () => number, take: (id: number) => void}} tablet what is chosen, its clock by the server's, what to do */
  constructor(event, tablet) {
    this.dayKey = `checkin:day:${event}`;
    this.tablet = tablet;
  }

  /** @param {number} id */
  take(id) {
    localStorage.setItem(this.dayKey, dayOf(this.tablet.now()));
    this.tablet.chosen = id;
    this.#stay = 0;
    byId("settings").removeAttribute("open");
    this.tablet.take(id);
    this.show(this.#sessions, this.#event);
  }

  /** What is chosen, and what else there is, as of now. @param {Session[]} sessions @param {Event} event */
  show(sessions, event) {
    this.#event = event;
    const { starts_at, ends_at, title = "" } = event;
    const isOneDay = starts_at && Date.parse(ends_at ?? starts_at) - Date.parse(starts_at) < ONE_DAY;
    const { chosen, now } = this.tablet;
    byId("event-title").textContent = title;
    const written = JSON.stringify(sessions);
    if (written !== this.#shown) {
      [this.#shown, this.#sessions] = [written, sessions];
      this.#buttons = this.offer();
      byId("sessions").replaceChildren(...this.#buttons);
      part(document, "[data-several]").hidden = sessions.length < 2;
    }
    const current = sessions.find(({ id }) => id === chosen);
    if (current) byId("session-title").textContent = current.title;
    byId("session-day").textContent = current ? when(current, isOneDay ? starts_at : undefined) : "";
    this.#buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(sessions[at].id === chosen)));
    if (!current && sessions.length) {
      return ask(words.sessionGone, ...sessions.map(({ id, title }) => /** @type {[string, () => void]} */ ([title, () => this.take(id)])));
    }
    const other = nearer(sessions, chosen, now());
    if (!other) return ask("");
    /** @type {[string, () => void]} */
    const go = [say("goTo", { title: other.title }), () => this.take(other.id)];
    if (other.id === this.#stay) return ask(say("staying", { title: other.title, chosen: current?.title ?? "" }), go);
    const stay = () => {
      this.#stay = other.id;
      this.show(this.#sessions, this.#event);
    };
    ask(say("nearer", { title: other.title, when: when(other), chosen: current?.title ?? "" }), go, [words.stay, stay]);
  }

  /** A button for each session. @param {(id: number) => void} [onTap] */
  offer(onTap = (id) => this.take(id)) {
    return this.#sessions.map((session) => {
      const button = copyOf("session-button", { span: [session.title, when(session)].filter(Boolean).join(" · ") });
      button.addEventListener("click", () => onTap(session.id));
      return button;
    });
  }

  /**
   * Before the screen can be used: the one chosen before, or the only one, or what somebody says. @param {Session[]} sessions
   * @param {(words: string, ...buttons: HTMLElement[]) => void} question
   */
  first(sessions, question) {
    this.#sessions = sessions;
    const { chosen, now } = this.tablet;
    if (sessions.length === 1) return this.take(sessions[0].id);
    if (!sessions.length || !mustAsk(sessions, chosen, localStorage.getItem(this.dayKey), now())) return this.tablet.take(chosen);
    const known = sessions.some(({ id }) => id === chosen);
    return new Promise((done) => {
      question(known ? words.whichSessionNow : words.whichSession, ...this.offer((id) => done(this.take(id))));
    });
  }
}
