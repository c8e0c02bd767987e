// What both pages share: texts in the reader's language, and requests to our server.

export const data = JSON.parse(document.getElementById("data").textContent);
export const find = (id) => document.getElementById(id);
const root = document.documentElement;

// The text of a key, with its {values} put in.
export function t(key, values = {}) {
  const text = data.texts[root.lang][key] ?? data.texts.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function percent(share) {
  // 99.96% is no certainty, and is not shown as one.
  return `${Math.min(Math.round(share * 100), share < 1 ? 99 : 100)}%`;
}

// A photo's fault, which comes in English, in the reader's language.
export function fault(text) {
  for (const [pattern, translated] of Object.entries(data.faults[root.lang] ?? {})) {
    const names = [...pattern.matchAll(/\{(\w)\}/g)].map((match) => match[1]);
    const plain = pattern.split(/\{\w\}/).map((part) => part.replace(/[()]/g, "\\$&"));
    const match = text.match(new RegExp(`^${plain.join("(.*)")}$`, "s"));
    if (match) {
      return names.reduce((said, name, i) => said.replace(`{${name}}`, () => match[i + 1]), translated);
    }
  }
  return text;
}

// Show words in an element, or hide it where there are none.
export function show(element, words) {
  element.textContent = words ?? "";
  element.hidden = !words;
}

// An element with a class, words, and more inside.
export function make(name, className = "", words = "", ...inside) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...(words ? [words] : []), ...inside);
  return element;
}

export class Failure extends Error {
  constructor(code, values, message) {
    super(message);
    this.code = code;
    this.values = values;
  }

  // In the reader's language, where there is a text for it.
  words() {
    const values = { ...this.values };
    if (values.fault) values.fault = fault(values.fault);
    return this.code in data.texts.en ? t(this.code, values) : t("failed", { why: this.message });
  }
}

// The server's answer; a Failure if it refuses, or is gone.
export async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure("offline", {}, "");
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  throw new Failure(said.code ?? "", said.values ?? {}, said.error ?? `HTTP ${response.status}`);
}

function translate() {
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of document.querySelectorAll("[data-command]")) {
    const [before, after] = t(element.dataset.command).split("{command}");
    element.replaceChildren(before, make("code", "", "make run"), after);
  }
  document.title = document.querySelector("h1").textContent;
}

// Call this whenever the language changes, and once now.
export function onLanguage(render) {
  document.addEventListener("language", render);
  render();
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    root.lang = button.dataset.language;
    document.cookie = `${data.cookie}=${root.lang}; path=/; max-age=31536000; SameSite=Strict`;
    for (const other of document.querySelectorAll("[data-language]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    document.dispatchEvent(new Event("language"));
  });
}
onLanguage(translate);
