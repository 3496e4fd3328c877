/** What the matches of a rule may know of the packet in front of them. */
import { connectionsOf } from '../ipvs/pass-ipvs.ts';
import { viewOfConnection } from '../ipvs/view.ts';
import type { Netns } from '../netns.ts';
import { addressType } from '../route/address-type.ts';
import { reversePath } from '../route/input.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import { type Attachment, ctStateOf } from './conntrack.ts';
import type { Hook, TableName } from './hook.ts';
import type { HookPlace } from './hook-run.ts';
import type { ConnectionView, MatchEnv } from './match.ts';

export function matchEnv(
  run: Run,
  netns: Netns,
  hook: Hook,
  table: TableName,
  { inDevice, outDevice }: HookPlace,
  skb: Skb,
): MatchEnv {
  return {
    packet: skb.packet,
    table,
    hook,
    inDevice,
    outDevice,
    physIn: skb.bridge?.physIn,
    physOut: skb.bridge?.physOut,
    bridged: skb.bridge?.bridged ?? false,
    mark: skb.mark,
    sourceMac: inDevice === undefined ? undefined : skb.frame?.source,
    destinationMac: inDevice === undefined ? undefined : skb.frame?.destination,
    ctState: ctStateOf(skb.connection, skb.untracked === true),
    connection: skb.connection === undefined ? undefined : viewOf(skb.connection),
    socket: skb.socket,
    addressType: (address, device) => addressType(netns, address, device),
    reversePath: (options) => inDevice === undefined || reversePath(netns, skb, inDevice, options),
    ipset: (name) => netns.ipsets.get(name),
    ipvs: skb.ipvsProperty === true ? viewOfConnection(connectionsOf(run, netns), skb.packet) : undefined,
    state: run.memory(netns.id).state,
    now: run.now,
    chance: (chance) => run.chance(chance),
  };
}

function viewOf(attachment: Attachment): ConnectionView {
  const { connection: c, direction } = attachment;
  return {
    original: c.original,
    reply: c.reply,
    direction,
    mark: c.mark,
    status: { srcNat: c.srcNat, dstNat: c.dstNat, seenReply: c.seenReply, assured: false, confirmed: c.confirmed },
    expires: 120,
  };
}
