/**
 * A picture that is new and full of detail in every frame, unlike the fake camera's, which a video encoder needs little
 * for: it takes whatever bit rate it is given.
 */
export function detailedPicture(width: number, height: number, framesPerSecond: number): MediaStream {
  const noise = new OffscreenCanvas(2 * width, 2 * height);
  const pencil = noise.getContext('2d')!;
  const pixels = pencil.createImageData(noise.width, noise.height);
  const words = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < words.length; i++) words[i] = 0xff000000 | Math.floor(Math.random() * 0x1000000);
  pencil.putImageData(pixels, 0, 0);

  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const brush = canvas.getContext('2d')!;
  const draw = () => brush.drawImage(noise, -Math.floor(Math.random() * width), -Math.floor(Math.random() * height));
  draw();
  setInterval(draw, 1000 / framesPerSecond);
  return canvas.captureStream(framesPerSecond);
}
