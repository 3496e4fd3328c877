import { describe, expect, it } from 'vitest';
import { expandEnds } from '../../src/suite/select-ends.ts';
import { load, loadText } from '../seeds/support.ts';
import { DB_POLICY, LAB } from './lab.ts';
import { runTests } from './support.ts';

const lab = loadText(LAB);
/** Two Pods of one workload beside the others. */
const both = loadText(`${LAB}${['a', 'b'].map((end, index) => twin(end, `10.244.1.${6 + index}`)).join('')}`);
const closed = loadText(`${LAB}---\n${DB_POLICY}`);

function twin(end: string, ip: string): string {
  return `---
apiVersion: v1
kind: Pod
metadata: {name: both-${end}, namespace: shop, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: both, uid: u, controller: true}]}
spec: {nodeName: n1, containers: [{name: main, image: main}]}
status: {phase: Running, podIP: ${ip}, conditions: [{type: Ready, status: "True"}]}
`;
}

describe('a pattern', () => {
  it.each<readonly [pattern: string, ends: readonly string[]]>([
    ['*', ['shop/pod/api', 'shop/pod/db', 'shop/pod/web']],
    ['*/*', ['ops/pod/admin', 'shop/pod/api', 'shop/pod/db', 'shop/pod/web']],
    ['ops/*', ['ops/pod/admin']],
    ['app=web', ['shop/pod/web']],
    ['app==web', ['shop/pod/web']],
    ['*/app=admin', ['ops/pod/admin']],
    ['app=web+tier=front', []],
    ['app=web:80', ['shop/pod/web:80']],
    ['*:http', ['shop/pod/api:http', 'shop/pod/db:http', 'shop/pod/web:http']],
    ['nowhere/*', []],
    ['example.com/part=front', ['shop/pod/web']],
    ['*/example.com/part=front:80', ['shop/pod/web:80']],
    // Plain names stay as they are, and mean what they mean to trace.
    ['web', ['web']],
    ['ops/admin:80', ['ops/admin:80']],
    ['http://shop.io/?a=b', ['http://shop.io/?a=b']],
    ['https://shop.io:8443/?a=b', ['https://shop.io:8443/?a=b']],
    ['10.96.0.20:80', ['10.96.0.20:80']],
    ['fd00::1', ['fd00::1']],
    ['app!=web', ['app!=web']],
  ])('%s stands for its ends', (pattern, ends) => {
    expect(expandEnds(lab.cluster, pattern, 'shop')).toEqual(ends);
  });
});

describe('a test', () => {
  it('leaves out every Pod of a workload behind "except"', () => {
    const [all, some] = runTests(
      both,
      'shop/* -> shop/db:80: delivered',
      'shop/* -> shop/db:80 except shop/both: delivered',
    );
    expect([all?.questions, some?.questions]).toEqual([4, 2]);
  });

  it.each<readonly [row: string, test: string, status: string, message: string, questions: number]>([
    ['passes', 'shop/web -> shop/db:80: delivered', 'passed', '', 1],
    ['asks every pair but a Pod with itself', 'shop/* -> shop/*:80: delivered', 'passed', '', 6],
    [
      'fails, and says how',
      'shop/web -> shop/db:82: delivered',
      'failed',
      'shop/web -> shop/db:82: verdict: expected delivered, found rejected (SOCKET_NOT_LISTENING)',
      1,
    ],
    [
      'says how many of its questions fail',
      'shop/* -> shop/db:80, shop/pod/api:82: delivered',
      'failed',
      'shop/pod/db -> shop/pod/api:82: verdict: expected delivered, found rejected (SOCKET_NOT_LISTENING) (2 of 4 questions)',
      4,
    ],
    ['is left out with a reason', '{from: nobody, to: "db:80", expect: delivered, skip: later}', 'skipped', 'later', 0],
    [
      'fails as it is expected to',
      '{from: shop/web, to: "shop/db:82", expect: delivered, expectFailure: nothing listens}',
      'passed',
      'fails as expected: nothing listens',
      1,
    ],
    [
      'passes although it is expected to fail',
      '{from: shop/web, to: "shop/db:80", expect: delivered, expectFailure: nothing listens}',
      'failed',
      'passes, though it is expected to fail: nothing listens',
      1,
    ],
    [
      'that is expected to fail does not fail by a mistake in it',
      '{from: shop/wep, to: "shop/db:80", expect: delivered, expectFailure: nothing listens}',
      'failed',
      'shop/wep -> shop/db:80: "shop/wep": nothing is named "wep" in namespace shop (did you mean shop/web?)',
      1,
    ],
    ['asks nobody about itself, however it is named', '*/* -> shop/db:80, 10.244.1.4:81: delivered', 'passed', '', 7],
    [
      'asks about nobody else',
      'shop/web, 10.244.1.2 -> shop/web:80: delivered',
      'failed',
      'asks nobody but the source itself',
      0,
    ],
    ['asks a Pod for its own Service', '*/* -> shop/svc/api:80: delivered', 'passed', '', 4],
    ['leaves sources out by any name', '*/* -> shop/db:80 except shop/pod/db, 10.244.1.5: delivered', 'passed', '', 2],
    ['leaves nobody', 'shop/web -> shop/db:80 except shop/web: delivered', 'failed', '"except" leaves no source', 0],
    [
      'leaves out somebody who is not there',
      '*/* -> shop/db:80 except ops/nobody: delivered',
      'failed',
      'ops/nobody behind "except" is nobody',
      0,
    ],
    [
      'asks for nobody',
      'shop/app=none -> shop/db:80: delivered',
      'failed',
      'shop/app=none stands for no running Pod',
      0,
    ],
    [
      'leads to nobody',
      'shop/web -> shop/app=none:80: delivered',
      'failed',
      'shop/app=none:80 stands for no running Pod',
      0,
    ],
  ])('%s', (_, test, status, message, questions) => {
    const [result] = runTests(lab, test);
    expect({ status: result?.status, message: result?.message, questions: result?.questions }).toEqual({
      status,
      message,
      questions,
    });
  });

  it('keeps of a failure the last steps and the command that repeats it', () => {
    const [result] = runTests(closed, '{from: web, to: "db:80", namespace: shop, protocol: tcp, expect: delivered}');
    const [mismatch] = result?.mismatches ?? [];
    expect(mismatch?.command).toEqual(['nettrace', 'web', 'db:80', '-f', 'lab.yaml', '-n', 'shop']);
    expect(mismatch?.trace?.result.code).toBe('POLICY_INGRESS_NO_MATCH');
    const steps = mismatch?.trace?.paths.flatMap(({ hops }) => hops.flatMap((hop) => hop.steps)) ?? [];
    expect(steps).toHaveLength(5);
    expect(steps.filter(({ blamed }) => blamed)).toHaveLength(1);
  });

  it('keeps six steps of a longer way', () => {
    const [result] = runTests(load('calico-ipip'), 'pod1 -> pod2:81: delivered');
    const hops = result?.mismatches[0]?.trace?.paths.flatMap((path) => path.hops) ?? [];
    expect(hops.flatMap(({ steps }) => steps)).toHaveLength(6);
    expect(hops.every(({ steps }) => steps.length > 0)).toBe(true);
  });

  it('keeps the first ten failures, and counts all', () => {
    const [result] = runTests(lab, 'shop/*, ops/*, 10.244.1.2 -> shop/*:82, ops/*:82: delivered');
    expect(result?.mismatches).toHaveLength(10);
    expect(result?.message).toContain('(15 of 15 questions)');
  });
});
