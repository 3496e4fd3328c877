/** Reads lines of `ip neigh` and of `bridge fdb` (iproute2 6.1). */
import type { Position, Result } from '../../lib/result.ts';
import { parseIp } from '../../net/address.ts';
import { parseMac } from '../../net/mac.ts';
import type { StaticNeighbour } from '../route/route.ts';
import { TextReader, textResult } from '../route/text-reader.ts';
import type { FdbEntry } from './device.ts';
import { deviceNameProblem } from './device-name.ts';

const STATES = ['PERMANENT', 'REACHABLE', 'STALE', 'DELAY', 'PROBE', 'NOARP', 'permanent', 'router', 'extern_learn'];

/** `169.254.1.1 dev eth0 lladdr ee:ee:ee:ee:ee:ee PERMANENT` */
export function parseNeighbour(line: string, at?: Position): Result<StaticNeighbour> {
  return textResult(() => {
    const reader = new TextReader(line, 'bad-neighbour', at);
    const ip = reader.read('an address', parseIp);
    let device: string | undefined;
    let mac: StaticNeighbour['mac'] | undefined;
    while (!reader.done) {
      if (reader.takeIf('dev')) device = readDevice(reader);
      else if (reader.takeIf('lladdr')) mac = reader.read('a MAC address', parseMac);
      else if (!reader.takeIf(...STATES)) {
        reader.take('a word');
        throw reader.error('expected dev, lladdr or a state such as PERMANENT');
      }
    }
    if (device === undefined || mac === undefined) throw reader.error('the entry needs `dev NAME` and `lladdr MAC`');
    return { ip, device, mac };
  });
}

/** `66:00:00:00:00:01 dev vxlan.calico dst 192.168.26.101 self permanent` */
export function parseFdbEntry(line: string, at?: Position): Result<FdbEntry> {
  return textResult(() => {
    const reader = new TextReader(line, 'bad-fdb-entry', at);
    const mac = reader.read('a MAC address', parseMac);
    let device: string | undefined;
    let remote: FdbEntry['remote'] | undefined;
    while (!reader.done) {
      if (reader.takeIf('dev')) device = readDevice(reader);
      else if (reader.takeIf('dst')) remote = reader.read('an address', parseIp);
      else if (!reader.takeIf('self', 'permanent', 'static', 'extern_learn')) {
        reader.take('a word');
        throw reader.error('expected dev, dst, self or permanent', { hint: 'only entries of vxlan devices are read' });
      }
    }
    if (device === undefined || remote === undefined)
      throw reader.error('the entry needs `dev NAME` and `dst ADDRESS`');
    return { mac, device, remote };
  });
}

function readDevice(reader: TextReader): string {
  return reader.read("a device's name", (text) => (deviceNameProblem(text) === undefined ? text : undefined));
}
