// The page of faces: photos in, one card out for each.

import * as camera from "./camera.js";
import { liveOverlay, overlay } from "./overlay.js";
import { Failure, ask, data, fault, find, make, onLanguage, percent, show, t } from "./page.js";

const cards = []; // { name, entry or failure or neither, node }
let turn = Promise.resolve();
let complaint = null; // a function that says it in the language of the moment
let pictures = 0;

// Photos from anywhere: chosen, dropped, pasted, or of the webcam.
function add(files) {
  complain(null);
  if (!files.length) return complain(() => t("no_files"));
  if (files.length > data.limits.photos) {
    return complain(() => t("too_many", { ...data.limits, n: files.length }));
  }
  for (const file of files) {
    const card = { name: file.name, node: make("li", "card") };
    cards.push(card);
    find("cards").append(card.node);
    render(card);
    turn = turn.then(() => look(card, file)); // one after the other, as they came
  }
  find("answers").hidden = false;
}

async function look(card, file) {
  if (!cards.includes(card)) return; // removed meanwhile
  try {
    card.entry = await answer(file);
  } catch (failure) {
    card.failure = failure instanceof Failure ? failure : new Failure("", {}, String(failure));
    if (failure.code === "no_models") warn(failure.message);
  }
  if (!cards.includes(card)) return;
  render(card);
  find("said").textContent = t("said", { name: card.name, verdict: verdict(card) });
}

async function answer(file) {
  if (file.size > data.limits.megabytes * 1e6) {
    return { path: file.name, error: `a file of over ${data.limits.megabytes} MB`, faces: [] };
  }
  const form = new FormData();
  form.append("photo", file, file.name);
  const response = await ask("/predict?preview=true", { method: "POST", body: form });
  return (await response.json())[0];
}

function verdict({ name, entry, failure }) {
  if (failure) return failure.words();
  if (!entry) return t("looking", { name });
  if (entry.error) return t("not_read", { fault: fault(entry.error) });
  const n = entry.faces.length;
  return t(n === 0 ? "faces_none" : n === 1 ? "faces_one" : "faces_many", { n });
}

const listed = (face) => t("face_item", { label: face.gender.label, percent: percent(face.gender.probability) });

function render(card) {
  const { name, entry, failure } = card;
  const wrong = failure || entry?.error;
  const parts = [make("h3", "", name)];
  if (entry?.photo) parts.push(overlay(entry, alt(name, entry)));
  parts.push(make("p", wrong ? "fault" : "verdict", verdict(card)));
  if (entry?.faces.length) {
    const items = entry.faces.map((face) => make("li", "", listed(face)));
    parts.push(make("ol", items.length === 1 ? "found one" : "found", "", ...items));
    parts.push(asJson(entry));
  }
  card.node.replaceChildren(...parts);
}

function alt(name, entry) {
  if (!entry.faces.length) return t("photo_alt_none", { name });
  return t("photo_alt", { name, verdict: verdict({ entry }), list: entry.faces.map(listed).join("; ") });
}

function asJson({ photo, ...entry }) {
  const pre = make("pre", "", "", make("code", "", JSON.stringify(entry, null, 1)));
  pre.tabIndex = 0; // it scrolls
  return make("details", "", "", make("summary", "", t("json")), pre);
}

function complain(say) {
  complaint = say;
  show(find("fault"), say?.());
}

function warn(why) {
  find("no-models").hidden = false;
  find("no-models-why").textContent = why;
}

function clear() {
  cards.length = 0;
  find("cards").replaceChildren();
  find("answers").hidden = true;
  find("said").textContent = "";
  find("choose").focus();
}

async function openCamera() {
  complain(null);
  try {
    await camera.open(find("video"));
    find("camera").hidden = false;
    find("open-camera").hidden = true;
    find("take").focus();
  } catch (error) {
    complain(() => t(error.message));
    return;
  }
  followFaces();
}

const NOBODY = { width: 1, height: 1, faces: [] };
const showLive = liveOverlay(find("live"));
let live = { n: 0, rate: 0 };

async function followFaces() {
  const times = [];
  const onAnswer = (answer, picture) => {
    showLive(answer, picture);
    times.push(performance.now());
    while (times.length > 1 && times[0] < times.at(-1) - 1000) times.shift();
    sayLive(answer.faces.length, times.length);
  };
  try {
    const slow = await camera.follow(find("video"), sendFrame, onAnswer);
    if (slow) complain(() => t("live_slow"));
  } catch (failure) {
    if (failure instanceof Failure) complain(() => failure.words());
    if (failure.code === "no_models") warn(failure.message);
  }
  showLive(NOBODY);
  show(find("live-said"), "");
}

async function sendFrame(session, body) {
  const response = await ask(`/live?session=${session}`, { method: "POST", body });
  return response.json();
}

function sayLive(n, rate) {
  live = { n, rate };
  show(find("live-said"), t(n === 0 ? "live_none" : n === 1 ? "live_one" : "live_many", live));
}

function closeCamera() {
  camera.close(find("video"));
  find("camera").hidden = true;
  find("open-camera").hidden = false;
  find("open-camera").focus();
}

async function takePicture() {
  pictures += 1;
  add([await camera.take(find("video"), t("camera_name", { number: pictures }))]);
}

find("choose").addEventListener("click", () => find("files").click());
find("files").addEventListener("change", (event) => {
  const files = [...event.target.files];
  event.target.value = ""; // so that the same photo can be chosen again
  if (files.length) add(files);
});
find("clear").addEventListener("click", clear);
find("reload").addEventListener("click", () => location.reload());
find("open-camera").addEventListener("click", openCamera);
find("close-camera").addEventListener("click", closeCamera);
find("take").addEventListener("click", takePicture);

// Dropped anywhere on the page: beside the frame too, the browser would leave the page for it.
let inside = 0;
function dragged(event, change) {
  event.preventDefault();
  inside = Math.max(0, inside + change);
  find("drop").classList.toggle("over", inside > 0);
}
addEventListener("dragenter", (event) => dragged(event, 1));
addEventListener("dragleave", (event) => dragged(event, -1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  dragged(event, -inside);
  add([...event.dataTransfer.files]);
});
addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (files.length) add(files);
});
addEventListener("pagehide", () => camera.close(find("video")));

onLanguage(() => {
  find("limits").textContent = t("limits", data.limits);
  cards.forEach(render);
  complain(complaint);
  if (find("live-said").textContent) sayLive(live.n, live.rate);
});
ask("/ready")
  .then((response) => response.json()) // read to its end, so that the connection is free again
  .catch((failure) => failure.code === "no_models" && warn(failure.message));
