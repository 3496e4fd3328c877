/** A Pod whose containers have not started: its sandbox has the address, and nothing listens on it. */
import { describe, expect, it } from 'vitest';
import { sayNote } from '../../src/explain/notes/say-note.ts';
import { cluster } from '../explain/matrix-labs.ts';
import { ask, loadText } from '../seeds/support.ts';

const late = (phase: string, more = ''): string => `---
apiVersion: v1
kind: Pod
metadata: {name: late, namespace: default, annotations: {nettrace/listen: 80/tcp}}
spec: {nodeName: n2, ${more}containers: [{name: c, image: c, ports: [{containerPort: 80}]}]}
status: {phase: ${phase}, podIP: ${more === '' ? '10.244.1.40' : '192.168.0.12'}}
`;
const SAID = 'Pod default/late is Pending: its containers have not started, so nothing in it listens';

describe('a Pod that is Pending and has an address', () => {
  const rows: readonly (readonly [string, string, string, string | null])[] = [
    ['resets TCP to its name', 'Pending', 'late:80', 'SOCKET_NOT_LISTENING'],
    ['resets TCP to its address', 'Pending', '10.244.1.40:80', 'SOCKET_NOT_LISTENING'],
    ['answers once it is Running', 'Running', 'late:80', null],
  ];
  for (const plugin of ['{plugin: calico}', '{plugin: flannel}', '{plugin: bridge}'])
    it.each(rows)(`%s, with ${plugin}`, (_, phase, destination, code) => {
      const from = plugin.includes('bridge') ? 'node/n2' : 'client';
      const { result, assumptions } = ask(loadText(cluster({ cni: plugin, more: late(phase) })), from, destination);
      expect(result).toMatchObject(
        code === null ? { verdict: 'delivered', code } : { verdict: 'rejected', symptom: 'refused', code },
      );
      const notes = assumptions.filter((note) => note.code === 'POD_PENDING');
      expect(notes.map(({ message }) => message)).toEqual(code === null ? [] : [SAID]);
    });

  it('answers ping, as its sandbox is there', () => {
    const trace = ask(loadText(cluster({ more: late('Pending') })), 'client', 'late', { protocol: 'icmp' });
    expect(trace.result.verdict).toBe('delivered');
  });

  it.each([
    ['Pending', 'SOCKET_NOT_LISTENING'],
    ['Running', null],
  ])('on the host network listens on no port of its node while it is %s', (phase, code) => {
    const loaded = loadText(cluster({ more: late(phase, 'hostNetwork: true, ') }));
    expect(ask(loaded, 'host/outside', 'node/n2:80').result.code).toBe(code);
  });

  it('says so in Chinese as well', () => {
    expect(sayNote('POD_PENDING', SAID, 'zh')).toBe('Pod default/late 处于 Pending：其容器尚未启动，其中没有进程监听');
  });
});
