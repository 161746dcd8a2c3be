// The camera and the QR readers: the browser's own where it proves itself, else zxing as WebAssembly.

const WIDTH = 640;
const HEIGHT = 480;
const SAME_CODE = 3000; // ms that a code must be out of sight before it counts as scanned again
const PAUSE = 60; // ms between frames: cheap tablets stay cool

/** @typedef {(source: ImageBitmap|HTMLVideoElement) => Promise<string|null>} Reader */

/** @param {DOMStringMap} settings @returns {Promise<Reader>} a reader that has read a known QR code */
export async function makeReader(settings) {
  const image = new Image();
  image.src = settings.testPicture;
  await image.decode();
  const picture = await createImageBitmap(image);
  for (const make of [nativeReader, zxingReader]) {
    try {
      const reader = await make(settings);
      if (reader && (await reader(picture)) === settings.testText) return reader;
    } catch {
      // not this one
    }
  }
  throw new Error("no reader");
}

/** @returns {Promise<Reader|null>} */
async function nativeReader() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
  return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
}

/** @param {DOMStringMap} settings @returns {Promise<Reader>} */
async function zxingReader(settings) {
  const { prepareZXingModule, readBarcodes } = await import(settings.zxing);
  await prepareZXingModule({ overrides: { locateFile: () => settings.wasm }, fireImmediately: true });
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const options = { formats: ["QRCode"], maxNumberOfSymbols: 1, tryInvert: false };
  return async (source) => {
    const width = source.videoWidth ?? source.width;
    const height = source.videoHeight ?? source.height;
    const scale = Math.min(WIDTH / width, HEIGHT / height, 1);
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    context.drawImage(source, 0, 0, w, h);
    const [found] = await readBarcodes(context.getImageData(0, 0, w, h), options);
    return found?.isValid ? found.text : null;
  };
}

/** Reads codes from the camera for as long as it runs. One stream is kept; the reader is made once. */
export class Scanner {
  /**
   * @param {HTMLElement} box with a video and words
   * @param {DOMStringMap} settings
   * @param {Record<string, string>} words
   * @param {(text: string) => void} onCode
   */
  constructor(box, settings, words, onCode) {
    this.box = box;
    this.video = /** @type {HTMLVideoElement} */ (box.querySelector("video"));
    this.settings = settings;
    this.words = words;
    this.onCode = onCode;
    this.running = false;
    this.lastText = "";
    this.lastSeen = 0;
  }

  /** @param {string} word @param {boolean} off */
  #say(word, off = false) {
    this.box.querySelector(".scanner__words").textContent = this.words[word];
    this.box.classList.toggle("is-off", off);
  }

  async start() {
    if (this.running) return;
    this.running = true;
    if (!navigator.mediaDevices?.getUserMedia) return this.#fail("insecure");
    this.#say("starting");
    try {
      this.reader ??= await makeReader(this.settings);
    } catch {
      return this.#fail("noReader");
    }
    try {
      if (!this.stream?.active) {
        const video = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
        this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      }
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch {
      return this.#fail("noCamera");
    }
    this.#say("aim");
    this.#loop();
  }

  /** @param {string} word */
  #fail(word) {
    this.running = false;
    this.#say(word, true);
  }

  stop() {
    this.running = false;
  }

  /** Switch the camera off: the page is hidden, or another way of checking in is used for long. */
  release() {
    this.stop();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = undefined;
  }

  async #loop() {
    while (this.running) {
      if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
        const text = await this.reader(this.video).catch(() => null);
        if (text && this.running) this.#seen(text);
      }
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  /** @param {string} text */
  #seen(text) {
    const now = Date.now();
    const again = text === this.lastText && now - this.lastSeen < SAME_CODE;
    this.lastText = text;
    this.lastSeen = now;
    if (!again) this.onCode(text);
  }
}

/**
 * A USB scanner types like a very quick keyboard and ends with Enter. In a text field it types there instead.
 * @param {(text: string) => void} onCode
 */
export function listenToKeyboardScanner(onCode) {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target instanceof HTMLElement && event.target.matches("input, textarea, select")) return;
    const now = performance.now();
    if (now - last > 100) typed = "";
    last = now;
    if (event.key === "Enter" && typed.length >= 8) {
      event.preventDefault();
      onCode(typed);
      typed = "";
    } else if (event.key.length === 1) {
      typed += event.key;
    }
  });
}
