/** The file of trusted documents cannot be used. The message has one line for each problem, with the hash it is about. */
export class TrustedDocumentsError extends Error {
  override name = 'TrustedDocumentsError';
  readonly remedy = 'docs/limits.md says what the file holds and how to make it.';

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
    options?: ErrorOptions,
  ) {
    super(problems.map((problem) => `${file}: ${problem}`).join('\n'), options);
  }
}
