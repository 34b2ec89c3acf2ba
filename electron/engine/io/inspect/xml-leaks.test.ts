import { describe, expect, it } from 'vitest';
import { xmlLeaks, xmlTexts } from './xml-leaks.js';

function texts(document: string): string[] {
  return xmlTexts(document).map(({ path, text }) => `${path.join('/')}: ${text}`);
}

describe('xmlTexts', () => {
  it('lists texts, attributes, CDATA and comments with their places', () => {
    expect(
      texts(
        '<?xml version="1.0"?><!DOCTYPE a><a x="1" y=\'2\'>one<b/>two<c z="&lt;3&gt;"><![CDATA[<raw>]]></c><!-- said --></a>',
      ),
    ).toEqual(['a/@x: 1', 'a/@y: 2', 'a: one', 'a: two', 'a/c/@z: <3>', 'a/c: <raw>', 'a/comment:  said ']);
  });

  it('forgives what is not closed, closed twice or cut off', () => {
    expect(texts('<a><b>one</a>two</b></a></a><c>three<d')).toEqual(['a/b: one', ': two', 'c: three']);
  });

  it('unfolds no entities of its own', () => {
    expect(texts('<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;&amp;lt;</a>').at(-1)).toBe('a: &x;&lt;');
  });
});

describe('xmlLeaks', () => {
  it('names XMP properties without the scaffolding around them', () => {
    const found = xmlLeaks(
      'xmp',
      '<x:xmpmeta><rdf:RDF><rdf:Description xmlns:dc="u" xmp:CreateDate="2024"><dc:title><rdf:Alt><rdf:li xml:lang="de">Titel</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>',
    );
    expect(found.map(({ where, kind, value }) => [where, kind, value])).toEqual([
      ['xmp.xmp:CreateDate', 'time', '2024'],
      ['xmp.dc:title', 'text', 'Titel'],
    ]);
  });
});
