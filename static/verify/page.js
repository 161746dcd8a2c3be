// The verification page: what the QR code itself says is checked in the browser, beside what the server shows, or alone
// where no server answers. Without a QR code (a typed code) there is nothing to check here.
import { CLAIM, normalized, Refused, statementIn, Unsupported, verify } from "./statement.js";

/** @typedef {import("./statement.js").Verified} Verified */

const beside = document.getElementById("statement"); // on the page of a certificate
const alone = document.getElementById("offline"); // on the page that the phone keeps
const unregistered = document.getElementById("unregistered"); // on the page of a code that the register does not know
const KEYS = "/v/kunci.json";
/** How an outcome looks that is no refusal. @type {Record<string, string>} */
const STATES = { genuine: "valid", declared: "unknown", compromised: "unknown", none: "unknown", unsupported: "unknown", keyless: "unknown" };

navigator.serviceWorker?.register("/v/sw.js", { scope: "/v/" }).catch(() => undefined); // without it the page works online
const keys = fetch(KEYS, { cache: "no-cache" }).then((answer) => answer.json()); // asked for in any case: the worker keeps them for a day without a network
keys.catch(() => undefined);
if (!alone) keepLanguage().catch(() => undefined);
if (beside || alone || unregistered) {
  check();
  window.addEventListener("hashchange", check); // the next paper of the same certificate
  document.getElementById("again")?.addEventListener("click", () => location.reload());
}

/** For the page that is shown without a network: the worker cannot read which language was chosen. */
async function keepLanguage() {
  await (await caches.open("language")).put("/v/bahasa", new Response(document.documentElement.lang));
}

async function check() {
  const statement = statementIn(location.hash);
  const { outcome, verified } = statement ? await judge(statement) : { outcome: "none", verified: null };
  if (beside) showBeside(beside, verified && statement !== beside.dataset.stored ? "foreign" : outcome, verified);
  if (unregistered && statement) refuse(unregistered);
  if (alone) showAlone(alone, outcome, verified);
}

/** @param {string} statement @returns {Promise<{outcome: string, verified: Verified | null}>} */
async function judge(statement) {
  try {
    const verified = await verify(statement, (await keys).keys);
    const code = normalized(location.pathname.slice("/v/".length));
    if (verified.said.get(CLAIM.CODE) !== code) return { outcome: "foreign", verified: null };
    const sound = verified.said.has(CLAIM.DECLARED_ISSUER) ? "declared" : "genuine";
    return { outcome: verified.since ? "compromised" : sound, verified };
  } catch (error) {
    const outcome = error instanceof Refused ? error.message : error instanceof Unsupported ? "unsupported" : "keyless";
    return { outcome, verified: null };
  }
}

/** Beside what the server shows: a QR code that is not valid comes first, for then the paper is forged. @param {HTMLElement} place @param {string} outcome @param {Verified | null} verified */
function showBeside(place, outcome, verified) {
  place.className = `verify verify--${STATES[outcome] ? place.dataset.status : "revoked"}`;
  showWords(place, outcome, verified);
}

/** However well it is signed: what the register does not hold was not issued. @param {HTMLElement} place */
function refuse(place) {
  place.hidden = false;
  place.closest(".verify")?.classList.replace("verify--unknown", "verify--revoked");
}

/** All that is known without a server. @param {HTMLElement} place @param {string} outcome @param {Verified | null} verified */
function showAlone(place, outcome, verified) {
  place.className = `verify verify--${STATES[outcome] ?? "revoked"}`;
  showWords(place, outcome, verified);
  for (const row of place.querySelectorAll("[data-claim]")) {
    const said = ["genuine", "declared"].includes(outcome) && verified?.said.get(Number(row.getAttribute("data-claim")));
    row.toggleAttribute("hidden", !said);
    const value = row.querySelector("dd");
    if (value) value.textContent = Array.isArray(said) ? said.join("; ") : said || "";
  }
  document.title = place.querySelector("h1:not([hidden])")?.textContent ?? document.title;
  place.hidden = false;
}

/** @param {HTMLElement} place @param {string} outcome @param {Verified | null} verified */
function showWords(place, outcome, verified) {
  for (const office of place.querySelectorAll("[data-office]")) office.textContent = verified?.office ?? "";
  for (const issuer of place.querySelectorAll("[data-issuer]")) issuer.textContent = String(verified?.said.get(CLAIM.DECLARED_ISSUER) ?? "");
  for (const since of place.querySelectorAll("[data-since]")) since.textContent = verified?.since ? day(verified.since) : "";
  for (const part of place.querySelectorAll("[data-outcome]")) {
    part.toggleAttribute("hidden", !part.getAttribute("data-outcome")?.split(" ").includes(outcome));
  }
}

/** A day as the page's language writes it. @param {string} iso */
function day(iso) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));
}
