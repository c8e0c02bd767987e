// A photo with its faces drawn over it: box, points, number, class and percent.

import { make, percent } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";

function shape(name, className, attributes) {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", className);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

// Each shape twice: dark below, so that it is seen on any photo.
function drawn(name, className, attributes) {
  return [`${className}-back`, className].map((own) => shape(name, own, attributes));
}

function marks(face) {
  const [x, y, width, height] = face.box;
  const points = Object.values(face.keypoints).flatMap(([px, py]) => {
    // From pixel centres to the picture's edge; a line without length is a dot of any zoom.
    const at = { x1: px + 0.5, y1: py + 0.5, x2: px + 0.5, y2: py + 0.5 };
    return drawn("line", "point", at);
  });
  return [...drawn("rect", "box", { x, y, width, height }), ...points];
}

// The name of a face, to be laid beside its box; its number alone where that has no room.
function tag(face, number) {
  const named = `${face.gender.label} ${percent(face.gender.probability)}`;
  const element = make("span", "tag", number ? `${number} ${named}` : named);
  return { element, box: face.box, short: number && String(number) };
}

const apart = (one, other) =>
  one.x + one.width <= other.x || other.x + other.width <= one.x ||
  one.y + one.height <= other.y || other.y + other.height <= one.y;

// Where a tag may lie, the best first: above its box, below it, within it.
function places({ element, box }, scale, frame) {
  const [x, y, width, height] = box.map((value) => value * scale);
  const own = { width: element.offsetWidth, height: element.offsetHeight };
  const left = Math.max(0, Math.min(x, frame.clientWidth - own.width));
  const right = Math.max(0, Math.min(x + width - own.width, frame.clientWidth - own.width));
  const spots = [y - own.height - 3, y + height + 3, y + 3, y + height - own.height - 3].flatMap((top) => [
    { x: left, y: top, ...own },
    { x: right, y: top, ...own },
  ]);
  return spots.filter((spot) => spot.y >= 0 && spot.y + own.height <= frame.clientHeight);
}

// Lay the tags so that none covers another, in the photo's size on the screen.
function lay(tags, frame, photo) {
  const scale = frame.clientWidth / photo.width;
  const taken = [];
  const free = (spot) => taken.every((other) => apart(spot, other));
  for (const one of tags) {
    one.full ??= one.element.textContent;
    one.element.textContent = one.full;
    let spots = places(one, scale, frame);
    if (one.short && !spots.some(free)) {
      one.element.textContent = one.short;
      spots = places(one, scale, frame);
    }
    const chosen = spots.find(free) ?? spots[0] ?? { x: 0, y: 0, width: 0, height: 0 };
    taken.push(chosen);
    one.element.style.transform = `translate(${chosen.x}px, ${chosen.y}px)`;
  }
}

// An element that shows the photo of an entry and its faces.
export function overlay(entry, alt) {
  const { photo, faces } = entry;
  const image = make("img");
  Object.assign(image, { src: photo.source, alt, width: photo.width, height: photo.height });
  const svg = shape("svg", "", { viewBox: `0 0 ${photo.width} ${photo.height}`, "aria-hidden": "true" });
  svg.append(...faces.flatMap(marks));
  const tags = faces.map((face, i) => tag(face, faces.length > 1 ? i + 1 : 0));
  const names = make("div", "", "", ...tags.map((one) => one.element));
  names.setAttribute("aria-hidden", "true");
  const frame = make("div", "photo", "", image, svg, names);
  frame.style.setProperty("--ratio", photo.width / photo.height);
  new ResizeObserver(() => lay(tags, frame, photo)).observe(frame);
  return frame;
}

// A function that shows an answer in front of the webcam, mirrored: the picture that was sent, so that
// its faces lie where it shows them, and these. Without a picture, the webcam is seen.
export function liveOverlay(frame) {
  const svg = shape("svg", "", { "aria-hidden": "true" });
  const [canvas, names] = [make("canvas"), make("div")];
  for (const element of [canvas, names]) element.setAttribute("aria-hidden", "true");
  frame.append(canvas, svg, names);
  return ({ width, height, faces }, picture) => {
    Object.assign(canvas, { width: picture?.width ?? 0, height: picture?.height ?? 0 });
    if (picture) canvas.getContext("2d").drawImage(picture, 0, 0);
    svg.setAttribute("viewBox", `0 0 ${width || 1} ${height || 1}`);
    svg.replaceChildren(...faces.flatMap(marks));
    const tags = faces.map((face) => {
      const [x, y, w, h] = face.box;
      return tag({ ...face, box: [width - x - w, y, w, h] }, faces.length > 1 ? face.track : 0);
    });
    names.replaceChildren(...tags.map((one) => one.element));
    lay(tags, frame, { width });
  };
}
