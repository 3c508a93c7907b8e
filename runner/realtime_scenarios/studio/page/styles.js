// The styles of a view that is loaded when it is first shown.

const known = new Map();

/** Resolves when the sheet is there: what it is for is not shown before. */
export function styled(name) {
  if (!known.has(name)) {
    known.set(name, new Promise((resolve) => {
      const link = document.createElement('link');
      link.rel = 'stylesheet';
      link.href = new URL(`./${name}`, import.meta.url).href;
      link.onload = link.onerror = () => resolve();
      document.head.append(link);
    }));
  }
  return known.get(name);
}
