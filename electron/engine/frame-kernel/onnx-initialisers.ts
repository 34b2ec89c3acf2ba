import { ProtobufReader } from './protobuf-reader.js';

/** One weight tensor of an ONNX file. */
export interface Initialiser {
  readonly shape: readonly number[];
  /** row-major, as many as the shape says; a copy */
  readonly data: Float32Array;
}

// Numbers of the fields in onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const modelGraph = 7;
const modelMetadata = 14;
const metadataKey = 1;
const metadataValue = 2;
const graphInitialiser = 5;
const tensorShape = 1;
const tensorType = 2;
const tensorFloats = 4;
const tensorName = 8;
const tensorRaw = 9;
const tensorLocation = 14;
const floatType = 1;

/**
 * The float32 weights of an ONNX file by name; those of other types are left out.
 * Reads nothing but the wire format of protocol buffers, so that it works where there is neither Node nor DOM.
 * @throws RangeError when the file is damaged, or keeps its weights in another file
 */
export function readOnnxInitialisers(onnx: Uint8Array): Map<string, Initialiser> {
  const initialisers = new Map<string, Initialiser>();
  for (const model = new ProtobufReader(onnx); model.next();) {
    if (model.field !== modelGraph) continue;
    for (const graph = model.message(); graph.next();) {
      if (graph.field !== graphInitialiser) continue;
      const tensor = readTensor(graph.message());
      if (tensor) initialisers.set(tensor.name, tensor);
    }
  }
  return initialisers;
}

/**
 * The remarks an exporter left in an ONNX file (`metadata_props`), by key.
 * @throws RangeError when the file is damaged
 */
export function readOnnxMetadata(onnx: Uint8Array): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const model = new ProtobufReader(onnx); model.next();) {
    if (model.field !== modelMetadata) continue;
    let key = '';
    let value = '';
    for (const entry = model.message(); entry.next();) {
      if (entry.field === metadataKey) key = entry.text();
      if (entry.field === metadataValue) value = entry.text();
    }
    metadata.set(key, value);
  }
  return metadata;
}

/** @returns undefined for a tensor of another type than float32 */
function readTensor(tensor: ProtobufReader): (Initialiser & { name: string }) | undefined {
  const shape: number[] = [];
  let type = 0;
  let name = '';
  let isElsewhere = false;
  let bytes = new Uint8Array(0);
  while (tensor.next()) {
    if (tensor.field === tensorShape) tensor.integers(shape);
    else if (tensor.field === tensorType) type = tensor.integer();
    else if (tensor.field === tensorName) name = tensor.text();
    else if (tensor.field === tensorLocation) isElsewhere = tensor.integer() !== 0;
    // The exporters we know pack `float_data`, which makes it the very bytes of `raw_data`.
    else if (tensor.field === tensorFloats || tensor.field === tensorRaw) bytes = tensor.bytes();
  }
  if (type !== floatType) return undefined;
  if (isElsewhere) {
    throw new RangeError(
      `Expected weights within the ONNX file, found a reference to another file for "${name}". Export it in one piece.`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== count * Float32Array.BYTES_PER_ELEMENT) {
    throw new RangeError(
      `Expected ${count} floats of shape [${shape.join(', ')}] in weight "${name}" of the ONNX file, found ${bytes.length} bytes. ` +
        'The file is damaged: restore it.',
    );
  }
  return { name, shape, data: littleEndianFloats(bytes, count) };
}

/** Byte by byte where they stand in the file: nothing says that they are aligned there. */
function littleEndianFloats(bytes: Uint8Array, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new Float32Array(count);
  for (let i = 0; i < count; i++) floats[i] = view.getFloat32(i * Float32Array.BYTES_PER_ELEMENT, true);
  return floats;
}
