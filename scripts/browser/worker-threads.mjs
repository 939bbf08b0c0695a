// What the library takes from `node:worker_threads`, in a browser, where one thread is all there is.
export const isMainThread = true;
