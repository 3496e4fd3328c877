/** What the matches of a rule may know of the packet in front of them. */
import type { IpAddr } from '../../net/address.ts';
import type { Mac } from '../../net/mac.ts';
import type { Packet } from '../../net/packet.ts';
import { connectionsOf } from '../ipvs/pass-ipvs.ts';
import { viewOfConnection } from '../ipvs/view.ts';
import type { Netns } from '../netns.ts';
import { addressType } from '../route/address-type.ts';
import { reversePath } from '../route/input.ts';
import type { Run } from '../walk/run.ts';
import type { Skb } from '../walk/skb.ts';
import { type Attachment, ctStateOf } from './conntrack.ts';
import type { DrawnPort } from './drawn-port.ts';
import type { Hook, TableName } from './hook.ts';
import type { HookPlace } from './hook-run.ts';
import type { Ipset } from './ipset.ts';
import type { AddressType, Chance, ConnectionView, CtState, IpvsView, MatchEnv, ReversePathOptions } from './match.ts';
import type { StateSlots } from './state.ts';

/** A conversation meets some twenty of them, and most rules look at one thing only: the rest is made when it is asked for. */
export class PacketEnv implements MatchEnv {
  readonly packet: Packet;
  readonly table: TableName;
  readonly hook: Hook;
  readonly inDevice: string | undefined;
  readonly outDevice: string | undefined;
  readonly mark: number;
  readonly #run: Run;
  readonly #netns: Netns;
  readonly #skb: Skb;

  constructor(run: Run, netns: Netns, hook: Hook, table: TableName, { inDevice, outDevice }: HookPlace, skb: Skb) {
    this.packet = skb.packet;
    this.table = table;
    this.hook = hook;
    this.inDevice = inDevice;
    this.outDevice = outDevice;
    this.mark = skb.mark;
    this.#run = run;
    this.#netns = netns;
    this.#skb = skb;
  }

  get physIn(): string | undefined {
    return this.#skb.bridge?.physIn;
  }

  get physOut(): string | undefined {
    return this.#skb.bridge?.physOut;
  }

  get bridged(): boolean {
    return this.#skb.bridge?.bridged ?? false;
  }

  drawnPort(port: number): DrawnPort | undefined {
    const { drawnPorts } = this.#run;
    return drawnPorts.size === 0 ? undefined : drawnPorts.get(port);
  }

  get sourceMac(): Mac | undefined {
    return this.inDevice === undefined ? undefined : this.#skb.frame?.source;
  }

  get destinationMac(): Mac | undefined {
    return this.inDevice === undefined ? undefined : this.#skb.frame?.destination;
  }

  get ctState(): CtState {
    return ctStateOf(this.#skb.connection, this.#skb.untracked === true);
  }

  get connection(): ConnectionView | undefined {
    const { connection } = this.#skb;
    return connection === undefined ? undefined : viewOf(connection);
  }

  get socket(): Skb['socket'] {
    return this.#skb.socket;
  }

  get ipvs(): { readonly connection: IpvsView | undefined } | undefined {
    return this.#skb.ipvsProperty === true
      ? viewOfConnection(connectionsOf(this.#run, this.#netns), this.packet)
      : undefined;
  }

  get state(): StateSlots {
    return this.#run.memory(this.#netns.id).state;
  }

  get now(): number {
    return this.#run.now;
  }

  addressType(address: IpAddr, device?: string): AddressType {
    return addressType(this.#netns, address, device);
  }

  reversePath(options: ReversePathOptions): boolean {
    return this.inDevice === undefined || reversePath(this.#netns, this.#skb, this.inDevice, options);
  }

  ipset(name: string): Ipset | undefined {
    return this.#netns.ipsets.get(name);
  }

  chance(chance: Chance): boolean {
    return this.#run.chance(chance);
  }
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
