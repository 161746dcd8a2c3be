// The answer to a scan or a tap: it fills the screen with color, sign, word and sound.
import { byId, copyOf, part, say } from "./page.js";

const GREEN_FOR = 1800; // ms; amber and red wait for a tap, for somebody has to read them
/** Hz, and from when to when in seconds: rising for green, equal for amber, one long and low for red. */
const RISING = [[880, 0, 0.09], [1320, 0.1, 0.22]];
const EQUAL = [[520, 0, 0.15], [520, 0.22, 0.37]];
const LOW = [[180, 0, 0.7]];

const overlay = byId("overlay");
let timer = 0;
let onClose = () => {};
/** @type {Element|null} what had the focus */
let before = null;
/** @type {AudioContext|undefined} */
let audio;

/**
 * @typedef {{name?: string, detail?: string, actions?: Record<string, () => void>, then?: () => void, about?: string}} Message
 *   `then` when it is gone; `about`: whom or what it answers, so that a later answer takes the place of an earlier one
 * @typedef {{kind: string, message: Message, word: string}} Answer
 */
/** @type {Answer|null} what fills the screen */
let present = null;
/** @type {Answer[]} what another scan has pushed off the screen before somebody answered it, the latest first */
let earlier = [];

/** @param {string} kind one of the templates feedback-<kind> @param {Message} message */
export function show(kind, message) {
  const { name = "", detail = "", actions = {}, then = () => {}, about } = message;
  clearTimeout(timer);
  // green may go by itself; everything else has to be read
  if (present && present.kind !== "ok") earlier.unshift(present);
  if (about) earlier = earlier.filter((answer) => answer.message.about !== about);
  onClose = then;
  before ??= document.activeElement;
  const box = copyOf(`feedback-${kind}`, { ".feedback__name": name, ".feedback__detail": detail });
  present = { kind, message, word: part(box, ".feedback__word").textContent ?? "" };
  part(box, ".feedback__earlier").textContent = earlier.length ? say("earlier", { count: earlier.length, last: labelOf(earlier[0]) }) : "";
  for (const button of box.querySelectorAll("button")) {
    const action = button.dataset.action ?? "";
    if (action !== "close" && !actions[action]) button.remove();
    button.addEventListener("click", () => {
      close();
      actions[action]?.();
    });
  }
  if (kind === "ok") box.addEventListener("click", ({ target }) => target === box && close());
  overlay.replaceChildren(box);
  listEarlier();
  sound(kind);
  navigator.vibrate?.(kind === "ok" ? 80 : [120, 80, 120]);
  box.querySelector("button")?.focus({ preventScroll: true });
  if (kind === "ok") timer = setTimeout(close, GREEN_FOR);
}

function close() {
  clearTimeout(timer);
  present = null;
  overlay.replaceChildren();
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  before = null;
  onClose();
}

/** @param {Answer} answer */
const labelOf = ({ message: { name }, word }) => (name ? `${name}: ${word}` : word);

/** What was pushed off the screen stays in sight, and opens again. */
function listEarlier() {
  byId("earlier").hidden = !earlier.length;
  byId("earlier-title").textContent = say("earlierTitle", { count: earlier.length });
  const rows = earlier.map((answer) => {
    const { kind, message, word } = answer;
    const texts = { ".person__name": message.name || word, ".person__detail": message.detail ?? "", ".person__state": message.name ? word : "" };
    const row = copyOf("earlier-row", texts);
    part(row, "button").addEventListener("click", () => {
      forget(answer);
      show(kind, message);
    });
    return row;
  });
  byId("earlier-list").replaceChildren(...rows);
}

/** @param {Answer} [one] else all of them */
function forget(one) {
  earlier = one ? earlier.filter((answer) => answer !== one) : [];
  listEarlier();
}

byId("earlier-done").addEventListener("click", () => forget());

/** @param {string} kind */
function sound(kind) {
  if (audio?.state !== "running") return;
  const now = audio.currentTime;
  for (const [pitch, from, until] of kind === "ok" ? RISING : kind === "error" ? LOW : EQUAL) {
    const tone = new OscillatorNode(audio, { type: kind === "error" ? "sawtooth" : "sine", frequency: pitch });
    const loudness = new GainNode(audio, { gain: 0.35 });
    loudness.gain.setValueAtTime(0.35, now + from).exponentialRampToValueAtTime(0.001, now + until);
    tone.connect(loudness).connect(audio.destination);
    tone.start(now + from);
    tone.stop(now + until);
  }
}

// A page may sound once somebody has touched it; a call or a locked screen takes that away again.
const wake = () => (audio ??= new AudioContext()).resume();
document.addEventListener("pointerup", wake);
document.addEventListener("keydown", (event) => {
  wake();
  if (event.key === "Escape" && overlay.firstElementChild) close();
});
