// The addon's exports from its WebAssembly, wherever there is JavaScript.
import { createContext } from '@emnapi/runtime';
import { emnapiAsyncWorkPlugin, emnapiTSFNPlugin, instantiateNapiModule, WASI } from '@napi-rs/wasm-runtime';

/** Pages of 64 KiB: to begin with, which the stack that napi's linker flags ask for nearly fills, and at most. */
const pages = { initial: 1024, maximum: 65_536 };

/** @param bytes the module, or a promise of the response that brings it */
export async function instantiate(bytes) {
  const memory = new WebAssembly.Memory(pages);
  const { napiModule } = await instantiateNapiModule(bytes, {
    context: createContext({ autoDestroy: false }),
    asyncWorkPoolSize: 0,
    plugins: [emnapiAsyncWorkPlugin, emnapiTSFNPlugin],
    wasi: new WASI({ version: 'preview1' }),
    overwriteImports: (imports) => ({
      ...imports,
      env: { ...imports.env, ...imports.napi, ...imports.emnapi, memory },
    }),
    beforeInit: ({ instance }) => {
      for (const [name, register] of Object.entries(instance.exports))
        if (name.startsWith('__napi_register__')) register();
    },
  });
  return napiModule.exports;
}
