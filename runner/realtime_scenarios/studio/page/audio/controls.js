// What a person speaks and hears with: in the composer, beside the text.

export function Controls() {
  return null;
}
