// A page to play with, as the site has it: drag parameters, temperature and seed, and see the structure melt.
//
//   node scripts/bootstrap.mjs scripts/playground.mjs [port]
import { join } from 'node:path';
import { makeWasm, withoutTarget } from './browser/build.mjs';
import { bundlePlayground } from './browser/bundle.mjs';
import { serve } from './browser/serve.mjs';
import { root } from './paths.mjs';
import { Problem, runMain } from './run.mjs';

runMain(async () => {
  const [port = '0', ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !/^\d{1,5}$/.test(port) || Number(port) > 65535)
    throw new Problem('Usage: npm run playground [-- port]');
  if (!(await makeWasm())) throw new Problem(withoutTarget);
  const folder = join(root, 'target', 'playground');
  await bundlePlayground(folder);
  const server = await serve(folder, Number(port)).catch((error) => {
    throw new Problem(`Port ${port} cannot be had: ${error.message}`);
  });
  console.log(`The playground is at http://127.0.0.1:${server.address().port}/ (Ctrl-C ends it).`);
});
