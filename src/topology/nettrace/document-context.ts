import type { ReadContext } from '../../cluster/field-reader.ts';
import type { InputTexts } from './text-block.ts';

/** What the readers of nettrace's documents need beside the document. */
export type DocumentContext = ReadContext & { readonly texts: InputTexts };
