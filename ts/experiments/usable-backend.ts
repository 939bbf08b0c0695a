/** A TensorFlow.js backend an experiment can use. */
export type Backend = 'native' | 'wasm' | 'cpu';

/** What to say where {@link usableBackend} is not the one asked for. */
export const fallbackWarning =
  'The native backend cannot be used, because the addon with its kernels cannot be loaded; using wasm, which is slower.';

/** The backend asked for, or wasm instead of native where the addon has no kernels. Does not load TensorFlow.js. */
export function usableBackend(asked: Backend): Backend {
  return asked === 'native' && !hasKernels() ? 'wasm' : asked;
}

function hasKernels(): boolean {
  try {
    const { native } = require('../native/binding') as typeof import('../native/binding');
    return native.unaryNames().length > 0;
  } catch {
    return false;
  }
}
