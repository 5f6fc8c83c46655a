/** Value of an attribute: text as it is, numbers in pixels. */
type Attributes = Record<string, string | number>;

/**
 * An SVG element on one line.
 *
 * @param content elements, made by this function or `escapeText`, or nothing
 */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? pixels(value) : escapeText(value)}"`)
    .join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A text element. */
export function text(content: string, attributes: Attributes): string {
  return element('text', attributes, escapeText(content));
}

/** A coordinate with a tenth of a pixel: enough for the eye, and the same bytes everywhere. */
export function pixels(value: number): string {
  return Number(value.toFixed(1)).toString();
}

/** Text for element content and attributes; control characters, which no XML may hold, become spaces. */
export function escapeText(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
