/** Jobs and CronJobs as ends of a question: their Pods, if they run. */
import { describe, expect, it } from 'vitest';
import { resolveDestination, resolveSource } from '../../src/topology/endpoints.ts';
import { run } from '../seeds/support.ts';
import { loadText } from './load-text.ts';

const TEMPLATE =
  'template: {metadata: {labels: {app: x}}, spec: {restartPolicy: Never, containers: [{name: c, image: c}]}}';

/** A Pod as a dump has it. */
function pod(name: string, job: string, phase: string, ip: string): string {
  const owner = `{apiVersion: batch/v1, kind: Job, name: ${job}, uid: "1", controller: true}`;
  return `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: default, ownerReferences: [${owner}]}, spec: {nodeName: n1, containers: [{name: c, image: c}]}, status: {phase: ${phase}, podIP: ${ip}}}`;
}

const job = (name: string, more = '', owner = ''): string =>
  `{apiVersion: batch/v1, kind: Job, metadata: {name: ${name}${owner}}, spec: {${more}${TEMPLATE}}}`;

const INPUT = [
  '{apiVersion: nettrace/v1alpha1, kind: Cluster, metadata: {name: lab}, spec: {cni: {plugin: calico}, nodes: [{name: n1, address: 192.168.1.11/24, gateway: 192.168.1.1}]}}',
  '{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: c, image: c}]}}',
  `{apiVersion: batch/v1, kind: CronJob, metadata: {name: backup}, spec: {schedule: "0 0 * * *", jobTemplate: {spec: {${TEMPLATE}}}}}`,
  job('migrate'),
  job('idle', 'parallelism: 0, '),
  job('by-hand', '', ', ownerReferences: [{apiVersion: batch/v1, kind: CronJob, name: report, uid: "2"}]'),
  pod('done-x7k2', 'done', 'Succeeded', '10.244.52.140'),
  pod('nightly-29391820-abcde', 'nightly-29391820', 'Running', '10.244.52.141'),
  pod('retry-1', 'retry', 'Failed', '10.244.52.142'),
  pod('retry-2', 'retry', 'Running', '10.244.52.143'),
].join('\n---\n');

const loaded = loadText(INPUT);
const OPTIONS = { namespace: 'default' };

describe('a Job or CronJob', () => {
  it.each<readonly [row: string, end: string, pod: string]>([
    ['of the input is the Pod that was made for it', 'job/migrate', 'default/migrate-0'],
    ['without Jobs is the Pod that was made from its template', 'cronjob/backup', 'default/backup-0'],
    ['has the short name of kubectl', 'cj/backup', 'default/backup-0'],
    ['is found without its kind', 'backup', 'default/backup-0'],
    ['is found with its namespace', 'default/cronjob/backup', 'default/backup-0'],
    ['of a dump is the Pod that names it', 'job/nightly-29391820', 'default/nightly-29391820-abcde'],
    ['of a dump is told by the names of its Jobs', 'cronjob/nightly', 'default/nightly-29391820-abcde'],
    ['is told by the ownerReferences of its Jobs', 'cronjob/report', 'default/by-hand-0'],
    ['is the Pod that runs, not one that has failed', 'job/retry', 'default/retry-2'],
  ])('%s', (_, end, name) => {
    for (const found of [resolveSource(end, loaded, OPTIONS), resolveDestination(end, loaded, OPTIONS)])
      expect(found).toMatchObject({ ok: true, value: { displayName: name, notes: [] } });
  });

  it.each<readonly [row: string, end: string, message: string, hint: string]>([
    ['without Pods is no unknown name', 'job/idle', '"job/idle": Job default/idle has no Pods', 'it is to run none'],
    ['of the other kind is proposed', 'job/backup', 'no job is named "backup"', 'did you mean cronjob/backup?'],
    [
      'that is nearly one is proposed',
      'cronjob/bakcup',
      'no cronjob is named "bakcup"',
      'did you mean cronjob/backup?',
    ],
  ])('%s', (_, end, message, hint) => {
    const found = resolveSource(end, loaded, OPTIONS);
    const [issue] = found.ok ? [] : found.issues;
    expect(issue?.message).toContain(message);
    expect(issue?.hint).toContain(hint);
  });
});

describe('a Pod that has ended is no endpoint', () => {
  it.each<readonly [row: string, args: readonly string[], code: number, said: string]>([
    ['as a source', ['job/done', 'web:80'], 1, 'Pod default/done-x7k2 is not running: nothing is sent.'],
    [
      'as a destination',
      ['web', 'job/done:80'],
      1,
      'Pod default/done-x7k2 has ended (Succeeded): nothing of it listens',
    ],
    [
      'as a destination, in Chinese',
      ['web', 'job/done:80', '--lang', 'zh'],
      1,
      'Pod default/done-x7k2 已结束（Succeeded）',
    ],
    ['for policies', ['policy', 'web', 'job/done:80'], 64, 'Pod default/done-x7k2 is Succeeded: it is no endpoint'],
  ])('%s', async (_, args, code, said) => {
    const ran = await run([...args, '-f', 'lab.yaml'], { 'lab.yaml': INPUT });
    expect(ran.code).toBe(code);
    expect(ran.stdout + ran.stderr).toContain(said);
  });
});
