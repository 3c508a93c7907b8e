// A graph as the server laid it out: boxes and lines that live, can be moved, zoomed, chosen, and walked by keys.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../vendor/core.js';
import { shown } from '../reducing/words.js';

const CLOSEST = 2.5;
const FARTHEST = 0.15;
const MARGIN = 24;
const HERE = 44; // px: the width of the plate that says "here"
const kept = new Map(); // key -> {x, y, k}: where a person left a drawing

/**
 * `active` is the id of the node where the conversation is; `taken` maps edges (`from>to`) to counts, `last` is the newest of
 * them; `count(node, line)` is how often a tool was called. `chosen` is the id of a node or an edge. With `overlay` it shows
 * what dialogues met, in place of where this conversation went.
 */
export function Drawing({ drawing, keep, name, active, taken, last, visited, count, chosen, onChoose, onOpen, stale, overlay = false }) {
  const place = useRef(null);
  const [view, setView] = useState(kept.get(keep) ?? null);
  const [hovered, hover] = useState(null);
  const [drag, setDrag] = useState(null);
  const put = (next) => {
    kept.set(keep, next);
    setView(next);
  };
  const fit = () => put(fitted(place.current, drawing));
  useLayoutEffect(() => {
    const seen = kept.get(keep);
    if (seen) setView(seen);
    else setView(fitted(place.current, drawing));
  }, [keep, drawing]);
  useEffect(() => {
    const watch = new ResizeObserver(() => place.current && !kept.has(keep) && setView(fitted(place.current, drawing)));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, [keep, drawing]);
  const zoom = (factor, at) => {
    const box = place.current.getBoundingClientRect();
    const [x, y] = at ? [at.clientX - box.left, at.clientY - box.top] : [box.width / 2, box.height / 2];
    const k = Math.min(CLOSEST, Math.max(FARTHEST, view.k * factor));
    put({ k, x: x - ((x - view.x) / view.k) * k, y: y - ((y - view.y) / view.k) * k });
  };
  useEffect(() => {
    const wheel = (turn) => {
      turn.preventDefault();
      if (turn.ctrlKey || turn.metaKey) zoom(Math.exp(-turn.deltaY / 200), turn);
      else put({ ...view, x: view.x - turn.deltaX, y: view.y - turn.deltaY });
    };
    const element = place.current;
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [view]);

  const current = drawing.nodes.find((node) => node.id === chosen) ?? drawing.nodes.find((node) => node.id === active) ?? drawing.nodes[0];
  const keys = (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey) return;
    const towards = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[press.key];
    if (towards) {
      const next = neighbour(drawing.nodes, current, towards);
      if (next) {
        onChoose(next.id);
        place.current.querySelector(`[data-node="${CSS.escape(next.id)}"]`)?.focus();
      }
    } else if (press.key === '+' || press.key === '=') zoom(1.25);
    else if (press.key === '-') zoom(0.8);
    else if (press.key === '0') fit();
    else if (press.key === 'Enter' || press.key === ' ') onChoose(current.id);
    else if (press.key === 'e') onOpen(current.place);
    else return;
    press.preventDefault();
    press.stopPropagation();
  };
  const pointers = useRef(new Map());
  const down = (press) => {
    if (press.button !== 0) return;
    pointers.current.set(press.pointerId, press);
    setDrag({ x: press.clientX, y: press.clientY, view, moved: false, id: press.pointerId });
  };
  const move = (moved) => {
    if (!drag || !pointers.current.has(moved.pointerId)) return;
    const before = pointers.current.get(moved.pointerId);
    pointers.current.set(moved.pointerId, moved);
    if (pointers.current.size === 2) {
      const other = [...pointers.current.values()].find((one) => one.pointerId !== moved.pointerId);
      const [now, then] = [gap(moved, other), gap(before, other)];
      if (then) zoom(now / then, middle(moved, other));
      return;
    }
    const [dx, dy] = [moved.clientX - drag.x, moved.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    if (!drag.moved) place.current.querySelector('svg').setPointerCapture(moved.pointerId);
    drag.moved = true;
    put({ ...drag.view, x: drag.view.x + dx, y: drag.view.y + dy });
  };
  const up = (released) => {
    pointers.current.delete(released.pointerId);
    if (!pointers.current.size) setDrag(null);
  };
  const near = hovered ?? chosen;
  const times = (edge) => (overlay ? 0 : taken.get(edge.id) ?? 0);
  const over = drawing.edges.filter((edge) => edge.id === hovered || edge.id === chosen);
  return html`<div class=${`drawing ${stale ? 'stale' : ''}`} ref=${place}>
    <svg class=${`canvas ${drag?.moved ? 'dragging' : ''}`} role="group" aria-label=${name} onKeyDown=${keys}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}>
      <defs>${['plain', 'taken', 'met', 'unmet'].map((id) => html`<${Head} key=${id} id=${id} />`)}</defs>
      ${view && html`<g transform=${`translate(${view.x} ${view.y}) scale(${view.k})`}>
        ${drawing.edges.map((edge) => html`<${EdgeLine} key=${edge.id} edge=${edge} count=${times(edge)} last=${!overlay && edge.id === last} overlay=${overlay}
          chosen=${edge.id === chosen} near=${edge.from === near || edge.to === near}
          onChoose=${() => !drag?.moved && onChoose(edge.id)} onHover=${hover} />`)}
        ${drawing.nodes.map((node) => html`<${NodeBox} key=${node.id} node=${node} active=${node.id === active} visited=${!overlay && visited?.has(node.id)}
          chosen=${node.id === chosen} tabbable=${node.id === current?.id} count=${overlay ? () => 0 : count} overlay=${overlay}
          label=${spoken(node, drawing, node.id === active, overlay)} onChoose=${() => !drag?.moved && onChoose(node.id)} onHover=${hover} />`)}
        ${drawing.edges.map((edge) => times(edge) && !over.includes(edge) ? html`<${Count} key=${`n${edge.id}`} edge=${edge} count=${times(edge)} />` : null)}
        ${over.map((edge) => html`<${Label} key=${`l${edge.id}`} edge=${edge} count=${times(edge)} />`)}
      </g>`}
    </svg>
    <div class="drawing-tools" role="group" aria-label="Zoom">
      <button aria-label="Closer" title="Closer (+)" onClick=${() => zoom(1.25)}>+</button>
      <button aria-label="Fit all of it" title="Fit all of it (0)" onClick=${fit}>Fit</button>
      <button aria-label="Farther" title="Farther (-)" onClick=${() => zoom(0.8)}>−</button>
    </div>
  </div>`;
}

function Head({ id }) {
  return html`<marker id=${`head-${id}`} viewBox="0 0 10 10" refX="8" refY="5" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse"
    orient="auto"><path class=${`head-${id}`} d="M 0 0.5 L 9 5 L 0 9.500 z" /></marker>`;
}

/** The class of what dialogues met or did not; nothing where nobody asks or knows. */
const metClass = (thing, overlay) => (!overlay || thing.covered === null ? '' : thing.covered ? 'met' : 'unmet');

function EdgeLine({ edge, count, last, chosen, near, onChoose, onHover, overlay }) {
  const met = metClass(edge, overlay);
  const classes = ['edge', met, edge.gate && 'gated', count && 'taken', last && 'last', chosen && 'chosen', near && 'near'];
  return html`<g class=${classes.filter(Boolean).join(' ')}>
    <path class="edge-line" d=${edge.path} marker-end=${`url(#head-${met || (count ? 'taken' : 'plain')})`} />
    <path class="edge-hit" d=${edge.path} onClick=${onChoose} onPointerEnter=${() => onHover(edge.id)} onPointerLeave=${() => onHover(null)} />
  </g>`;
}

function NodeBox({ node, active, visited, chosen, tabbable, count, label, onChoose, onHover, overlay }) {
  const classes = ['node', node.kind, metClass(node, overlay), active ? 'active' : visited && 'seen', chosen && 'chosen', node.terminal && 'terminal'];
  return html`<g class=${classes.filter(Boolean).join(' ')}>
    <rect class="ring" x=${node.x - 4} y=${node.y - 4} width=${node.w + 8} height=${node.h + 8} rx="9" />
    <rect class="box" x=${node.x} y=${node.y} width=${node.w} height=${node.h} rx="6" />
    <g aria-hidden="true"><text class="node-title" x=${node.x + 14} y=${node.y + 25}>${elided(shown(node.label), Math.floor((node.w - 28) / 8.6))}</text>
    ${node.lines.map((line) => html`<${NodeLine} key=${line.y} node=${node} line=${line} overlay=${overlay} count=${line.tool ? count(node.id, line.tool) : 0} />`)}
    ${active && html`<g><rect class="here-plate" x=${node.x + node.w - HERE - 10} y=${node.y - 9} width=${HERE} height="18" rx="9" />
      <text class="here-word" x=${node.x + node.w - HERE / 2 - 10} y=${node.y + 4} text-anchor="middle">here</text></g>`}
    ${node.start && html`<text class="start-word" x=${node.x + 2} y=${node.y - 6}>start</text>`}</g>
    <rect class="node-hit" x=${node.x} y=${node.y} width=${node.w} height=${node.h} role="button" tabindex=${tabbable ? 0 : -1} aria-label=${label}
      aria-pressed=${chosen ? 'true' : 'false'} aria-current=${active ? 'location' : undefined} data-node=${node.id} onClick=${onChoose}
      onPointerEnter=${() => onHover(node.id)} onPointerLeave=${() => onHover(null)} />
  </g>`;
}

function NodeLine({ node, line, count, overlay }) {
  const met = metClass(line, overlay);
  const marks = met === 'unmet' ? [...line.marks, 'not met'] : line.marks;
  const room = Math.floor((node.w - 40) / 7.2) - marks.reduce((sum, mark) => sum + mark.length + 3, 0);
  return html`<text class=${`node-line ${met} ${count ? 'called' : ''}`} x=${node.x + 14} y=${line.y}>${elided(shown(line.text), Math.max(12, room))}
    ${marks.map((mark) => html`<tspan key=${mark} class=${`node-mark ${mark}`} dx="8">${mark}</tspan>`)}
    ${count ? html`<tspan class="node-mark count" dx="8">${count}×</tspan>` : null}</text>`;
}

function Count({ edge, count }) {
  const { x, y, w, h } = edge.label_box;
  const [cx, cy] = [x + w / 2, y + h / 2];
  return html`<g><rect class="count-plate" x=${cx - 14} y=${cy - 9} width="28" height="18" rx="9" />
    <text class="count-text" x=${cx} y=${cy + 4} text-anchor="middle">${count}×</text></g>`;
}

function Label({ edge, count }) {
  const { x, y, w, h } = edge.label_box;
  const words = elided(edge.label || (edge.gate ? `if ${edge.gate}` : 'handoff'), 46);
  const text = count ? `${count}×  ${words}` : words;
  const width = Math.max(text.length * 6.3 + 20, 60);
  return html`<g><rect class="label-plate" x=${x + w / 2 - width / 2} y=${y - 2} width=${width} height=${h + 4} rx="6" />
    <text class="label-text" x=${x + w / 2} y=${y + h / 2 + 4} text-anchor="middle">${text}</text></g>`;
}

function elided(text, longest) {
  const flat = String(text).replace(/\s+/g, ' ');
  return flat.length <= longest ? flat : flat.slice(0, Math.max(1, longest - 1)) + '…';
}

function spoken(node, drawing, active, overlay) {
  const leaving = drawing.edges.filter((edge) => edge.from === node.id).length;
  const agents = drawing.kind === 'agents';
  return [
    shown(node.label), node.kind === 'elsewhere' ? 'another agent' : node.kind,
    agents && node.lines.length ? `${node.lines.length} ${node.lines.length === 1 ? 'tool' : 'tools'}` : '',
    leaving ? `${leaving} ${agents ? (leaving === 1 ? 'handoff' : 'handoffs') : leaving === 1 ? 'way on' : 'ways on'}` : '',
    node.start ? 'start' : '', active ? 'active' : '', { met: 'met by a dialogue', unmet: 'met by no dialogue' }[metClass(node, overlay)] ?? '',
  ].filter(Boolean).join(', ');
}

function fitted(element, drawing) {
  const box = element.getBoundingClientRect();
  const k = Math.min(1.15, (box.width - 2 * MARGIN) / drawing.width, (box.height - 2 * MARGIN) / drawing.height);
  const scale = Math.max(FARTHEST, k);
  return { k: scale, x: (box.width - drawing.width * scale) / 2, y: Math.max(MARGIN, (box.height - drawing.height * scale) / 2) };
}

/** The node that is nearest in a direction. */
export function neighbour(nodes, from, [dx, dy]) {
  const centre = (node) => [node.x + node.w / 2, node.y + node.h / 2];
  const [x, y] = centre(from);
  let best = null;
  let least = Infinity;
  for (const node of nodes) {
    const [nx, ny] = centre(node);
    const along = (nx - x) * dx + (ny - y) * dy;
    const across = Math.abs((nx - x) * dy) + Math.abs((ny - y) * dx);
    if (along <= 1 || node === from) continue;
    const cost = along + 2 * across;
    if (cost < least) [best, least] = [node, cost];
  }
  return best;
}

const gap = (one, other) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
const middle = (one, other) => ({ clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 });
