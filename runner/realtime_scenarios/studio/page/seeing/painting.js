// The lanes of the timeline on a canvas, in the page's own colours.

import { clock } from '../reducing/words.js';
import { axisStep, LANES, silences } from './lanes.js';

export const AXIS = 24;  // px
export const LEFT = 124; // px before time 0: the names of the lanes
const HEIGHTS = { caller: 88, agent: 88, calls: 44, approvals: 36, moves: 36, checks: 36 };

/** {lane: {top, height}} and how high all of it is. */
export function laneBoxes() {
  let top = AXIS;
  const boxes = {};
  for (const [lane] of LANES) {
    boxes[lane] = { top, height: HEIGHTS[lane] };
    top += HEIGHTS[lane];
  }
  return { boxes, height: top + 4 };
}

const INK = {
  caller: { typed: 'user', spoken: 'user' },
  agent: { said: 'accent', cut: 'accent' },
  calls: { answered: 'tool', open: 'warn', rejected: 'bad', refused: 'bad', invalid: 'bad', failed: 'bad', timed_out: 'bad', unknown: 'bad', lost: 'warn' },
  approvals: { approved: 'ok', rejected: 'bad', timed_out: 'bad', waits: 'warn' },
  moves: { handoff: 'handoff', state: 'accent', refused: 'bad' },
  checks: { tripped: 'bad' },
};

/** Paints all of it. `view` is {from, scale}: the time at the left edge, and pixels a millisecond; `sound` gives peaks. */
export function paint(canvas, { lanes, view, sound, chosen, length }) {
  const ratio = window.devicePixelRatio || 1;
  const { boxes, height } = laneBoxes();
  const width = canvas.clientWidth;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  const colour = colours(canvas);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const x = (ms) => LEFT + (ms - view.from) * view.scale;
  grid(pen, { width, height, view, x, colour, length });
  pen.save();
  pen.beginPath();
  pen.rect(LEFT, 0, width - LEFT, height);
  pen.clip();
  pen.fillStyle = colour('sunken');
  for (const gap of silences(lanes)) pen.fillRect(x(gap.at), AXIS, x(gap.until) - x(gap.at), boxes.agent.top + boxes.agent.height - AXIS);
  for (const [lane] of LANES) {
    const bars = [];
    for (const thing of lanes[lane]) {
      if (x(thing.until) < LEFT || x(thing.at) > width) continue;
      const box = boxes[lane];
      const ink = colour(INK[lane][thing.kind] ?? 'muted');
      const tint = colour(`${INK[lane][thing.kind] ?? 'control'}-tint`) || colour('sunken');
      const shape = { pen, box, x0: x(thing.at), x1: Math.max(x(thing.until), x(thing.at) + 3), ink, tint, thing };
      if (lane === 'caller' || lane === 'agent') voiceBox({ ...shape, x, view, sound, colour });
      else {
        bar(shape);
        bars.push(shape);
      }
      if (thing.seq === chosen) {
        pen.strokeStyle = colour('text');
        pen.lineWidth = 1.5;
        pen.strokeRect(shape.x0 - 1.5, box.top + 4.5, shape.x1 - shape.x0 + 3, box.height - 9);
      }
    }
    bars.forEach((shape, at) => named(shape, (bars[at + 1]?.x0 ?? width) - 6, colour));
  }
  pen.restore();
}

function grid(pen, { width, height, view, x, colour, length }) {
  const step = axisStep(view.scale);
  pen.font = '12px ui-monospace, "DejaVu Sans Mono", monospace';
  pen.textBaseline = 'middle';
  pen.lineWidth = 1;
  for (let at = Math.ceil(Math.max(0, view.from) / step) * step; x(at) < width && at <= length + step; at += step) {
    pen.strokeStyle = colour('line');
    pen.beginPath();
    pen.moveTo(Math.round(x(at)) + 0.5, AXIS - 4);
    pen.lineTo(Math.round(x(at)) + 0.5, height);
    pen.stroke();
    pen.fillStyle = colour('muted');
    pen.fillText(clock(at, step < 1000).replace(/0{2}$/, step < 1000 ? '' : '$&'), x(at) + 4, AXIS / 2);
  }
  const { boxes } = laneBoxes();
  pen.strokeStyle = colour('line');
  for (const { top } of Object.values(boxes)) {
    pen.beginPath();
    pen.moveTo(0, top + 0.5);
    pen.lineTo(width, top + 0.5);
    pen.stroke();
  }
}

