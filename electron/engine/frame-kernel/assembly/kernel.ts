// AssemblyScript: the arithmetic of one frame of a Conv-FSENet, compiled to WebAssembly with SIMD by `npm run build:kernel`.
// ../kernel-memory.ts lays the memory out. Pointers are byte offsets; vectors and rows start on 16 bytes and are padded with
// zeros: `channels` is a multiple of 8, every other count a multiple of 4. Behind the last row of a matrix that is read by a list
// of rows stands one of zeros, which fills the list up to a multiple of 4.

import { addRows, addVector, clear, copy, exp2, fillUp, log2, multiplyRows, rectify } from './vectors';

const inputCompression: f32 = 0.3;
const inputFloor: f32 = 1e-9;
const log2OfE: f32 = 1.4426950408889634;

/** For every set of four bits the places of the chosen lanes' bytes; 0xff, which gives 0, for the rest. */
// prettier-ignore
const laneTable = memory.data<u32>([
  0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
  0x03020100, 0xffffffff, 0xffffffff, 0xffffffff,
  0x07060504, 0xffffffff, 0xffffffff, 0xffffffff,
  0x03020100, 0x07060504, 0xffffffff, 0xffffffff,
  0x0b0a0908, 0xffffffff, 0xffffffff, 0xffffffff,
  0x03020100, 0x0b0a0908, 0xffffffff, 0xffffffff,
  0x07060504, 0x0b0a0908, 0xffffffff, 0xffffffff,
  0x03020100, 0x07060504, 0x0b0a0908, 0xffffffff,
  0x0f0e0d0c, 0xffffffff, 0xffffffff, 0xffffffff,
  0x03020100, 0x0f0e0d0c, 0xffffffff, 0xffffffff,
  0x07060504, 0x0f0e0d0c, 0xffffffff, 0xffffffff,
  0x03020100, 0x07060504, 0x0f0e0d0c, 0xffffffff,
  0x0b0a0908, 0x0f0e0d0c, 0xffffffff, 0xffffffff,
  0x03020100, 0x0b0a0908, 0x0f0e0d0c, 0xffffffff,
  0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0xffffffff,
  0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
]);

/** One residual block: 32-bit words in this order. */
@unmanaged
class Block {
  channels: i32;
  hidden: i32;
  /** 0 for a block without a gate */
  gateWidth: i32;
  dilation: i32;
  /** row of the history that the next frame writes; counted here */
  nextRow: i32;
  /** [gateWidth][channels] */
  reduceWeights: usize;
  reduceBias: usize;
  /** transposed, [gateWidth + 1][hidden] */
  selectWeights: usize;
  selectBias: usize;
  /** [hidden + 1][channels], [hidden + 4] */
  expandWeights: usize;
  expandBias: usize;
  /** tap by tap, oldest first, [3][hidden] */
  depthwiseWeights: usize;
  depthwiseBias: usize;
  /** transposed, [hidden + 1][channels] */
  projectWeights: usize;
  projectBias: usize;
  /** ring of the depthwise convolution's inputs, [2 * dilation + 1][hidden + 4] */
  history: usize;
  /** bytes of 0 or 1, [hidden]; all 1 and never written for a block without a gate */
  gates: usize;
}

/** Room for values within a frame, shared by all blocks: 32-bit words in this order. */
@unmanaged
class Scratch {
  /** 0, 1, 2 ...: the list of all rows */
  allRows: usize;
  /** the channels that the gate leaves on, [hidden + 4] */
  openRows: usize;
  /** the rows of a sum that are not zero and by how much they count, [hidden + 4] */
  liveRows: usize;
  liveValues: usize;
  /** [gateWidth] */
  reduced: usize;
  /** [hidden] */
  logits: usize;
}

/** @returns the first byte that this module leaves to others */
export function dataStart(): usize {
  return __heap_base;
}

/**
 * x = relu(bias + weights * (magnitude + 1e-9)^0.3)
 * @param magnitude  [bins], replaced by its compressed form
 * @param weights    transposed, [bins][channels]
 */
export function encode(
  magnitude: usize,
  bins: i32,
  weights: usize,
  bias: usize,
  x: usize,
  channels: i32,
  scratch: usize,
): void {
  for (let at = magnitude, end = magnitude + ((<usize>bins) << 2); at < end; at += 16) {
    const raised = f32x4.add(v128.load(at), f32x4.splat(inputFloor));
    v128.store(at, exp2(f32x4.mul(log2(raised), f32x4.splat(inputCompression))));
  }
  copy(bias, x, channels);
  addRows(changetype<Scratch>(scratch).allRows, magnitude, bins, weights, channels, x);
  rectify(x, channels);
}

/**
 * Adds to x what one block gives, computing only the channels that its gate leaves on.
 * @returns how many were on
 */
export function runBlock(blockPointer: usize, x: usize, scratchPointer: usize): i32 {
  const block = changetype<Block>(blockPointer);
  const scratch = changetype<Scratch>(scratchPointer);
  const newest = historyRow(block, 0);
  let open = block.hidden;
  let rows = scratch.allRows;
  let listed = open;
  if (block.gateWidth > 0) {
    open = chooseChannels(block, x, scratch);
    rows = scratch.openRows;
    listed = fillUp(rows, open, block.hidden);
    clear(newest, block.hidden);
  }
  multiplyRows(rows, listed, block.expandWeights, block.channels, block.expandBias, x, newest, 0);
  const live = convolve(block, newest, scratch);
  addVector(block.projectBias, x, block.channels);
  addRows(scratch.liveRows, scratch.liveValues, live, block.projectWeights, block.channels, x);
  block.nextRow = block.nextRow == 2 * block.dilation ? 0 : block.nextRow + 1;
  return open;
}

