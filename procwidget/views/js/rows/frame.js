/**
 * Decodes the binary half of a frame into typed arrays. The format is that of views/frames.py: column after column,
 * little-endian, four bytes a value, `count` values each; unknown is NaN in "f4" and -1 in "i4". Pure.
 */

/** @import { Frame } from "../connection/protocol.js" */

/** @typedef {Record<string, Uint32Array | Int32Array | Float32Array>} Columns */

const ARRAYS = { u4: Uint32Array, i4: Int32Array, f4: Float32Array };

/**
 * @param {Frame} frame
 * @param {DataView | ArrayBuffer | undefined} block
 * @returns {Columns | null} null when the block is not what the frame says
 */
export function decode(frame, block) {
  const { count, columns } = frame;
  const length = 4 * count * columns.length;
  if (block === undefined ? length > 0 : block.byteLength !== length) {
    return null;
  }
  // Copy the block: it may start at any byte of a message, and typed arrays need a multiple of four.
  const start = block instanceof DataView ? block.byteOffset : 0;
  const bytes = new ArrayBuffer(length);
  if (block !== undefined) {
    new Uint8Array(bytes).set(new Uint8Array(block instanceof DataView ? block.buffer : block, start, length));
  }
  /** @type {Columns} */
  const result = {};
  for (const [place, [name, type]] of columns.entries()) {
    const Column = ARRAYS[/** @type {keyof typeof ARRAYS} */ (type)];
    if (Column === undefined) {
      return null;
    }
    result[name] = new Column(bytes, 4 * count * place, count);
  }
  return "key" in result ? result : null;
}
