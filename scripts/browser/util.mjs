// What the library takes from `node:util`, in a browser.
export { inspect } from 'node-inspect-extracted';

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;
const kind = (name) => (value) => tagOf.call(value) === name;

/** Whether `read`, which throws for a value of any other kind, takes a value. */
const takes = (read) => (value) => {
  try {
    read.call(value);
    return true;
  } catch {
    return false;
  }
};
const getter = (type, key) => Object.getOwnPropertyDescriptor(type.prototype, key).get;

export const types = {
  isInt8Array: kind('Int8Array'),
  isUint8Array: kind('Uint8Array'),
  isUint8ClampedArray: kind('Uint8ClampedArray'),
  isInt16Array: kind('Int16Array'),
  isUint16Array: kind('Uint16Array'),
  isInt32Array: kind('Int32Array'),
  isUint32Array: kind('Uint32Array'),
  isFloat32Array: kind('Float32Array'),
  isFloat64Array: kind('Float64Array'),
  isDataView: takes(getter(DataView, 'byteLength')),
  // Pages without the headers that allow shared memory have no such type.
  isSharedArrayBuffer:
    typeof SharedArrayBuffer === 'undefined' ? () => false : takes(getter(SharedArrayBuffer, 'byteLength')),
  /** A page cannot know: whatever a proxy answers is taken for the value's own. */
  isProxy: () => false,
};