/** What somebody said: its waveform where the page heard it, else a bar as long as it took. What nobody heard is hatched. */
function voiceBox({ pen, box, x0, x1, ink, tint, thing, x, view, sound, colour }) {
  const middle = box.top + box.height / 2;
  const peaks = sound(thing);
  const end = thing.heard === undefined ? x1 : Math.max(x0, Math.min(x1, x(thing.heard)));
  pen.fillStyle = tint;
  pen.beginPath();
  pen.roundRect(x0, box.top + 8, x1 - x0, box.height - 16, 4);
  pen.fill();
  if (peaks) wave({ pen, peaks, x0, x1, middle, half: box.height / 2 - 10, view, ink, thing });
  else {
    pen.fillStyle = ink;
    pen.beginPath();
    pen.roundRect(x0, middle - 3, end - x0, 6, 3);
    pen.fill();
  }
  if (end < x1 - 1) {
    hatched(pen, end, box.top + 8, x1 - end, box.height - 16, colour('bad'));
    pen.fillStyle = colour('bad');
    pen.fillRect(end - 1, box.top + 4, 2, box.height - 8);
  }
}

function wave({ pen, peaks, x0, x1, middle, half, view, ink, thing }) {
  pen.fillStyle = ink;
  for (let px = Math.floor(x0); px < x1; px += 1) {
    const from = thing.at + (px - x0) / view.scale;
    const found = peaks(from, from + 1 / view.scale);
    if (!found) continue;
    const [low, high] = found;
    pen.fillRect(px, middle - high * half, 1, Math.max(1, (high - low) * half));
  }
}

function hatched(pen, x, y, width, height, ink) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = ink;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1;
  for (let at = x - height; at < x + width; at += 6) {
    pen.beginPath();
    pen.moveTo(at, y + height);
    pen.lineTo(at + height, y);
    pen.stroke();
  }
  pen.restore();
}

function bar({ pen, box, x0, x1, ink, tint }) {
  const [top, height] = [box.top + 6, box.height - 12];
  pen.fillStyle = tint;
  pen.beginPath();
  pen.roundRect(x0, top, x1 - x0, height, 4);
  pen.fill();
  pen.fillStyle = ink;
  pen.fillRect(x0, top, 2, height);
}

/** What a bar is called, as far as there is room up to `end`; where there is next to none, nothing. */
function named({ pen, box, x0, thing }, end, colour) {
  const room = end - x0 - 7;
  if (room < 28) return;
  pen.font = '12px system-ui, sans-serif';
  pen.fillStyle = colour('text');
  const words = thing.words.replace(/\s+/g, ' ');
  let shown = words;
  while (shown.length > 1 && pen.measureText(shown).width > room) shown = `${shown.slice(0, Math.floor(shown.length * 0.85) - 1)}…`;
  pen.fillText(shown, x0 + 7, box.top + box.height / 2 + 0.5);
}

function colours(element) {
  const style = getComputedStyle(element);
  const known = new Map();
  const probe = document.createElement('span');
  element.parentElement.append(probe);
  const read = (name) => {
    if (!style.getPropertyValue(`--${name}`)) return '';
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ['text', 'muted', 'line', 'sunken', 'control', 'accent', 'accent-tint', 'user', 'user-tint', 'tool', 'tool-tint', 'warn', 'warn-tint',
    'bad', 'bad-tint', 'ok', 'ok-tint', 'handoff', 'handoff-tint'];
  for (const name of names) known.set(name, read(name));
  probe.remove();
  return (name) => known.get(name) ?? '';
}
