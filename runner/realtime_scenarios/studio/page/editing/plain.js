// The text of a file in a plain field: on narrow pages, and where the editor cannot be loaded.

import { html, useLayoutEffect, useRef } from '../vendor/core.js';
import { offsetOf, placeOf } from './positions.js';

export function Plain({ buffer, at, onSave, onPlace, onFinding }) {
  const field = useRef(null);
  useLayoutEffect(() => { // before another key, which belongs to where one has jumped to
    if (!at || !at.line || !field.current) return;
    const lines = field.current.value.split('\n');
    const offset = offsetOf(lines, Number(at.line), Number(at.column) || 1);
    field.current.focus();
    field.current.setSelectionRange(offset, offset);
    field.current.scrollTop = Math.max(0, (Number(at.line) - 4) * 20);
  }, [at && at.key]);
  const tell = () => onPlace(placeOf(field.current.value, field.current.selectionStart).line);
  const keys = (press) => {
    if ((press.ctrlKey || press.metaKey) && press.key.toLowerCase() === 's') {
      press.preventDefault();
      onSave();
    } else if (press.key === 'F8') {
      press.preventDefault();
      onFinding(press.shiftKey ? -1 : 1);
    }
  };
  return html`<textarea class="plain" ref=${field} aria-label=${buffer.name} spellcheck=${false} autocomplete="off"
    autocapitalize="off" wrap="off" value=${buffer.text.value ?? ''} onInput=${(input) => buffer.type(input.target.value)}
    onKeyDown=${keys} onKeyUp=${tell} onClick=${tell}></textarea>`;
}
