const customPrint: symbol = Symbol.for('nodejs.util.inspect.custom');

/** What came of one law. */
export interface LawResult {
  readonly law: string;
  /** `skipped`: left out by the caller, or without meaning for the subject; the sentence says why. */
  readonly verdict: 'holds' | 'broken' | 'skipped';
  readonly sentence: string;
}

/** What came of all laws; prints as sentences. */
export class LawReport {
  constructor(
    readonly subject: string,
    readonly results: readonly LawResult[],
  ) {}

  /** Whether no law is broken. */
  get holds(): boolean {
    return this.results.every(({ verdict }) => verdict !== 'broken');
  }

  toString(): string {
    const broken = this.results.filter(({ verdict }) => verdict === 'broken').length;
    const checked = this.results.filter(({ verdict }) => verdict !== 'skipped').length;
    const title = `${this.subject}: ${broken === 0 ? `all ${checked} laws hold` : `${broken} of ${checked} laws broken`}.`;
    const lines = this.results.map(({ law, verdict, sentence }) => `  ${marks[verdict]} ${law}: ${sentence}`);
    return [title, ...lines].join('\n');
  }

  /** @internal */
  [customPrint](): string {
    return this.toString();
  }
}

const marks = { holds: 'holds  ', broken: 'BROKEN ', skipped: 'skipped' } as const;

/** Thrown by the helpers for test runners: the message is the report. */
export class LawError extends Error {
  override readonly name = 'LawError';

  constructor(readonly report: LawReport) {
    super(report.toString());
  }
}

/** A law that does not hold, in words. */
export class Broken extends Error {}

/** A law that has no meaning for a subject, in words. */
export class Skipped extends Error {}

/** A law: a check that says in a sentence what it found, or throws. */
export type Check<Subject> = (subject: Subject) => string;

/** Asks all laws of a subject, but for those that are left out. */
export function judge<Subject>(
  laws: Readonly<Record<string, Check<Subject>>>,
  subject: Subject,
  except: readonly string[],
): LawResult[] {
  return Object.entries(laws).map(([law, check]): LawResult => {
    if (except.includes(law)) return { law, verdict: 'skipped', sentence: 'left out' };
    try {
      return { law, verdict: 'holds', sentence: check(subject) };
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      return { law, verdict: error instanceof Skipped ? 'skipped' : 'broken', sentence };
    }
  });
}
