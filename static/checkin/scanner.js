// The camera and the QR readers: the browser's own where it proves itself, else zxing as WebAssembly.
import { tokenOf } from "./ask.js";
import { byId, part, settings, words } from "./page.js";

const [HALF, FULL] = [640, 1920]; // pixels of a picture's longer side: quick to read, and as much as a camera gives
const FULL_EVERY = 400; // ms: full size takes some 50 ms, on a cheap tablet more
const SAME_CODE = 3000; // ms that a code must be out of sight before it counts as scanned again
const BETWEEN = 1500; // ms between two codes, so that each answer is seen
const NO_TICKET = 800; // ms that another code must be in sight alone: a poster on the wall is there before the ticket is
const PAUSE = 60; // ms between frames: cheap tablets stay cool

/** The texts of all codes in a picture. @typedef {(source: ImageBitmap|HTMLVideoElement) => Promise<string[]>} Reader */

/** @returns {Promise<Reader>} a reader that has read a known QR code */
export async function makeReader() {
  const image = new Image();
  image.src = settings.testPicture;
  await image.decode();
  const picture = await createImageBitmap(image);
  for (const make of [nativeReader, zxingReader]) {
    try {
      const reader = await make();
      if ((await reader(picture)).includes(settings.testText)) return reader;
    } catch {
      // not this one
    }
  }
  throw new Error("no reader");
}

/** @param {string[]} texts */
const hasTicket = (texts) => texts.some(tokenOf);

/** The browser's own: it reads at full size, but light codes on dark only where they are inverted for it. @returns {Promise<Reader>} */
async function nativeReader() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  /** @param {ImageBitmapSource} source */
  const read = async (source) => (await detector.detect(source)).map(({ rawValue }) => rawValue);
  const draw = makeCanvas(FULL);
  return async (source) => {
    const found = await read(source);
    return hasTicket(found) ? found : [...found, ...(await read(draw(source, true).canvas))];
  };
}

/** @returns {Promise<Reader>} */
async function zxingReader() {
  const { prepareZXingModule, readBarcodes } = await import(settings.zxing);
  await prepareZXingModule({ overrides: { locateFile: () => settings.wasm }, fireImmediately: true });
  const options = { formats: ["QRCodeModel2"], tryInvert: true };
  /** @param {CanvasRenderingContext2D} context @returns {Promise<string[]>} */
  const read = async (context) => {
    const pixels = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
    return (await readBarcodes(pixels, options)).flatMap((/** @type {any} */ found) => (found.isValid ? found.text : []));
  };
  const [half, full] = [makeCanvas(HALF), makeCanvas(FULL)];
  let fullAt = -FULL_EVERY;
  return async (source) => {
    const found = await read(half(source));
    const now = performance.now();
    if (hasTicket(found) || longerSide(source) <= HALF || now - fullAt < FULL_EVERY) return found;
    fullAt = now;
    return [...found, ...(await read(full(source)))]; // a small code loses its dots at half size
  };
}

/** @param {ImageBitmap|HTMLVideoElement} source @returns {[number, number]} */
const sizeOf = (source) => (source instanceof ImageBitmap ? [source.width, source.height] : [source.videoWidth, source.videoHeight]);

/** @param {ImageBitmap|HTMLVideoElement} source */
const longerSide = (source) => Math.max(...sizeOf(source));

/** A function that draws a picture on a canvas of its own. @param {number} longest pixels of the longer side, at most */
function makeCanvas(longest) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  /** @param {ImageBitmap|HTMLVideoElement} source */
  return (source, inverted = false) => {
    const scale = Math.min(longest / longerSide(source), 1);
    const [width, height] = sizeOf(source).map((side) => Math.round(side * scale));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.globalCompositeOperation = "source-over";
    context.drawImage(source, 0, 0, width, height);
    if (inverted) {
      context.globalCompositeOperation = "difference";
      context.fillStyle = "white";
      context.fillRect(0, 0, width, height);
    }
    return context;
  };
}

/**
 * Which of the codes in sight is scanned: a ticket before all others, each once until it was out of sight for a while,
 * and another code only while no ticket is there.
 */
export class Sight {
  /** @type {Map<string, {since: number, last: number, given: boolean}>} */
  #codes = new Map();
  #givenAt = -BETWEEN;

  /** @param {string[]} texts in this frame @param {number} now ms @returns {string|null} what is scanned now */
  next(texts, now) {
    for (const [text, { last }] of this.#codes) if (now - last > SAME_CODE) this.#codes.delete(text);
    for (const text of texts) {
      const code = this.#codes.get(text) ?? { since: now, last: now, given: false };
      this.#codes.set(text, Object.assign(code, { last: now }));
    }
    // what hangs on the wall beside a ticket is part of the wall
    if (hasTicket(texts)) for (const text of texts) if (!tokenOf(text)) this.#codes.set(text, { since: now, last: now, given: true });
    if (now - this.#givenAt < BETWEEN) return null;
    const fresh = texts.filter((text) => !this.#codes.get(text)?.given);
    const chosen = fresh.find(tokenOf) ?? fresh.find((text) => now - (this.#codes.get(text)?.since ?? now) >= NO_TICKET);
    if (!chosen) return null;
    this.#givenAt = now;
    Object.assign(this.#codes.get(chosen) ?? {}, { given: true });
    return chosen;
  }
}

// one stream is kept, the reader is made once
const box = byId("scanner");
const video = /** @type {HTMLVideoElement} */ (part(box, "video"));
let [wanted, reading] = [false, false];
const sight = new Sight();
/** @type {Reader|undefined} */
let reader;
/** @type {MediaStream|undefined} */
let stream;

/** Read codes until it is stopped. @param {(text: string) => void} onCode */
export async function startCamera(onCode) {
  if (wanted) return;
  wanted = true;
  let trouble = "insecure"; // what it is if the next step fails
  try {
    const { mediaDevices } = navigator;
    if (!mediaDevices) throw new Error(trouble);
    caption("starting");
    trouble = "noReader";
    reader ??= await makeReader();
    trouble = "noCamera";
    if (!stream?.active) stream = await mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1280, height: 720 } });
    video.srcObject = stream;
    await video.play();
    caption("aim");
    if (!reading) readOn(reader, onCode); // else it was stopped and started again, and goes on
  } catch {
    wanted = false;
    caption(trouble, true);
  }
}

/** @param {boolean} [off] the camera too: nobody looks at the page */
export function stopCamera(off = false) {
  wanted = false;
  if (!off) return;
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
}

/** @param {string} word @param {boolean} [off] */
function caption(word, off = false) {
  part(box, ".scanner__words").textContent = words[word];
  box.classList.toggle("is-off", off);
}

/** @param {Reader} read @param {(text: string) => void} onCode */
async function readOn(read, onCode) {
  reading = true;
  while (wanted) {
    const texts = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await read(video).catch(() => []) : [];
    const code = wanted ? sight.next(texts, performance.now()) : null;
    if (code) onCode(code);
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  reading = false;
}
