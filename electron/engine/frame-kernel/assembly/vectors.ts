// AssemblyScript: vectors and lists of rows. Conventions as in kernel.ts.

const log2OfE: f32 = 1.4426950408889634;
const logOf2: f32 = 0.6931471805599453;

/** to[n] = from[n]; `count` is a multiple of 4, as everywhere here. */
export function copy(from: usize, to: usize, count: i32): void {
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 16)
    v128.store(to + at, v128.load(from + at));
}

/** to[n] = 0 */
export function clear(to: usize, count: i32): void {
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 16) v128.store(to + at, f32x4.splat(0));
}

/** to[n] += from[n] */
export function addVector(from: usize, to: usize, count: i32): void {
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 16) {
    v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  }
}

/** to[n] = max(to[n], 0) */
export function rectify(to: usize, count: i32): void {
  for (let at: usize = 0, end = (<usize>count) << 2; at < end; at += 16) {
    v128.store(to + at, f32x4.max(v128.load(to + at), f32x4.splat(0)));
  }
}

/** Fills a list of rows up to a multiple of 4. @returns its new length */
export function fillUp(rows: usize, count: i32, rowOfZeros: i32): i32 {
  const full = (count + 3) & ~3;
  for (let i = count; i < full; i++) store<i32>(rows + ((<usize>i) << 2), rowOfZeros);
  return full;
}

/**
 * output[r] = max(bias[r] + weights[r] * input, floor) for the listed rows r; four rows at a time share what is read of the input.
 * @param rows     indices, [count]; count is a multiple of 4
 * @param weights  [.. rows][columns]; columns are a multiple of 8
 */
export function multiplyRows(
  rows: usize,
  count: i32,
  weights: usize,
  columns: i32,
  bias: usize,
  input: usize,
  output: usize,
  floor: f32,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let end = rows + ((<usize>count) << 2); rows < end; rows += 16) {
    const r0 = <usize>load<i32>(rows);
    const r1 = <usize>load<i32>(rows, 4);
    const r2 = <usize>load<i32>(rows, 8);
    const r3 = <usize>load<i32>(rows, 12);
    const w0 = weights + r0 * rowBytes;
    const w1 = weights + r1 * rowBytes;
    const w2 = weights + r2 * rowBytes;
    const w3 = weights + r3 * rowBytes;
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    let b2 = f32x4.splat(0);
    let b3 = f32x4.splat(0);
    // Two sums a row: an addition takes four cycles, and two can begin in each.
    for (let at: usize = 0; at < rowBytes; at += 32) {
      const low = v128.load(input + at);
      const high = v128.load(input + at, 16);
      a0 = f32x4.add(a0, f32x4.mul(v128.load(w0 + at), low));
      a1 = f32x4.add(a1, f32x4.mul(v128.load(w1 + at), low));
      a2 = f32x4.add(a2, f32x4.mul(v128.load(w2 + at), low));
      a3 = f32x4.add(a3, f32x4.mul(v128.load(w3 + at), low));
      b0 = f32x4.add(b0, f32x4.mul(v128.load(w0 + at, 16), high));
      b1 = f32x4.add(b1, f32x4.mul(v128.load(w1 + at, 16), high));
      b2 = f32x4.add(b2, f32x4.mul(v128.load(w2 + at, 16), high));
      b3 = f32x4.add(b3, f32x4.mul(v128.load(w3 + at, 16), high));
    }
    const biases = f32x4(
      load<f32>(bias + (r0 << 2)),
      load<f32>(bias + (r1 << 2)),
      load<f32>(bias + (r2 << 2)),
      load<f32>(bias + (r3 << 2)),
    );
    const sums = sumsOf(f32x4.add(a0, b0), f32x4.add(a1, b1), f32x4.add(a2, b2), f32x4.add(a3, b3));
    const result = f32x4.max(f32x4.add(sums, biases), f32x4.splat(floor));
    store<f32>(output + (r0 << 2), f32x4.extract_lane(result, 0));
    store<f32>(output + (r1 << 2), f32x4.extract_lane(result, 1));
    store<f32>(output + (r2 << 2), f32x4.extract_lane(result, 2));
    store<f32>(output + (r3 << 2), f32x4.extract_lane(result, 3));
  }
}

