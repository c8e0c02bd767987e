// The webcam: its picture on the page, and a photo of it.

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

// What the webcam sees now, as a JPEG file of this name.
export async function take(video, name) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
  return new File([blob], name, { type: "image/jpeg" });
}
