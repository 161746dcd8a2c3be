// The camera and the QR readers: the browser's own where it proves itself, else zxing as WebAssembly.
import { byId, part, settings, words } from "./page.js";

const [WIDTH, HEIGHT] = [640, 480]; // what a picture is read at, at most
const SAME_CODE = 3000; // ms that a code must be out of sight before it counts as scanned again
const PAUSE = 60; // ms between frames: cheap tablets stay cool

/** @typedef {(source: ImageBitmap|HTMLVideoElement) => Promise<string|null>} Reader */

/** @returns {Promise<Reader>} a reader that has read a known QR code */
export async function makeReader() {
  const image = new Image();
  image.src = settings.testPicture;
  await image.decode();
  const picture = await createImageBitmap(image);
  for (const make of [nativeReader, zxingReader]) {
    try {
      const reader = await make();
      if ((await reader(picture)) === settings.testText) return reader;
    } catch {
      // not this one
    }
  }
  throw new Error("no reader");
}

/** @returns {Promise<Reader>} throws where the browser has none */
async function nativeReader() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
}

/** @returns {Promise<Reader>} */
async function zxingReader() {
  const { prepareZXingModule, readBarcodes } = await import(settings.zxing);
  await prepareZXingModule({ overrides: { locateFile: () => settings.wasm }, fireImmediately: true });
  const canvas = new OffscreenCanvas(WIDTH, HEIGHT);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  const options = { formats: ["QRCodeModel2"], maxNumberOfSymbols: 1, tryInvert: false };
  return async (source) => {
    const [width, height] = source instanceof ImageBitmap ? [source.width, source.height] : [source.videoWidth, source.videoHeight];
    const scale = Math.min(WIDTH / width, HEIGHT / height, 1);
    const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
    context.drawImage(source, 0, 0, w, h);
    const [found] = await readBarcodes(context.getImageData(0, 0, w, h), options);
    return found?.isValid ? found.text : null;
  };
}

// one stream is kept, the reader is made once
const box = byId("scanner");
const video = /** @type {HTMLVideoElement} */ (part(box, "video"));
let [wanted, reading] = [false, false];
let [lastText, lastSeen] = ["", 0];
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
    const text = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? await read(video).catch(() => null) : null;
    const now = Date.now();
    if (text && wanted) {
      if (text !== lastText || now - lastSeen > SAME_CODE) onCode(text);
      [lastText, lastSeen] = [text, now];
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
  reading = false;
}
