// A picture of whatever size -> a JPEG that a model takes: made anew, so that nothing else in the file travels along.

const LONGEST_SIDE = 1024; // pixels
const QUALITY = 0.85;
const LARGEST = 30_000_000; // bytes of the file

/** `{data_url, name}`. Raises an error that says what is wrong with the file. */
export async function asPicture(blob) {
  if (blob.size > LARGEST) throw new Error('this picture has more than 30 MB');
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw new Error('this file is no picture that a browser can read');
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const paper = canvas.getContext('2d');
  paper.fillStyle = '#fff';
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { data_url: canvas.toDataURL('image/jpeg', QUALITY), name: blob.name || 'picture' };
}
