// The verification page: what the QR code itself says is checked in the browser, beside what the server shows, or alone
// where no server answers. Without a QR code (a typed code) there is nothing to check here.
import { CLAIM, normalized, Refused, statementIn, Unsupported, verify } from "./statement.js";

/** @typedef {{said: Map<number, import("./statement.js").Said>, office: string}} Verified */

const beside = document.getElementById("statement"); // on the page of a certificate
const alone = document.getElementById("offline"); // on the page that the phone keeps
const KEYS = "/v/kunci.json";

navigator.serviceWorker?.register("/v/sw.js", { scope: "/v/" }).catch(() => undefined); // without it the page works online
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
    const verified = await verify(statement, (await (await fetch(KEYS, { cache: "no-cache" })).json()).keys);
    const code = normalized(location.pathname.slice("/v/".length));
    return verified.said.get(CLAIM.CODE) === code ? { outcome: "genuine", verified } : { outcome: "foreign", verified: null };
  } catch (error) {
    const outcome = error instanceof Refused ? error.message : error instanceof Unsupported ? "unsupported" : "keyless";
    return { outcome, verified: null };
  }
}

/** One sentence on the page of a certificate; nothing when the address holds no statement. @param {HTMLElement} place @param {string} outcome */
function showBeside(place, outcome) {
  const color = { genuine: "good", unsupported: "warn", keyless: "warn" }[outcome] ?? "bad";
  place.className = `notice notice--${color}`;
  showWords(place, outcome);
  place.hidden = outcome === "none";
}

/** All that is known without a server. @param {HTMLElement} place @param {string} outcome @param {Verified | null} verified */
function showAlone(place, outcome, verified) {
  const state = { genuine: "valid", none: "unknown", unsupported: "unknown", keyless: "unknown" }[outcome] ?? "revoked";
  place.className = `verify verify--${state}`;
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
