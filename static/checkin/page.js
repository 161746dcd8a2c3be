// What the templates of both check-in screens hold for these modules: elements, words, settings.

/** The element with this id. @template {HTMLElement} [T=HTMLElement] @param {string} id @param {new () => T} [_kind] @returns {T} */
export const byId = (id, _kind) => /** @type {T} */ (document.getElementById(id));

/** The first part of an element that matches. @param {ParentNode} box @param {string} selector @returns {HTMLElement} */
export const part = (box, selector) => /** @type {HTMLElement} */ (box.querySelector(selector));

/** All elements of the page that match. @param {string} selector @returns {HTMLElement[]} */
export const all = (selector) => [...document.querySelectorAll(selector)].map((element) => /** @type {HTMLElement} */ (element));

/** A copy of what is in a template, with texts in its parts. @param {string} id @param {Record<string, string>} texts by selector */
export function copyOf(id, texts) {
  const copy = /** @type {HTMLElement} */ (byId(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true));
  for (const [selector, text] of Object.entries(texts)) part(copy, selector).textContent = text;
  return copy;
}

export const settings = /** @type {Record<string, string>} */ (byId("checkin").dataset);
/** @type {Record<string, string>} */
export const words = JSON.parse(settings.words);
/** @type {Record<string, number>} the most people that a list shows, by its id */
export const listed = JSON.parse(settings.listed);
export const number = new Intl.NumberFormat(settings.locale);

/** A sentence with its {braces} filled. @param {string} word @param {Record<string, string|number>} values */
export const say = (word, values) =>
  words[word].replace(/\{(\w+)\}/g, (_all, key) => (typeof values[key] === "number" ? number.format(values[key]) : values[key]));

/** The pill that says how it stands with the server. @param {string} state online, queue or offline @param {string} text */
export function showNet(state, text) {
  const pill = byId("net");
  pill.classList.remove("net--online", "net--queue", "net--offline");
  pill.classList.add(`net--${state}`);
  part(pill, "span").textContent = text;
}
