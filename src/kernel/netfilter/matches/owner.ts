import { quote } from '../../../lib/quote.ts';
import { ArgumentError } from '../arguments.ts';
import type { MatchEnv } from '../match.ts';
import { badValue, parseNumber, printNot, type Use, wordOf } from '../options.ts';
import { defineOptionMatch } from './option-match.ts';

type Ids = { readonly not: boolean; readonly first: number; readonly last: number };
/** A user's or group's name: numbers are the machine's affair (/etc/passwd), which is not modelled; `root` is 0 everywhere. */
type Named = { readonly not: boolean; readonly name: string };

type OwnerSpec = {
  readonly socket?: { readonly not: boolean } | undefined;
  readonly user?: Ids | Named | undefined;
  readonly group?: Ids | Named | undefined;
  readonly supplementary: boolean;
};

const MOST = 4294967294;

function readIds(use: Use | undefined): Ids | Named | undefined {
  if (use === undefined) return undefined;
  const text = wordOf(use);
  if (text === 'root') return { not: use.not, first: 0, last: 0 };
  if (/^[A-Za-z_][\w.-]*\$?$/.test(text)) return { not: use.not, name: text };
  const [left = '', right, ...more] = text.split('-');
  const first = parseNumber(left);
  const last = right === undefined ? first : parseNumber(right);
  if (first === undefined || last === undefined || first > last || last > MOST || more.length > 0) {
    throw badValue(use, `${quote(text)} is not a name, a number or a range of numbers`, 'such as 1000 or 1000-2000');
  }
  return { not: use.not, first, last };
}

function printIds(option: string, ids: Ids | Named | undefined): readonly string[] {
  if (ids === undefined) return [];
  const value = 'name' in ids ? ids.name : ids.first === ids.last ? String(ids.first) : `${ids.first}-${ids.last}`;
  return [`${printNot(ids.not)}${option} ${value}`];
}

function holds(ids: Ids | Named | undefined, id: number, kind: string, env: MatchEnv): boolean {
  if (ids === undefined) return true;
  if (!('name' in ids)) return (id >= ids.first && id <= ids.last) !== ids.not;
  return id === 0 ? ids.not : env.chance({ kind: 'unknown', what: `${kind} ${ids.name} is ${id}` }) !== ids.not;
}

/** owner_mt(): a packet without a socket matches only if everything asked is asked with `!`. */
function test({ socket, user, group }: OwnerSpec, env: MatchEnv): boolean {
  const owner = env.socket;
  if (owner === undefined) return [socket, user, group].every((option) => option === undefined || option.not);
  if (socket?.not === true) return false;
  const { uid, gid } = owner;
  // A socket without a file belongs to the kernel: ids match only with `!`.
  if (uid === undefined || gid === undefined)
    return [user, group].every((option) => option === undefined || option.not);
  return holds(user, uid, 'user', env) && holds(group, gid, 'group', env);
}

export const owner = defineOptionMatch({
  name: 'owner',
  kernel: 'net/netfilter/xt_owner.c',
  options: [
    { name: '--uid-owner', not: true },
    { name: '--gid-owner', not: true },
    { name: '--socket-exists', words: 0, not: true },
    { name: '--suppl-groups', words: 0 },
  ],
  read: (given, _context, at): OwnerSpec => {
    const [socket, supplementary] = [given.get('--socket-exists'), given.get('--suppl-groups')];
    const [user, group] = [readIds(given.get('--uid-owner')), readIds(given.get('--gid-owner'))];
    if (socket === undefined && user === undefined && group === undefined) {
      throw new ArgumentError('the owner match needs --uid-owner, --gid-owner or --socket-exists', at);
    }
    if (supplementary !== undefined && group === undefined)
      throw badValue(supplementary, '--suppl-groups needs --gid-owner');
    return {
      socket: socket === undefined ? undefined : { not: socket.not },
      user,
      group,
      supplementary: supplementary !== undefined,
    };
  },
  print: ({ socket, user, group, supplementary }) =>
    [
      ...(socket === undefined ? [] : [`${printNot(socket.not)}--socket-exists`]),
      ...printIds('--uid-owner', user),
      ...printIds('--gid-owner', group),
      ...(supplementary ? ['--suppl-groups'] : []),
    ].join(' '),
  test,
  /** The hooks of its struct xt_match */
  refusal: (_spec, _table, hooks) =>
    hooks.some((hook) => hook !== 'OUTPUT' && hook !== 'POSTROUTING')
      ? 'owner may be reached from OUTPUT and POSTROUTING only'
      : undefined,
});
