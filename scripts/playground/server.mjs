// The playground's server: three files, and answers to the page's questions. For this machine alone.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { BadQuestion, losses, solve } from './solve.mjs';
import { structures } from './structures.mjs';

const LARGEST_QUESTION = 1 << 16;
const page = new URL('./page/', import.meta.url);
const files = {
  '/': ['index.html', 'text/html'],
  '/playground.mjs': ['playground.mjs', 'text/javascript'],
  '/playground.css': ['playground.css', 'text/css'],
};

const security = {
  'content-security-policy': "default-src 'self'",
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** What the page must know before it asks. */
const catalogue = JSON.stringify({
  structures: Object.entries(structures).map(([name, { title, relaxations, parameters, picture }]) => ({
    name,
    title,
    relaxations,
    labels: parameters.map(({ label }) => label),
    picture,
  })),
  losses: Object.entries(losses).map(([name, { title }]) => ({ name, title })),
});

/** An answer that is not a result. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function readQuestion(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > LARGEST_QUESTION) throw new Refusal(413, 'The question is too long.');
  }
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Refusal(400, 'The question is not JSON.');
  }
}

async function answer(request) {
  // A page of another site whose name was made to lead here would say so in its Host.
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? ''))
    throw new Refusal(403, 'Only for this machine.');
  const path = request.url.split('?')[0];
  if (request.method === 'GET' && Object.hasOwn(files, path)) {
    const [name, type] = files[path];
    return [type, await readFile(new URL(name, page))];
  }
  if (request.method === 'GET' && path === '/catalogue') return ['application/json', catalogue];
  if (request.method === 'POST' && path === '/solve')
    return ['application/json', JSON.stringify(solve(await readQuestion(request)))];
  throw new Refusal(404, 'There is nothing here.');
}

/** Listens on a port of 127.0.0.1, any free one by default. Resolves to the server. */
export function listen(port = 0) {
  const server = createServer(async (request, response) => {
    try {
      const [type, body] = await answer(request);
      response.writeHead(200, { ...security, 'content-type': `${type}; charset=utf-8` }).end(body);
    } catch (error) {
      const asked = error instanceof BadQuestion || error.name === 'SstError';
      const status = error instanceof Refusal ? error.status : asked ? 400 : 500;
      if (status === 500) console.error(error);
      const message = status === 500 ? 'Something went wrong in the server.' : error.message;
      response
        .writeHead(status, { ...security, 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify({ error: message }));
    }
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}
