/** SARIF 2.1.0: a failed test is a result at the line of the object that decided, else at its own line. */
import type { SuiteRun, TestResult } from '../../suite/result.ts';
import { printSarifLog, sarifLocation } from '../sarif-log.ts';
import { placeOfBlame, placeOfTest } from './place.ts';

const RULE = 'nettrace-test-failed';

export function printSarif({ results }: SuiteRun, version: string): string {
  const failed = results.filter(({ status }) => status === 'failed');
  const rule = { id: RULE, shortDescription: { text: 'A connection does not come out as its test expects.' } };
  return printSarifLog({ version, rules: [rule], results: failed.map(resultOf) });
}

function resultOf(result: TestResult): object {
  const own = placeOfTest(result);
  const blamed = placeOfBlame(result);
  return {
    ruleId: RULE,
    ruleIndex: 0,
    level: 'error',
    message: { text: `${result.name}: ${result.message}` },
    locations: [sarifLocation(blamed ?? own)],
    ...(blamed === undefined
      ? {}
      : { relatedLocations: [{ id: 1, ...sarifLocation(own), message: { text: 'the test' } }] }),
    partialFingerprints: { nettraceTest: `${result.suite}/${result.name}` },
  };
}
