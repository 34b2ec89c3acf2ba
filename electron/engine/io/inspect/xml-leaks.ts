import type { Leak } from '../../../contract/inspection.js';
import { leakOf, type Meaning } from './leak.js';
import { meaningByName } from './tag-meanings.js';

/** One text of an XML document and where it stands. */
export interface XmlText {
  /** element names from the root, with `@name` for an attribute */
  readonly path: readonly string[];
  readonly text: string;
}

/** More nesting than any metadata has. */
const maxDepth = 64;
const maxTexts = 500;
/** Longer tags are read up to here only. */
const maxTagCharacters = 65_536;

/**
 * Lists every text and attribute of an XML document. Forgives errors, as the documents come from recorders;
 * knows no entities but the five of XML, so that nothing can unfold.
 */
export function xmlTexts(document: string): XmlText[] {
  const texts: XmlText[] = [];
  const path: string[] = [];
  let at = 0;
  while (at < document.length && texts.length < maxTexts) {
    const open = document.indexOf('<', at);
    const text = document.slice(at, open < 0 ? document.length : open).trim();
    if (text !== '') texts.push({ path: [...path], text: unescapeXml(text) });
    if (open < 0) break;
    const special = [
      ['<!--', '-->'],
      ['<![CDATA[', ']]>'],
      ['<?', '?>'],
    ].find(([start = '']) => document.startsWith(start, open));
    const [start = '<', end = '>'] = special ?? [];
    const close = document.indexOf(end, open + start.length);
    if (close < 0) break;
    const inside = document.slice(open + start.length, close);
    if (start === '<![CDATA[' && inside.trim() !== '') texts.push({ path: [...path], text: inside });
    if (start === '<!--' && inside.trim() !== '') texts.push({ path: [...path, 'comment'], text: inside });
    if (start === '<') takeTag(inside.slice(0, maxTagCharacters), path, texts);
    at = close + end.length;
  }
  return texts;
}

function takeTag(inside: string, path: string[], texts: XmlText[]): void {
  if (inside.startsWith('/')) {
    const name = inside.slice(1).trim();
    const level = path.lastIndexOf(name);
    if (level >= 0) path.length = level;
    return;
  }
  if (inside.startsWith('!')) return; // a document type says nothing about the recording
  const name = /^[^\s/>]+/.exec(inside)?.[0] ?? '';
  for (const [, attribute = '', double, single] of inside.matchAll(
    /([\w:.-]{1,100})\s?=\s?(?:"([^"]*)"|'([^']*)')/g,
  )) {
    const value = double ?? single ?? '';
    if (!attribute.startsWith('xmlns') && value.trim() !== '') {
      texts.push({ path: [...path, name, `@${attribute}`], text: unescapeXml(value) });
    }
  }
  if (!inside.endsWith('/') && path.length < maxDepth) path.push(name);
}

function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

/** Elements of iXML that identify. @see http://www.gallery.co.uk/ixml/ */
const known: Readonly<Record<string, Meaning>> = {
  PROJECT: { meaning: 'project', kind: 'text' },
  SCENE: { meaning: 'scene', kind: 'text' },
  TAKE: { meaning: 'take', kind: 'text' },
  TAPE: { meaning: 'tape or sound roll', kind: 'text' },
  NOTE: { meaning: 'note of the recordist', kind: 'text' },
  USER: { meaning: 'free text of the recordist', kind: 'text' },
  FILE_UID: { meaning: 'unique number of the file, often with the recorder serial number', kind: 'device' },
  FAMILY_UID: {
    meaning: 'unique number of the file family, often with the recorder serial number',
    kind: 'device',
  },
  FAMILY_NAME: { meaning: 'name of the file family', kind: 'text' },
  UBITS: { meaning: 'user bits, often the date', kind: 'time' },
  LOCATION_NAME: { meaning: 'place', kind: 'place' },
  LOCATION_GPS: { meaning: 'coordinates of the place', kind: 'place' },
  LOCATION_ALTITUDE: { meaning: 'altitude of the place', kind: 'place' },
  ORIGINAL_FILENAME: { meaning: 'former file name', kind: 'text' },
  BWF_ORIGINATOR: { meaning: 'recorder or person that made it', kind: 'device' },
  BWF_ORIGINATOR_REFERENCE: {
    meaning: 'reference of the recorder, usually with its serial number',
    kind: 'device',
  },
};

/**
 * @param where     e.g. `iXML`; element names follow, without the root
 * @param document  XML text, already cut to a sensible size
 */
export function xmlLeaks(where: string, document: string): Leak[] {
  return xmlTexts(document).flatMap(({ path, text }) => {
    const names = path.slice(1).map((name) => name.replace(/^@/, ''));
    const last = names.at(-1) ?? '';
    // Packages of XMP nest lists in rdf:Alt, rdf:Seq and rdf:li, which say nothing themselves.
    const telling = names.filter(
      (name) => !/^rdf:(RDF|Description|Alt|Seq|Bag|li|about|parseType)$/.test(name),
    );
    if (telling.length === 0 || /^(xml:lang|x:xmptk)$/.test(last)) return [];
    const name = telling.at(-1) ?? '';
    return leakOf(`${where}.${telling.join('.')}`, known[name] ?? meaningByName(name), text);
  });
}
