// The answer to a scan or a tap: it fills the screen with color, sign, word and sound.

const GREEN_FOR = 1800; // ms; amber and red wait for a tap, for somebody has to read them

/** @typedef {{name?: string, detail?: string, actions?: Record<string, () => void>, onClose?: () => void}} Message */

export class Feedback {
  /** @param {HTMLElement} overlay where it appears */
  constructor(overlay) {
    this.overlay = overlay;
    this.timer = 0;
    document.addEventListener("pointerdown", () => this.#audio()?.resume(), { once: true });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.open) this.close();
    });
  }

  get open() {
    return this.overlay.childElementCount > 0;
  }

  /** Green goes away by itself; everything else has to be read. */
  get mustBeRead() {
    return this.open && this.overlay.firstElementChild.getAttribute("data-kind") !== "ok";
  }

  /** @param {string} kind one of the templates feedback-<kind> @param {Message} message */
  show(kind, { name = "", detail = "", actions = {}, onClose }) {
    clearTimeout(this.timer);
    this.onClose = onClose;
    this.before ??= document.activeElement;
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById(`feedback-${kind}`));
    const box = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
    box.querySelector(".feedback__name").textContent = name;
    box.querySelector(".feedback__detail").textContent = detail;
    for (const button of box.querySelectorAll("button")) {
      const action = button.dataset.action;
      if (action === "close") button.addEventListener("click", () => this.close());
      else if (!actions[action]) button.remove();
      else
        button.addEventListener("click", () => {
          this.close();
          actions[action]();
        });
    }
    box.addEventListener("click", (event) => {
      if (kind === "ok" && event.target === box) this.close();
    });
    this.overlay.replaceChildren(box);
    this.#sound(kind);
    navigator.vibrate?.(kind === "ok" ? 80 : [120, 80, 120]);
    box.querySelector("button")?.focus({ preventScroll: true });
    if (kind === "ok") this.timer = setTimeout(() => this.close(), GREEN_FOR);
  }

  close() {
    clearTimeout(this.timer);
    this.overlay.replaceChildren();
    const { before, onClose } = this;
    this.before = this.onClose = undefined;
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    onClose?.();
  }

  #audio() {
    if (!("AudioContext" in globalThis)) return undefined;
    this.context ??= new AudioContext();
    return this.context;
  }

  /** Two rising tones for green, two equal ones for amber, one long low tone for red. @param {string} kind */
  #sound(kind) {
    const audio = this.#audio();
    if (!audio || audio.state !== "running") return;
    const tones = kind === "ok" ? [[880, 0, 0.09], [1320, 0.1, 0.12]] : kind === "error" ? [[180, 0, 0.7]] : [[520, 0, 0.15], [520, 0.22, 0.15]];
    for (const [pitch, from, length] of tones) {
      const tone = audio.createOscillator();
      const loudness = audio.createGain();
      tone.type = kind === "error" ? "sawtooth" : "sine";
      tone.frequency.value = pitch;
      loudness.gain.setValueAtTime(0.35, audio.currentTime + from);
      loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from + length);
      tone.connect(loudness).connect(audio.destination);
      tone.start(audio.currentTime + from);
      tone.stop(audio.currentTime + from + length);
    }
  }
}
