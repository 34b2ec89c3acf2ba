import { chunk, packSamples, wavFile, type WavDescription } from '../reading/recordings.fake.js';

/** One second of quiet ramp. */
export const plainSound: WavDescription = {
  sample: 's16',
  channels: 1,
  sampleRateHz: 8000,
  data: packSamples(
    Array.from({ length: 8000 }, (_, n) => (n % 200) - 100),
    's16',
  ),
};

function fixed(text: string, length: number): Buffer {
  const field = Buffer.alloc(length);
  field.write(text, 'latin1');
  return field;
}

/** @returns an ID3v2.3 tag of text frames and raw frames */
export function id3v2Tag(frames: readonly (readonly [id: string, data: Buffer | string])[]): Buffer {
  const body = Buffer.concat(
    frames.map(([id, data]) => {
      const content = typeof data === 'string' ? Buffer.concat([Buffer.of(3), Buffer.from(data)]) : data;
      const header = Buffer.alloc(10);
      header.write(id, 'latin1');
      header.writeUInt32BE(content.length, 4);
      return Buffer.concat([header, content]);
    }),
  );
  const head = Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1');
  for (let n = 3, rest = body.length; n >= 0; n--, rest >>= 7) head[6 + n] = rest & 0x7f;
  return Buffer.concat([head, body]);
}

/** @returns data of a `bext` chunk with something in every field */
export function bextData(): Buffer {
  const umid = Buffer.alloc(64);
  umid.write('UMID-SECRET', 'latin1');
  const reserved = Buffer.alloc(180);
  reserved.write('RESERVED-SECRET', 100);
  const timeReference = Buffer.alloc(10);
  timeReference.writeUInt32LE(123_456_789, 0);
  return Buffer.concat([
    fixed('BEXT-DESCRIPTION', 256),
    fixed('SoundDevices 633', 32),
    fixed('US-SERIAL-0042', 32),
    fixed('2024-05-06', 10),
    fixed('07:08:09', 8),
    timeReference,
    umid,
    Buffer.alloc(10),
    reserved,
    Buffer.from('A=PCM,F=48000,T=HISTORY-SECRET;\r\n'),
  ]);
}

/** A picture that says it was photographed: JPEG with an EXIF block. */
export const photograph = Buffer.from('\xff\xd8\xff\xe1\x00\x10Exif\0\0MM\0*GPS-IN-PHOTO\xff\xd9', 'latin1');

/** @returns a Vorbis comment */
export function vorbisComment(vendor: string, comments: readonly string[]): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const count = Buffer.alloc(4);
  count.writeUInt32LE(comments.length);
  return Buffer.concat([text(vendor), count, ...comments.map(text)]);
}

/** @returns FLAC's PICTURE structure around {@link photograph} */
export function flacPicture(): Buffer {
  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const type = Buffer.from('image/jpeg');
  const text = Buffer.from('PICTURE-TEXT');
  const head = [word(3), word(type.length), type, word(text.length), text];
  return Buffer.concat([...head, Buffer.alloc(16), word(photograph.length), photograph]);
}

/** What is planted in {@link secretWav}: words that must be found, with their place and kind. */
export const wavSecrets: readonly (readonly [where: string, kind: string, value: string])[] = [
  ['bext.description', 'text', 'BEXT-DESCRIPTION'],
  ['bext.originator', 'device', 'SoundDevices 633'],
  ['bext.originatorReference', 'device', 'US-SERIAL-0042'],
  ['bext.originationDate', 'time', '2024-05-06'],
  ['bext.originationTime', 'time', '07:08:09'],
  ['bext.timeReference', 'time', '123456789'],
  ['bext.umid', 'device', '554d49442d534543524554'],
  ['bext.reserved', 'text', 'RESERVED-SECRET'],
  ['bext.codingHistory', 'device', 'HISTORY-SECRET'],
  ['iXML.PROJECT', 'text', 'IXML-PROJECT'],
  ['iXML.SCENE', 'text', 'IXML-SCENE'],
  ['iXML.TAKE', 'text', 'IXML-TAKE'],
  ['iXML.NOTE', 'text', 'IXML <NOTE> & more'],
  ['iXML.FILE_UID', 'device', 'IXML-UID'],
  ['iXML.LOCATION.LOCATION_NAME', 'place', 'IXML-PLACE'],
  ['iXML.LOCATION.LOCATION_GPS', 'place', '52.5, 13.4'],
  ['iXML.TRACK_LIST.TRACK.NAME', 'text', 'Lavalier Ann'],
  ['guan.Loc Position', 'place', '52.50001 13.40002'],
  ['guan.Serial', 'device', 'GUANO-SERIAL'],
  ['guan.Original Filename', 'text', 'GUANO-FILE.wav'],
  ['guan.Make', 'device', 'GUANO-MAKE'],
  ['INFO.IART', 'person', 'INFO-ARTIST'],
  ['INFO.ICRD', 'time', '2023-01-02'],
  ['INFO.ILOC', 'place', 'INFO-PLACE'],
  ['INFO.XXXX', 'text', 'INFO-UNKNOWN'],
  ['adtl.labl', 'text', 'LABEL-SECRET'],
  ['adtl.note', 'text', 'NOTE-SECRET'],
  ['adtl.ltxt', 'text', 'LTXT-SECRET'],
  ['cue', 'technical', '28 bytes'],
  ['id3v2.TPE1', 'person', 'ID3-ARTIST'],
  ['id3v2.TXXX.Recorder Serial', 'device', 'ID3-SERIAL'],
  ['xmp.dc:creator', 'person', 'XMP-CREATOR'],
  ['xmp.exif:GPSLatitude', 'place', '52,30.5N'],
  ['aXML.a.place', 'place', 'AXML-PLACE'],
  ['cart.artist', 'person', 'CART-ARTIST'],
  ['cart.url', 'person', 'http://cart.example'],
  ['C2PA', 'person', 'c2pa-signer'],
  ['wamd', 'device', 'WAMD-SERIAL'],
  ['vndr', 'text', 'VENDOR-SECRET'],
  ['JUNK', 'text', 'LEFT-IN-MEMORY'],
  ['FLLR', 'text', 'FILLER-SECRET'],
  ['PEAK.timestamp', 'time', '2001-09-09'],
  ['riff.end', 'text', 'BEHIND-THE-END'],
];

