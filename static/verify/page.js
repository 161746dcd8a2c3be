// The verification page: what the QR code itself says is checked in the browser, beside what the server shows, or alone
// where no server answers. Without a QR code (a typed code) there is nothing to check here.
import { CLAIM, normalized, Refused, statementIn, Unsupported, verify } from "./statement.js";

/** @typedef {{said: Map<number, import("./statement.js").Said>, office: string}} Verified */

const beside = document.getElementById("statement"); // on the page of a certificate
const alone = document.getElementById("offline"); // on the page that the phone keeps
const KEYS = "/v/kunci.json";
/** How an outcome looks that is no refusal. @type {Record<string, string>} */
const STATES = { genuine: "valid", none: "unknown", unsupported: "unknown", keyless: "unknown" };

navigator.serviceWorker?.register("/v/sw.js", { scope: "/v/" }).catch(() => undefined); // without it the page works online
const keys = fetch(KEYS, { cache: "no-cache" }).then((answer) => answer.json()); // asked for in any case: the worker keeps them for a day without a network
keys.catch(() => undefined);
if (beside || alone) {
  check();
  window.addEventListener("hashchange", check); // the next paper of the same certificate
  document.getElementById("again")?.addEventListener("click", () => location.reload());
}

async function check() {
  const statement = statementIn(location.hash);
  const { outcome, verified } = statement ? await judge(statement) : { outcome: "none", verified: null };
  if (beside) showBeside(beside, outcome === "genuine" && statement !== beside.dataset.stored ? "foreign" : outcome);
  if (alone) showAlone(alone, outcome, verified);
}

/** @param {string} statement @returns {Promise<{outcome: string, verified: Verified | null}>} */
async function judge(statement) {
  try {
    const verified = await verify(statement, (await keys).keys);
    const code = normalized(location.pathname.slice("/v/".length));
    return verified.said.get(CLAIM.CODE) === code ? { outcome: "genuine", verified } : { outcome: "foreign", verified: null };
  } catch (error) {
    const outcome = error instanceof Refused ? error.message : error instanceof Unsupported ? "unsupported" : "keyless";
    return { outcome, verified: null };
  }
}

/** Beside what the server shows: a QR code that is not valid comes first, for then the paper is forged. @param {HTMLElement} place @param {string} outcome */
function showBeside(place, outcome) {
  place.className = `verify verify--${STATES[outcome] ? place.dataset.status : "revoked"}`;
  showWords(place, outcome);
}

/** All that is known without a server. @param {HTMLElement} place @param {string} outcome @param {Verified | null} verified */
function showAlone(place, outcome, verified) {
  place.className = `verify verify--${STATES[outcome] ?? "revoked"}`;
  showWords(place, outcome);
  for (const office of place.querySelectorAll("[data-office]")) office.textContent = verified?.office ?? "";
  for (const row of place.querySelectorAll("[data-claim]")) {
    const said = verified?.said.get(Number(row.getAttribute("data-claim")));
    row.toggleAttribute("hidden", !said);
    const value = row.querySelector("dd");
    if (value) value.textContent = Array.isArray(said) ? said.join("; ") : said ?? "";
  }
  document.title = place.querySelector("h1:not([hidden])")?.textContent ?? document.title;
  place.hidden = false;
}

/** @param {HTMLElement} place @param {string} outcome */
function showWords(place, outcome) {
  for (const part of place.querySelectorAll("[data-outcome]")) {
    part.toggleAttribute("hidden", !part.getAttribute("data-outcome")?.split(" ").includes(outcome));
  }
}
