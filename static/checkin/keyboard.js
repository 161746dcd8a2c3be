// Scanners that type (USB, Bluetooth): what they scanned is told apart from what people type, in every field, at any time.
//
// A scanner may be slow (130 ms a character), end with Enter, with Tab or with nothing, type into whatever has the focus,
// and meet a Caps Lock or a keyboard layout that is not its own. So a ticket is recognized by what it looks like; speed
// tells only about other codes.

const PAUSE = 1500; // ms without a key after which another text begins
const QUIET = 600; // ms without a key after which a whole ticket needs no Enter
const SLOWEST = 500; // ms between two characters of a code that is no ticket
const FAST = 50; // ms a character, in the middle: nobody types an address like that
const SHORTEST = 8; // characters of a code that is no ticket
const SOONEST = 15; // ms after a scan in which, or in twice its pace, another Enter, Tab or line is still part of it
const KEPT = 400; // strokes looked back on
const TOKEN = 22; // characters of a ticket's token: see halal/ids.py

const TICKET = /\S*\/t\/[\w-]{22}\/?(?:[?#]\S*)?$/;
const ADDRESS = /https?:\/\/\S+$/i;

/** @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Field */
/**
 * One character: as the browser read it, as an American keyboard would have, when, and what stood in the field before.
 * @typedef {{key: string, us: string, at: number, field: Field|null, before: string}} Stroke
 */
/** What was scanned, and from which stroke on. @typedef {{text: string, start: number, ticket: boolean}} Scanned */

/** What the keys give on an American keyboard, which is what scanners take themselves for: plain, and with Shift. */
const US = {
  Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:", Quote: "'\"", BracketLeft: "[{",
  BracketRight: "]}", Backslash: "\\|", Backquote: "`~", Space: "  ",
};
const SHIFTED_DIGITS = ")!@#$%^&*(";

/** @param {string} code of the key @param {boolean} shift @returns {string} nothing for a key that types nothing */
function american(code, shift) {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  if (digit) return shift && code.startsWith("Digit") ? SHIFTED_DIGITS[Number(digit)] : digit;
  return US[/** @type {keyof typeof US} */ (code)]?.[Number(shift)] ?? "";
}

/** Large letters small and small ones large. @param {string} text */
const swapped = (text) => text.replace(/[a-z]+/gi, (run) => Array.from(run, (a) => (a < "a" ? a.toLowerCase() : a.toUpperCase())).join(""));

/**
 * Whether this is 22 characters by chance: letters of both sizes and digits take turns as in no word, or it falls into
 * more words and numbers than a name has. Of 20,000 tickets one is taken for a name (tests/checkin/test_tablet_js.py).
 * @param {string} text
 */
export function isToken(text) {
  if (!/^[\w-]{22}$/.test(text)) return false;
  const kinds = text.replace(/[a-z]/g, "a").replace(/[A-Z]/g, "A").replace(/[\d_-]/g, "0");
  const words = text.match(/[A-Z]?[a-z]+|[A-Z]+|\d+|[-_]+/g) ?? [];
  return kinds.replace(/(.)\1*/g, "$1").length > 7 || words.length > 4;
}

/**
 * What the strokes end with: a ticket, or another code; null when a person typed them.
 * @param {Stroke[]} strokes the oldest first @param {boolean} capsLock @returns {Scanned|null}
 */
export function scannedIn(strokes, capsLock) {
  const typed = strokes.map(({ key }) => key).join("");
  const readings = [typed, swapped(typed), strokes.map(({ us }) => us).join("")];
  for (const text of readings) {
    const start = ticketStart(text);
    if (start >= 0) return { text: text.slice(start), start, ticket: true };
  }
  const start = tokenStart(typed);
  if (start >= 0) return { text: (capsLock ? readings[1] : typed).slice(start), start, ticket: true };
  return otherCode(strokes, typed);
}

/** Where the address of a ticket begins that the text ends with, or -1. @param {string} text */
export function ticketStart(text) {
  const found = TICKET.exec(text);
  return found ? Math.max(found.index, text.slice(0, text.lastIndexOf("/t/")).lastIndexOf("http")) : -1;
}

/** Where a bare token begins that the text ends with, or -1; what was typed right before it is a word or a number. @param {string} typed */
function tokenStart(typed) {
  const start = typed.length - TOKEN;
  if (start < 0 || !isToken(typed.slice(start))) return -1;
  const before = /[\w-]*$/.exec(typed.slice(0, start))?.[0] ?? "";
  return /^(?:[A-Z]?[a-z]*|[A-Z]+|\d+)$/.test(before) ? start : -1;
}

/** @param {Stroke[]} strokes @param {string} typed @returns {Scanned|null} */
function otherCode(strokes, typed) {
  const address = ADDRESS.exec(typed);
  if (strokes.at(-1)?.field) {
    if (!address) return null;
    return pace(strokes.slice(address.index)) < FAST ? { text: address[0], start: address.index, ticket: false } : null;
  }
  let start = strokes.length - 1;
  while (start > 0 && !strokes[start - 1].field && strokes[start].at - strokes[start - 1].at <= SLOWEST) start--;
  return strokes.length - start >= SHORTEST ? { text: typed.slice(start), start, ticket: false } : null;
}

/** The ms from one stroke to the next, in the middle. @param {Stroke[]} strokes */
function pace(strokes) {
  const gaps = strokes.slice(1).map(({ at }, index) => at - strokes[index].at);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
}

/** @param {EventTarget|null} target @returns {Field|null} where it can be typed */
function fieldOf(target) {
  return target instanceof Element && target.matches("input, textarea, select") ? /** @type {Field} */ (target) : null;
}

/** Hear what scanners type, and keep it out of the fields. @param {(text: string) => void} onCode */
export function listenToKeyboardScanner(onCode) {
  /** @type {Stroke[]} */
  let strokes = [];
  let [quiet, endsAt, capsLock, wasTicket] = [0, 0, false, false];

  /** @param {Scanned} scanned @param {number} now */
  function take({ text, start, ticket }, now) {
    /** @type {Map<Field, string>} */
    const fields = new Map();
    for (const { field, before } of strokes.slice(start)) if (field && !fields.has(field)) fields.set(field, before);
    for (const [field, before] of fields) put(field, before);
    const goesOn = !ticket && !wasTicket && strokes[start].at < endsAt; // another line of the same code
    endsAt = now + Math.max(SOONEST, 2 * pace(strokes.slice(start)));
    [strokes, wasTicket] = [[], ticket];
    if (!goesOn) onCode(text);
  }

  /** What a keyboard that names no keys, or a paste, has put into a field. @param {Field|null} field @returns {boolean} */
  function takeFrom(field) {
    const text = field?.value ?? "";
    const end = /\S*\/t\/[\w-]{22}(?![\w-])\S*/.exec(text);
    if (!field || !end) return false;
    const start = ticketStart(end[0]);
    if (start < 0) return false;
    put(field, text.replace(end[0].slice(start), "").trim());
    [strokes, wasTicket] = [[], true];
    onCode(end[0].slice(start));
    return true;
  }

  /** @param {Field|null} field */
  function ended(field) {
    const scanned = strokes.length ? scannedIn(strokes, capsLock) : null;
    if (scanned) take(scanned, performance.now());
    return Boolean(scanned) || takeFrom(field);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph")) return;
    const [now, field] = [performance.now(), fieldOf(event.target)];
    if (event.key === "Enter" || event.key === "Tab") {
      const isEcho = !strokes.length && now < endsAt;
      if (!isEcho && !ended(field)) return (strokes = []), undefined;
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    const us = american(event.code, event.shiftKey);
    const key = event.key.length === 1 ? event.key : /^(Unidentified|Process)$/.test(event.key) ? us : "";
    if (!key) return;
    if (now - (strokes.at(-1)?.at ?? now) > PAUSE) strokes = [];
    strokes.push({ key, us: us || key, at: now, field, before: field?.value ?? "" });
    if (strokes.length > KEPT) strokes.shift();
    capsLock = event.getModifierState("CapsLock");
    wait(field);
  }

  /** A whole ticket after which nothing comes is a scan too. @param {Field|null} field */
  function wait(field) {
    clearTimeout(quiet);
    quiet = setTimeout(() => {
      const scanned = strokes.length ? scannedIn(strokes, capsLock) : null;
      if (scanned?.ticket) take(scanned, performance.now());
      else takeFrom(field);
    }, QUIET);
  }

  // before the fields and buttons themselves hear of it
  document.addEventListener("keydown", onKey, { capture: true });
  document.addEventListener("input", ({ target }) => wait(fieldOf(target)), { capture: true });
}

/** @param {Field} field @param {string} value */
function put(field, value) {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
