// The page of labels: one photo, a key for each class, and what was said is saved at once.

import { ask, data, fault, find, make, onLanguage, percent, show, t } from "./page.js";

let state = null; // as Book.state gives it
let hint = null; // what the model says of the photo that is shown
let busy = false; // an answer is on its way: keys wait, so that none is meant for the next photo
let last = () => "";
let complaint = null;
const photos = new Map(); // by name, promises: the one that is shown, and the next

// Ask for a change of the state, and show what came of it.
async function change(path, body, said) {
  if (busy) return;
  busy = true;
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await ask(path, { method: "POST", headers, body: JSON.stringify(body) });
    state = await response.json();
    last = said ?? (() => "");
    complaint = null;
    await showPhoto();
  } catch (failure) {
    complaint = failure;
  } finally {
    busy = false;
    render();
    if (!state.file) find("done-title").focus(); // what had the focus may be gone
  }
}

function answer(label) {
  if (!state?.file) return;
  const { file } = state;
  change("/label/answer", { file, label }, () =>
    label === null ? t("last_skip", { file }) : t("last_label", { file, label }),
  );
}

function undo() {
  if (!state?.last) return;
  const { file } = state.last;
  change("/label/undo", {}, () => t("last_undo", { file }));
}

// The photo of this name as { source } or { failure }; loaded once.
function photo(file) {
  if (!photos.has(file)) {
    const path = `/label/photo?file=${encodeURIComponent(file)}`;
    const load = async () => ({ source: URL.createObjectURL(await (await ask(path)).blob()) });
    photos.set(file, load().catch((failure) => ({ failure })));
  }
  return photos.get(file);
}

// Keep no more than the photo that is shown and the next one.
function forget() {
  for (const [file, loading] of photos) {
    if (file === state.file || file === state.next) continue;
    photos.delete(file);
    loading.then(({ source }) => source && URL.revokeObjectURL(source));
  }
}

async function showPhoto() {
  hint = null;
  forget();
  const { file, next } = state;
  if (!file) return;
  const { source, failure } = await photo(file);
  find("photo").hidden = !source;
  if (source) {
    find("photo").src = source;
    await find("photo").decode().catch(() => {});
    suggest(file);
  }
  find("unreadable").failure = failure;
  if (next) photo(next);
}

async function suggest(file) {
  const said = await ask(`/label/hint?file=${encodeURIComponent(file)}`)
    .then((response) => response.json())
    .catch(() => null);
  if (state.file !== file) return; // answered meanwhile
  hint = said;
  render();
}

function hintWords() {
  if (find("photo").hidden) return "";
  if (!hint) return t("hint_wait");
  if (!hint.hint) return t(`hint_${hint.why}`);
  return t("hint", { label: hint.hint.label, percent: percent(hint.hint.probability) });
}

function render() {
  show(find("fault"), complaint?.words());
  if (!state) return;
  const { file, total, labelled, skipped } = state;
  find("bar").max = total;
  find("bar").value = labelled + skipped;
  find("progress").textContent = t(skipped ? "progress_skipped" : "progress", state);
  find("work").hidden = !file;
  find("file").textContent = file ?? "";
  find("photo").alt = file ? t("photo_to_label", { file }) : "";
  show(find("unreadable"), file && find("unreadable").failure?.words());
  find("hint").textContent = file ? hintWords() : "";
  for (const button of find("classes").children) {
    button.classList.toggle("hinted", button.value === hint?.hint?.label);
  }
  find("skip").disabled = !file;
  find("undo").disabled = !state.last;
  find("done").hidden = Boolean(file);
  find("done-then").textContent = t("done_then", { table: data.table });
  find("again").hidden = !skipped;
  find("again").textContent = t(skipped === 1 ? "again_one" : "again_many", { n: skipped });
  find("last").textContent = last();
  find("counts").replaceChildren(
    ...Object.entries(state.counts).flatMap(([name, n]) => [make("dt", "", name), make("dd", "", String(n))]),
  );
}

// The keys that a press may mean: what it types, and where it lies, if another script is typed.
function meant(event) {
  const place = event.code.match(/^(?:Key|Digit|Numpad)(\w)$/)?.[1];
  const typed = event.key.toLowerCase();
  const latin = /^[a-z]$/.test(typed);
  return [typed, ...(place && !latin ? [place.toLowerCase()] : [])];
}

function press(event) {
  const control = event.ctrlKey || event.metaKey;
  const keys = meant(event);
  const has = (key) => keys.includes(key);
  let act = null;
  if (control && has("z")) act = undo;
  else if (control || event.altKey) return;
  else if (has(data.undo) || has("arrowleft")) act = undo;
  else if (has(data.skip) || has("arrowright")) act = () => answer(null);
  else {
    const chosen = data.classes.find((one) => one.keys.some(has));
    if (chosen) act = () => answer(chosen.name);
  }
  if (!act) return;
  event.preventDefault();
  if (!event.repeat) act(); // a key held down is one answer
}

function classButton({ name, keys }) {
  const button = make("button", "", name, ...keys.map((key) => make("kbd", "", key.toUpperCase())));
  Object.assign(button, { type: "button", value: name });
  button.addEventListener("click", () => answer(name));
  return button;
}

async function start() {
  find("classes").append(...data.classes.map(classButton));
  find("skip").addEventListener("click", () => answer(null));
  find("undo").addEventListener("click", undo);
  find("again").addEventListener("click", () => change("/label/again", {}));
  addEventListener("keydown", press);
  onLanguage(render);
  try {
    state = await (await ask("/label/state")).json();
    await showPhoto();
  } catch (failure) {
    complaint = failure;
  }
  render();
}

if (data.classes) start();