/** @returns the sum over each of four vectors */
function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/**
 * output += sum over the listed rows r of values[i] * weights[r]
 * @param rows     indices, [count]; count is a multiple of 4
 * @param values   [count], in the order of the list
 * @param weights  [.. rows][columns]
 */
export function addRows(
  rows: usize,
  values: usize,
  count: i32,
  weights: usize,
  columns: i32,
  output: usize,
): void {
  const rowBytes = (<usize>columns) << 2;
  for (let end = rows + ((<usize>count) << 2); rows < end; rows += 16, values += 16) {
    const w0 = weights + <usize>load<i32>(rows) * rowBytes;
    const w1 = weights + <usize>load<i32>(rows, 4) * rowBytes;
    const w2 = weights + <usize>load<i32>(rows, 8) * rowBytes;
    const w3 = weights + <usize>load<i32>(rows, 12) * rowBytes;
    const v0 = v128.load32_splat(values);
    const v1 = v128.load32_splat(values, 4);
    const v2 = v128.load32_splat(values, 8);
    const v3 = v128.load32_splat(values, 12);
    for (let at: usize = 0; at < rowBytes; at += 16) {
      const first = f32x4.add(f32x4.mul(v128.load(w0 + at), v0), f32x4.mul(v128.load(w1 + at), v1));
      const second = f32x4.add(f32x4.mul(v128.load(w2 + at), v2), f32x4.mul(v128.load(w3 + at), v3));
      v128.store(output + at, f32x4.add(v128.load(output + at), f32x4.add(first, second)));
    }
  }
}

/**
 * Logarithm to base 2 of four positive numbers, to about 1e-7 of 1: exponent and mantissa in sqrt(1/2) .. sqrt(2), whose
 * logarithm is the series 2 (s + s^3/3 + s^5/5 ...) in s = (m - 1) / (m + 1), |s| < 0.172.
 */
export function log2(x: v128): v128 {
  const above = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const exponent = i32x4.shr_s(above, 23);
  const mantissa = i32x4.sub(x, i32x4.shl(exponent, 23));
  const one = f32x4.splat(1);
  const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one));
  const square = f32x4.mul(s, s);
  let series = f32x4.splat(<f32>(1.0 / 9.0));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(<f32>(1.0 / 7.0)));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(<f32>(1.0 / 5.0)));
  series = f32x4.add(f32x4.mul(series, square), f32x4.splat(<f32>(1.0 / 3.0)));
  series = f32x4.add(f32x4.mul(series, square), one);
  const logarithm = f32x4.mul(f32x4.mul(series, s), f32x4.splat(2 * log2OfE));
  return f32x4.add(f32x4.convert_i32x4_s(exponent), logarithm);
}

/** 2^x of four numbers, limited to -126 .. 126, to about 2e-7 of the result: whole power, and the exponential series of the rest. */
export function exp2(x: v128): v128 {
  const limited = f32x4.min(f32x4.max(x, f32x4.splat(-126)), f32x4.splat(126));
  const whole = f32x4.nearest(limited);
  const z = f32x4.mul(f32x4.sub(limited, whole), f32x4.splat(logOf2));
  let series = f32x4.splat(<f32>(1.0 / 5040.0));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(<f32>(1.0 / 720.0)));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(<f32>(1.0 / 120.0)));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(<f32>(1.0 / 24.0)));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(<f32>(1.0 / 6.0)));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(0.5));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(1));
  series = f32x4.add(f32x4.mul(series, z), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(whole), i32x4.splat(127)), 23);
  return f32x4.mul(series, power);
}
