/** Flags of Node's permission model, by the name that an error gives to what is forbidden. */
const flags: Record<string, string> = {
  FileSystemRead: '--allow-fs-read',
  FileSystemWrite: '--allow-fs-write',
  ChildProcess: '--allow-child-process',
  WorkerThreads: '--allow-worker',
  WASI: '--allow-wasi',
  Addon: '--allow-addons',
  Net: '--allow-net',
};

/** The flag that allows what Node's permission model (`node --permission`) forbade, if that is what the error says. */
export function permissionFlag(error: unknown): string | undefined {
  const { code, permission, resource, message } = error as Partial<
    Record<'code' | 'permission' | 'resource' | 'message', unknown>
  >;
  if (code === 'ERR_DLOPEN_DISABLED') return flags.Addon;
  // Some functions are not there at all, whatever is allowed: these name no permission.
  if (code !== 'ERR_ACCESS_DENIED' || permission === '') return flagOfMessage(String(message));
  const flag = flags[String(permission)] ?? `a flag for ${permission}`;
  return flag.startsWith('--allow-fs') && typeof resource === 'string' ? `${flag}=${resource}` : flag;
}

/** napi's loader keeps the messages of errors alone. */
function flagOfMessage(message: string): string | undefined {
  if (message.includes('loading addons is disabled')) return flags.Addon;
  return /has been restricted\. Use (--allow-[\w-]+)/.exec(message)?.[1];
}
