// The answer to a scan or a tap: it fills the screen with color, sign, word and sound.
import { byId, copyOf } from "./page.js";

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

/** Green goes away by itself; everything else has to be read. */
export const mustBeRead = () => Boolean(overlay.querySelector(".feedback:not([data-kind=ok])"));

/**
 * @param {string} kind one of the templates feedback-<kind>
 * @param {{name?: string, detail?: string, actions?: Record<string, () => void>, then?: () => void}} message `then` when it is gone
 */
export function show(kind, { name = "", detail = "", actions = {}, then = () => {} }) {
  clearTimeout(timer);
  onClose = then;
  before ??= document.activeElement;
  const box = copyOf(`feedback-${kind}`, { ".feedback__name": name, ".feedback__detail": detail });
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
  sound(kind);
  navigator.vibrate?.(kind === "ok" ? 80 : [120, 80, 120]);
  box.querySelector("button")?.focus({ preventScroll: true });
  if (kind === "ok") timer = setTimeout(close, GREEN_FOR);
}

function close() {
  clearTimeout(timer);
  overlay.replaceChildren();
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  before = null;
  onClose();
}

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
