import onnxProto from 'onnx-proto';
import { describe, expect, it } from 'vitest';
import { readOnnxInitialisers, readOnnxMetadata } from './onnx-initialisers.js';
import { tinyNet } from './tiny-net.fake.js';

const { onnx } = onnxProto;
const { FLOAT, INT64 } = onnx.TensorProto.DataType;

function modelWith(initializer: object[], more: object = {}): Uint8Array {
  return onnx.ModelProto.encode(onnx.ModelProto.create({ graph: { initializer }, ...more })).finish();
}

function rawData(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

describe('the weights of an ONNX file', () => {
  it('come by name, with their shape, from raw bytes and from lists of floats', () => {
    const weights = readOnnxInitialisers(
      modelWith([
        { name: 'raw', dataType: FLOAT, dims: [2, 1], rawData: rawData(1.5, -2) },
        { name: 'listed', dataType: FLOAT, dims: [3], floatData: [1, 2, 3] },
        { name: 'scalar', dataType: FLOAT, dims: [], rawData: rawData(7) },
        { name: 'empty', dataType: FLOAT, dims: [0, 4] },
      ]),
    );
    expect([...weights.keys()]).toEqual(['raw', 'listed', 'scalar', 'empty']);
    expect(weights.get('raw')).toMatchObject({ shape: [2, 1], data: Float32Array.of(1.5, -2) });
    expect(weights.get('listed')).toMatchObject({ shape: [3], data: Float32Array.of(1, 2, 3) });
    expect(weights.get('scalar')).toMatchObject({ shape: [], data: Float32Array.of(7) });
    expect(weights.get('empty')).toMatchObject({ shape: [0, 4], data: new Float32Array(0) });
  });

  it('are copies, whatever their place in the file', () => {
    const file = modelWith([{ name: 'w', dataType: FLOAT, dims: [1], rawData: rawData(4) }]);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const weights = readOnnxInitialisers(shifted.subarray(1));
    shifted.fill(0);
    expect(weights.get('w')?.data).toEqual(Float32Array.of(4));
  });

  it('leave out what is not float32', () => {
    const integers = { name: 'axes', dataType: INT64, dims: [1], int64Data: [2] };
    expect(readOnnxInitialisers(modelWith([integers])).size).toBe(0);
  });

  it('are refused where they lie in another file', () => {
    const elsewhere = { name: 'w', dataType: FLOAT, dims: [1], dataLocation: 1 };
    expect(() => readOnnxInitialisers(modelWith([elsewhere]))).toThrow(
      /within the ONNX file.*another file for "w"/,
    );
  });

  it('are refused when their bytes do not fill their shape', () => {
    const short = { name: 'w', dataType: FLOAT, dims: [3], rawData: rawData(1, 2) };
    expect(() => readOnnxInitialisers(modelWith([short]))).toThrow(/3 floats of shape \[3\].*found 8 bytes/);
  });
});

describe('the metadata of an ONNX file', () => {
  it('comes by key', () => {
    const metadataProps = [
      { key: 'dilations', value: '1,2,4' },
      { key: 'author', value: 'Zoë' },
    ];
    const metadata = readOnnxMetadata(modelWith([], { metadataProps }));
    expect(metadata.get('dilations')).toBe('1,2,4');
    expect(metadata.get('author')).toMatch(/^Zo\ufffd+$/);
  });
});

describe('a damaged ONNX file', () => {
  const whole = tinyNet({ bins: 5, channels: 3, hidden: 4, dilations: [1], gateWidth: 2 });

  it('cut anywhere gives fewer weights or a clear refusal, and never another number', () => {
    const expected = readOnnxInitialisers(whole);
    let refused = 0;
    for (let length = 0; length < whole.length; length++) {
      try {
        const found = readOnnxInitialisers(whole.subarray(0, length));
        // Only between two fields of the model itself may a cut go unnoticed here; openFrameKernel then misses the layers.
        expect([0, expected.size]).toContain(found.size);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        expect(String(error)).toMatch(/Expected a whole ONNX file .* found .* restore it/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(whole.length * 0.9);
  });

  it('with any byte changed is read or refused, but never reads beyond its end', () => {
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = changed[at]! ^ 0xff;
      try {
        readOnnxInitialisers(changed);
        readOnnxMetadata(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  it.each([
    ['text', new TextEncoder().encode('This is no net.')],
    ['a number that never ends', new Uint8Array(12).fill(0xff)],
    ['a group, which nobody writes any more', Uint8Array.of(0x3b)],
    ['field 0', Uint8Array.of(0x02, 0x00)],
    ['a length beyond the end', Uint8Array.of(0x3a, 0x7f)],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => readOnnxInitialisers(bytes)).toThrow(RangeError);
  });

  it('that is empty has no weights', () => {
    expect(readOnnxInitialisers(new Uint8Array(0)).size).toBe(0);
  });
});
