/** The two ends of the veth pairs that Host documents describe. */
import type { DeviceRef } from '../../kernel/link/device.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import { nearest } from '../../lib/nearest.ts';
import { type Issue, issue } from '../../lib/result.ts';
import type { HostDocument, InterfaceSpec } from '../nettrace/host-document.ts';

type End = { readonly host: string; readonly device: InterfaceSpec & { readonly kind: 'veth' } };

/** By `HOST/INTERFACE`: the far end. It is enough that one of the two names the other. */
export function findPeers(hosts: readonly HostDocument[], issues: Issue[]): ReadonlyMap<string, DeviceRef> {
  const ends = hosts.flatMap((host) =>
    host.interfaces.flatMap((device): readonly End[] => (device.kind === 'veth' ? [{ host: host.name, device }] : [])),
  );
  const byKey = new Map(ends.map((end) => [key(end.host, end.device.name), end]));
  const peers = new Map<string, DeviceRef>();
  for (const { host, device } of ends) {
    const { peer } = device;
    if (peer === undefined) continue;
    const wanted = key(peer.host ?? host, peer.interface);
    const other = byKey.get(wanted);
    const own = key(host, device.name);
    if (other === undefined) {
      const [best] = nearest(wanted, byKey.keys(), 1);
      issues.push(
        problem(
          device,
          'unknown-peer',
          `${own}: there is no veth interface ${wanted}`,
          best === undefined || best === own ? undefined : `did you mean ${best}?`,
        ),
      );
      continue;
    }
    const back = other.device.peer;
    // The other end names a third one: told there when that one does not exist.
    if (back !== undefined && !byKey.has(key(back.host ?? other.host, back.interface))) continue;
    if (wanted === own || (back !== undefined && key(back.host ?? other.host, back.interface) !== own)) {
      issues.push(problem(device, 'peer-taken', `${own}: ${wanted} is the end of another pair`));
      continue;
    }
    const taken = peers.get(wanted);
    if (taken !== undefined && (taken.netns !== host || taken.device !== device.name)) {
      issues.push(
        problem(device, 'peer-taken', `${own}: ${wanted} is the peer of ${taken.netns}/${taken.device} already`),
      );
      continue;
    }
    peers.set(own, { netns: netnsId(other.host), device: other.device.name });
    peers.set(wanted, { netns: netnsId(host), device: device.name });
  }
  for (const { host, device } of ends) {
    if (device.peer !== undefined || peers.has(key(host, device.name))) continue;
    issues.push(
      problem(
        device,
        'missing-peer',
        `${key(host, device.name)}: a veth interface needs its other end`,
        'add peer: HOST/INTERFACE on one of the two',
      ),
    );
  }
  return peers;
}

export function key(host: string, device: string): string {
  return `${host}/${device}`;
}

function problem({ source }: InterfaceSpec, code: string, message: string, hint?: string): Issue {
  return issue(code, message, {
    at: source.document.locate([...source.path, 'peer']),
    ...(hint === undefined ? {} : { hint }),
  });
}
