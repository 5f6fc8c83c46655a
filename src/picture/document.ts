import { element, escapeText } from './svg.js';

/** A whole picture. */
export interface PictureDocument {
  title: string;
  /** For those who hear the picture. */
  description: string;
  /** Of the picture, in pixels. */
  width: number;
  height: number;
  style: PictureStyle;
  /** Elements in the order in which they are painted. */
  lines: string[];
}

/** CSS rules that a picture adds to those that all share; colours for text need a contrast of 4.5 to 1. */
export interface PictureStyle {
  light: string[];
  /** Take the place of the light ones where the reader's colour scheme is dark. */
  dark: string[];
}

const LIGHT = [
  'text { font: 12px system-ui, sans-serif; fill: #59636e; }',
  '.title { font-size: 16px; font-weight: 600; fill: #1f2328; }',
  '.heading { font-size: 13px; font-weight: 600; fill: #1f2328; }',
  '.value { font-weight: 600; }',
  '.paper { fill: #ffffff; }',
  '.grid { stroke: #e1e5ea; }',
  '.axis { stroke: #8c959f; }',
];

const DARK = [
  'text { fill: #9da7b1; }',
  '.title, .heading { fill: #e6edf3; }',
  '.paper { fill: #0d1117; }',
  '.grid { stroke: #262d36; }',
  '.axis { stroke: #656c76; }',
];

/**
 * An SVG file that stands by itself in a README: it follows the reader's colour scheme, and needs no script and no
 * outside font.
 */
export function pictureDocument({
  title,
  description,
  width,
  height,
  style,
  lines,
}: PictureDocument): string {
  const rules = [
    ...LIGHT,
    ...style.light,
    '@media (prefers-color-scheme: dark) {',
    ...DARK,
    ...style.dark,
    '}',
  ];
  const content = [
    element('title', {}, escapeText(title)),
    element('desc', {}, escapeText(description)),
    `<style>\n${rules.join('\n')}\n</style>`,
    element('rect', { class: 'paper', width, height, rx: 8 }),
    ...lines,
  ];
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, role: 'img' };
  return `${element('svg', { ...attributes, width, height }, `\n${content.join('\n')}\n`)}\n`;
}