/**
 * mask = sigmoid(bias + weights * x)
 * @param weights  [bins][channels]
 */
export function decode(
  x: usize,
  channels: i32,
  weights: usize,
  bias: usize,
  mask: usize,
  bins: i32,
  scratch: usize,
): void {
  const allRows = changetype<Scratch>(scratch).allRows;
  multiplyRows(allRows, bins, weights, channels, bias, x, mask, <f32>-Infinity);
  const one = f32x4.splat(1);
  for (let at = mask, end = mask + ((<usize>bins) << 2); at < end; at += 16) {
    const exponent = f32x4.mul(v128.load(at), f32x4.splat(-log2OfE));
    v128.store(at, f32x4.div(one, f32x4.add(one, exp2(exponent))));
  }
}

/** @returns the row of the history that was written `framesAgo`, at most 2 * dilation */
function historyRow(block: Block, framesAgo: i32): usize {
  let row = block.nextRow - framesAgo;
  if (row < 0) row += 2 * block.dilation + 1;
  return block.history + ((<usize>row * <usize>(block.hidden + 4)) << 2);
}

/** The gate: writes its bits and lists the channels that are on. @returns how many */
function chooseChannels(block: Block, x: usize, scratch: Scratch): i32 {
  const hidden = block.hidden;
  const width = block.gateWidth;
  const reduced = scratch.reduced;
  const logits = scratch.logits;
  multiplyRows(scratch.allRows, width, block.reduceWeights, block.channels, block.reduceBias, x, reduced, 0);
  const zero = f32x4.splat(0);
  let live = 0;
  for (let i = 0; i < width; i += 4) {
    const values = v128.load(reduced + ((<usize>i) << 2));
    live = append(scratch, live, i, values, i32x4.bitmask(f32x4.gt(values, zero)));
  }
  live = closeSum(scratch, live, width);
  copy(block.selectBias, logits, hidden);
  addRows(scratch.liveRows, scratch.liveValues, live, block.selectWeights, hidden, logits);
  let open = 0;
  for (let h = 0; h < hidden; h += 4) {
    const bits = i32x4.bitmask(f32x4.gt(v128.load(logits + ((<usize>h) << 2)), zero));
    // Bit n goes to the lowest bit of byte n: the four copies of the bits do not touch each other.
    store<i32>(block.gates + <usize>h, (bits * 0x00204081) & 0x01010101);
    v128.store(scratch.openRows + ((<usize>open) << 2), i8x16.swizzle(rowsFrom(h), chosenLanes(bits)));
    open += popcnt(bits);
  }
  return open;
}

/**
 * The depthwise convolution with its rectifier, behind which the gate closes once more: lists what is left of it. Every channel
 * is computed, for to choose would take longer.
 * @returns length of the list, a multiple of 4
 */
function convolve(block: Block, newest: usize, scratch: Scratch): i32 {
  const hidden = block.hidden;
  const oldest = historyRow(block, 2 * block.dilation);
  const middle = historyRow(block, block.dilation);
  const oldestTap = block.depthwiseWeights;
  const middleTap = oldestTap + ((<usize>hidden) << 2);
  const newestTap = middleTap + ((<usize>hidden) << 2);
  let live = 0;
  for (let h = 0; h < hidden; h += 4) {
    const at = (<usize>h) << 2;
    const past = f32x4.add(
      f32x4.mul(v128.load(oldest + at), v128.load(oldestTap + at)),
      f32x4.mul(v128.load(middle + at), v128.load(middleTap + at)),
    );
    const now = f32x4.mul(v128.load(newest + at), v128.load(newestTap + at));
    const values = f32x4.add(f32x4.add(past, now), v128.load(block.depthwiseBias + at));
    const positive = i32x4.bitmask(f32x4.gt(values, f32x4.splat(0)));
    // The lowest bits of four bytes come together in the highest byte, the way back of the multiplication above.
    const open = (load<u32>(block.gates + <usize>h) * 0x01020408) >> 24;
    live = append(scratch, live, h, values, positive & open);
  }
  return closeSum(scratch, live, hidden);
}

/** Appends those of four neighbouring rows whose bit is set, without a branch, which nobody could foretell. @returns the new length */
function append(scratch: Scratch, length: i32, firstRow: i32, values: v128, bits: i32): i32 {
  const at = (<usize>length) << 2;
  const lanes = chosenLanes(bits);
  v128.store(scratch.liveRows + at, i8x16.swizzle(rowsFrom(firstRow), lanes));
  v128.store(scratch.liveValues + at, i8x16.swizzle(values, lanes));
  return length + popcnt(bits);
}

/** Fills the list of a sum up with zeros times the row of zeros. @returns its new length */
function closeSum(scratch: Scratch, length: i32, rowOfZeros: i32): i32 {
  v128.store(scratch.liveValues + ((<usize>length) << 2), f32x4.splat(0));
  return fillUp(scratch.liveRows, length, rowOfZeros);
}

function rowsFrom(first: i32): v128 {
  return i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
}

/** @returns the bytes of the lanes whose bit is set, one lane behind the other, as `swizzle` wants them */
function chosenLanes(bits: i32): v128 {
  return v128.load(laneTable + ((<usize>bits) << 4));
}
