/** The virtual servers of a namespace, found as ip_vs_service_find() finds them. */
import { familyOf, type IpAddr } from '../../net/address.ts';
import { type IpvsProtocol, keyOfAddress, type VirtualServer } from './virtual-server.ts';

/** ip_vs_svc_table and ip_vs_svc_fwm_table. */
export class VirtualServerTable {
  readonly all: readonly VirtualServer[];
  readonly #byAddress: ReadonlyMap<string, VirtualServer>;
  readonly #hasMarks: boolean;

  constructor(all: readonly VirtualServer[]) {
    this.all = all;
    this.#byAddress = new Map(all.map((server) => [keyOfAddress(server.at), server]));
    this.#hasMarks = all.some(({ at }) => at.kind === 'fwmark');
  }

  /** By the mark first, then by address and port, then by the address alone (port 0 is every port). */
  find(mark: number, protocol: IpvsProtocol, address: IpAddr, port: number): VirtualServer | undefined {
    const family = familyOf(address);
    const marked =
      mark !== 0 && this.#hasMarks ? this.#byAddress.get(keyOfAddress({ kind: 'fwmark', mark, family })) : undefined;
    return (
      marked ??
      this.#byAddress.get(keyOfAddress({ kind: 'address', protocol, address, port })) ??
      this.#byAddress.get(keyOfAddress({ kind: 'address', protocol, address, port: 0 }))
    );
  }
}
