import type { SourceDocument } from '../cluster/source.ts';
import type { Issue } from '../lib/result.ts';

/** One input, already read: nothing in here touches the file system. */
export type InputFile = { readonly file: string; readonly text: string };

/** What could be read, and what could not: a broken document hides no other. */
export type ReadDocuments = { readonly documents: readonly SourceDocument[]; readonly issues: readonly Issue[] };
