/** `show services TARGET` */
import { describe, expect, it } from 'vitest';
import { run } from '../../seeds/support.ts';

const service = (namespace: string, name: string, spec: string): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ${namespace}}, spec: {${spec}, selector: {app: x}, ports: [{port: 80}]}}`;

const INPUT = [
  '{apiVersion: nettrace/v1alpha1, kind: Cluster, metadata: {name: lab}, spec: {nodes: [{name: n1, address: 192.168.1.11/24}]}}',
  service('shop', 'web', 'clusterIP: 10.96.0.7'),
  service('blog', 'web', 'clusterIP: 10.96.0.8, externalIPs: [203.0.113.9]'),
  service('shop', 'database', 'clusterIP: None'),
].join('\n---\n');

async function show(...args: readonly string[]) {
  return run(['show', 'services', ...args, '-f', 'lab.yaml'], { 'lab.yaml': INPUT });
}

describe('show services', () => {
  it.each<readonly [row: string, args: readonly string[], services: readonly string[]]>([
    ['without a target lists all', [], ['blog/web', 'shop/database', 'shop/web']],
    ['of a name lists those of every namespace', ['web'], ['blog/web', 'shop/web']],
    ['of a name with -n lists that of the namespace', ['web', '-n', 'shop'], ['shop/web']],
    ['of a name with its namespace lists the one', ['shop/web'], ['shop/web']],
    ['takes the kind as the other commands do', ['shop/svc/web'], ['shop/web']],
    ['of an address lists who has it', ['10.96.0.8'], ['blog/web']],
    ['of an external address lists who has it', ['203.0.113.9'], ['blog/web']],
  ])('%s', async (_, args, services) => {
    const ran = await show(...args);
    expect(ran.code).toBe(0);
    const rows = ran.stdout.trimEnd().split('\n').slice(1);
    expect(rows.map((row) => row.split(/ +/).slice(0, 2).join('/'))).toEqual(services);
  });

  it.each<readonly [row: string, args: readonly string[], said: string]>([
    [
      'a name that is nearly one',
      ['databsae'],
      'no Service is named "databsae" [unknown-service]\n  did you mean shop/database?',
    ],
    [
      'a name that is in other namespaces',
      ['prod/web'],
      'named "web" in namespace prod [unknown-service]\n  did you mean blog/web or shop/web?',
    ],
    ['a name like no other', ['mail'], '[unknown-service]\n  known: blog/web, shop/database, shop/web'],
    ['an address that none has', ['10.96.0.99'], '"10.96.0.99": no Service has this address [unknown-service]'],
    ['a Pod', ['pod/web'], '"pod/web" is no name of a Service [wrong-endpoint]'],
    ['a port, which would change nothing', ['web:80'], '"web:80" is no name of a Service [wrong-endpoint]'],
  ])('refuses %s as wrong usage', async (_, args, said) => {
    const ran = await show(...args);
    expect(ran).toMatchObject({ code: 64, stdout: '' });
    expect(ran.stderr).toContain(said);
  });
});
