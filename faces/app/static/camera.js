// The webcam: its picture on the page, its faces live, and a photo of it.

const LONGEST = 640; // pixels of the frames that are sent
const SLOW = 500; // milliseconds that an answer may take
const MOST_SLOW = 5; // answers in a row that took longer: then it is of no use

let stream = null;

export async function open(video) {
  close(video);
  if (!navigator.mediaDevices) throw new Error("camera_none");
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    throw new Error(error.name === "NotAllowedError" ? "camera_refused" : "camera_none");
  }
  video.srcObject = stream;
  await video.play();
}

export function close(video) {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
}

// What the webcam sees now, as JPEG, its longer side no longer than this.
function picture(video, longest, quality, canvas = document.createElement("canvas")) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
}

// What the webcam sees now, as a JPEG file of this name.
export async function take(video, name) {
  return new File([await picture(video, Infinity, 0.95)], name, { type: "image/jpeg" });
}

const shown = () =>
  new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));

const nextFrame = (video) =>
  new Promise((done) => {
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(done);
    else requestAnimationFrame(done);
  });

// Ask about one frame after the other, as fast as answers come, until the webcam is closed. Nothing
// is sent while nobody looks. Each answer comes with the picture that it is of; a webcam's has moved
// on. Returns whether the answers came too late.
export async function follow(video, send, onAnswer) {
  const mine = stream;
  const session = crypto.randomUUID();
  const canvas = document.createElement("canvas");
  let slow = 0;
  while (stream === mine && slow < MOST_SLOW) {
    if (document.hidden) {
      await shown();
      continue;
    }
    const began = performance.now();
    const next = nextFrame(video); // often there before the answer
    const answer = await send(session, await picture(video, LONGEST, 0.85, canvas));
    if (stream !== mine) return false;
    slow = performance.now() - began > SLOW ? slow + 1 : 0;
    onAnswer(answer, canvas);
    await Promise.race([next, new Promise((done) => setTimeout(done, SLOW))]);
  }
  return slow >= MOST_SLOW;
}
