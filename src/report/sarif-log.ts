/** The frame of a SARIF 2.1.0 log: one run of one tool (OASIS SARIF 2.1.0, sections 3.13, 3.14, 3.28). */
import { printSafeJson } from './safe-json.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export type Place = { readonly file: string; readonly line: number; readonly column?: number };

export type SarifLog = {
  /** Of nettrace. */
  readonly version: string;
  readonly rules: readonly object[];
  readonly results: readonly object[];
};

export function printSarifLog({ version, rules, results }: SarifLog): string {
  const driver = { name: 'nettrace', version, rules };
  const log = { $schema: SCHEMA, version: '2.1.0', runs: [{ tool: { driver }, results }] };
  return `${printSafeJson(log, 2)}\n`;
}

/** Paths become URI references: every segment encoded, so that a name cannot be another scheme. */
export function sarifLocation({ file, line, column }: Place): { readonly physicalLocation: object } {
  const uri = wellFormed(file).split('/').map(encodeURIComponent).join('/');
  const region = { startLine: line, ...(column === undefined ? {} : { startColumn: column }) };
  return { physicalLocation: { artifactLocation: { uri }, region } };
}

/** Half of a surrogate pair has no place in a URI. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}
