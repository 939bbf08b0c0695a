import { main } from '../../ts/cli/program';

/** Runs `sst` in this process and tells what it printed. */
export async function sst(...words: string[]): Promise<{ code: number; out: string; error: string }> {
  const printed = { out: '', error: '' };
  const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.out += text;
    return true;
  });
  const error = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed.error += text;
    return true;
  });
  try {
    return { code: await main(words), ...printed };
  } finally {
    out.mockRestore();
    error.mockRestore();
  }
}
