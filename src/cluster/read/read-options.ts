import type { ReadContext } from '../field-reader.ts';

/** What the readers need to know beside the document. */
export type ReadOptions = ReadContext & {
  /** For objects that name no namespace. */
  readonly defaultNamespace: string;
};
