// Files of the kinds that people have, made by the browser's own encoders.

/**
 * A picture, a PDF, a video of a second, and a sound, which show or say `words`.
 * The picture is so many pixels wide, and two thirds as high.
 */
export async function made(context, words, colour, width = 480) {
  const page = await context.newPage();
  try {
    await page.setViewportSize({ width, height: (width * 2) / 3 });
    await page.setContent(`<body style="background:${colour};font:40px sans-serif"><h1>${words}</h1></body>`);
    return { png: await page.screenshot(), pdf: await page.pdf(), webm: await recorded(page, words, colour), wav: tone(words.length * 60) };
  } finally {
    await page.close();
  }
}

async function recorded(page, words, colour) {
  const bytes = await page.evaluate(
    async ([words, colour]) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
      const pen = canvas.getContext("2d");
      const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      for (let i = 0; i < 25; i += 1) {
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 320, 180);
        pen.fillStyle = "black";
        pen.font = "24px sans-serif";
        pen.fillText(words, 10 + i * 4, 90);
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      recorder.stop();
      await stopped;
      return Array.from(new Uint8Array(await new Blob(parts).arrayBuffer()));
    },
    [words, colour],
  );
  return Buffer.from(bytes);
}

/** Half a second of a sine, as a WAV file. */
function tone(hertz) {
  const rate = 8_000;
  const samples = rate / 2;
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i += 1) wav.writeInt16LE(Math.round(Math.sin((i / rate) * hertz * 2 * Math.PI) * 12_000), 44 + i * 2);
  return wav;
}
