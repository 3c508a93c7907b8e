// Values -> the words in which the page shows them. No DOM.

// Characters that turn the direction of a line or cannot be seen: a name could pretend to be another with them.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A name of somebody else's on one line, without what cannot be seen. */
export function shown(name) {
  return String(name ?? '').replace(UNSEEN, '');
}

// Those that turn a line around against its own letters: Arabic and Hebrew need none of them.
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** What somebody else wrote, as its letters go: what is approved must not look like something else. */
export function straight(text) {
  return String(text ?? '').replace(TURNING, '');
}

/** Milliseconds as `m:ss`, or `m:ss.mmm` where `exact`. */
export function clock(ms, exact = false) {
  const whole = Math.max(0, Math.floor(ms ?? 0));
  const seconds = Math.floor(whole / 1000);
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return exact ? `${text}.${String(whole % 1000).padStart(3, '0')}` : text;
}

/** How long something took, in the unit that one would say it in. */
export function duration(ms) {
  if (ms == null) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A number of bytes. */
export function size(bytes) {
  if (bytes == null) return '';
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A value on one line, at most `longest` characters of it. */
export function brief(value, longest = 120) {
  let text;
  try {
    text = typeof value === 'string' ? value : JSON.stringify(value);
  } catch {
    text = String(value);
  }
  text = straight(text ?? 'null').replace(/\s+/g, ' ');
  return text.length > longest ? text.slice(0, longest - 1) + '…' : text;
}

const NUMBERS = new Intl.NumberFormat('en'); // made once: it is what costs

/** A number with its thousands apart. */
export function grouped(number) {
  return NUMBERS.format(number);
}

/** `3 events`, `1 event`. */
export function counted(number, noun, plural = noun + 's') {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}
