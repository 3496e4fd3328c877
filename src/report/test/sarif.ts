/** SARIF 2.1.0: a failed test is a result at the line of the object that decided, else at its own line. */
import type { SuiteRun, TestResult } from '../../suite/result.ts';
import { type Place, placeOfBlame, placeOfTest } from './place.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
const RULE = 'nettrace-test-failed';

export function printSarif({ results }: SuiteRun, version: string): string {
  const failed = results.filter(({ status }) => status === 'failed');
  const rule = { id: RULE, shortDescription: { text: 'A connection does not come out as its test expects.' } };
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'nettrace', version, rules: [rule] } },
        results: failed.map(resultOf),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultOf(result: TestResult): object {
  const own = placeOfTest(result);
  const blamed = placeOfBlame(result);
  return {
    ruleId: RULE,
    ruleIndex: 0,
    level: 'error',
    message: { text: `${result.name}: ${result.message}` },
    locations: [locationOf(blamed ?? own)],
    ...(blamed === undefined
      ? {}
      : { relatedLocations: [{ id: 1, ...locationOf(own), message: { text: 'the test' } }] }),
    partialFingerprints: { nettraceTest: `${result.suite}/${result.name}` },
  };
}

/** Paths become URI references: every segment encoded, so that a name cannot be another scheme. */
export function locationOf({ file, line }: Place): { readonly physicalLocation: object } {
  const uri = file.split('/').map(encodeURIComponent).join('/');
  return { physicalLocation: { artifactLocation: { uri }, region: { startLine: line } } };
}