/** @returns a WAV file with every secret of {@link wavSecrets} */
export function secretWav(): Buffer {
  const iXml =
    '<?xml version="1.0"?><BWFXML><IXML_VERSION/><PROJECT>IXML-PROJECT</PROJECT><SCENE>IXML-SCENE</SCENE><TAKE>IXML-TAKE</TAKE>' +
    '<NOTE>IXML &lt;NOTE&gt; &amp; more</NOTE><FILE_UID>IXML-UID</FILE_UID><LOCATION><LOCATION_NAME>IXML-PLACE</LOCATION_NAME>' +
    '<LOCATION_GPS>52.5, 13.4</LOCATION_GPS></LOCATION><TRACK_LIST><TRACK><NAME>Lavalier Ann</NAME></TRACK></TRACK_LIST></BWFXML>';
  const xmp =
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="52,30.5N"><dc:creator><rdf:Seq>' +
    '<rdf:li>XMP-CREATOR</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>';
  const guano =
    'GUANO|Version: 1.0\nLoc Position: 52.50001 13.40002\nSerial: GUANO-SERIAL\nMake: GUANO-MAKE\nOriginal Filename: GUANO-FILE.wav\n';
  const info = ['IART', 'INFO-ARTIST', 'ICRD', '2023-01-02', 'ILOC', 'INFO-PLACE', 'XXXX', 'INFO-UNKNOWN'];
  const infoChunks = [0, 2, 4, 6].map((n) => chunk(info[n] ?? '', `${info[n + 1] ?? ''}\0`));
  const adtl = [
    chunk('labl', '\x01\0\0\0LABEL-SECRET\0'),
    chunk('note', '\x01\0\0\0NOTE-SECRET\0'),
    chunk('ltxt', `${'\0'.repeat(20)}LTXT-SECRET`),
  ];
  const cart = Buffer.alloc(2100);
  cart.write('0101', 0);
  cart.write('CART-ARTIST', 68);
  cart.write('http://cart.example', 1024);
  const peak = Buffer.alloc(16);
  peak.writeUInt32LE(1, 0);
  peak.writeUInt32LE(1_000_000_000, 4);
  const id3 = id3v2Tag([
    ['TPE1', 'ID3-ARTIST'],
    ['TXXX', 'Recorder Serial\0ID3-SERIAL'],
  ]);
  const before = [
    chunk('JUNK', Buffer.alloc(100)),
    chunk('bext', bextData()),
    chunk('iXML', iXml),
    chunk('JUNK', `${'\0'.repeat(90_000)}LEFT-IN-MEMORY`),
  ];
  const after = [
    chunk('guan', guano),
    chunk('LIST', Buffer.concat([Buffer.from('INFO'), ...infoChunks])),
    chunk('cue ', Buffer.concat([Buffer.of(1, 0, 0, 0), Buffer.alloc(24)])),
    chunk('LIST', Buffer.concat([Buffer.from('adtl'), ...adtl])),
    chunk('id3 ', id3),
    chunk('_PMX', xmp),
    chunk('aXML', '<root><a><place>AXML-PLACE</place></a></root>'),
    chunk('cart', cart),
    chunk('C2PA', '\0\0jumb c2pa-signer'),
    chunk('wamd', '\0\0WAMD-SERIAL'),
    chunk('vndr', '\x01\x02VENDOR-SECRET'),
    chunk('FLLR', 'FILLER-SECRET'),
    chunk('PEAK', peak),
  ];
  const file = wavFile({ ...plainSound, before, after });
  return Buffer.concat([file, Buffer.from('\0\0BEHIND-THE-END and more')]);
}
