/** SET: puts the packet's addresses into an ip set, takes them out, or maps metadata from it. net/netfilter/xt_set.c set_target_v3() */
import { defineTarget, type TargetOutcome } from '../target.ts';
import { type Options, readOptions } from './options.ts';
import { printSaveWord } from './save-string.ts';

type SetUse = { readonly set: string; readonly directions: readonly ('src' | 'dst')[] };

type SetSpec = {
  readonly add: SetUse | undefined;
  readonly exist: boolean;
  readonly timeout: number | undefined;
  readonly remove: SetUse | undefined;
  readonly map: SetUse | undefined;
  readonly mapped: readonly string[];
};

const MAPPED = ['--map-mark', '--map-prio', '--map-queue'] as const;

export const SET = defineTarget<SetSpec>({
  name: 'SET',
  kernel: 'net/netfilter/xt_set.c',
  parse(reader) {
    const options = readOptions(reader, 'SET', {
      '--add-set': 2,
      '--del-set': 2,
      '--map-set': 2,
      '--exist': 0,
      '--timeout': 1,
      '--map-mark': 0,
      '--map-prio': 0,
      '--map-queue': 0,
    });
    const add = useOf(options, '--add-set');
    const remove = useOf(options, '--del-set');
    const map = useOf(options, '--map-set');
    const mapped = MAPPED.filter((name) => options.has(name));
    if (add === undefined && remove === undefined && map === undefined) {
      throw options.error(undefined, 'SET needs --add-set, --del-set or --map-set');
    }
    if ((map === undefined) !== (mapped.length === 0)) {
      throw options.error(
        mapped[0] ?? '--map-set',
        '--map-set needs --map-mark, --map-prio or --map-queue, and they need it',
      );
    }
    for (const name of ['--exist', '--timeout']) {
      if (add === undefined && options.has(name)) throw options.error(name, `${name} goes with --add-set only`);
    }
    return {
      add,
      exist: options.has('--exist'),
      timeout: options.number('--timeout', 0, 2147483),
      remove,
      map,
      mapped,
    };
  },
  print: (spec) =>
    [
      ...(spec.add === undefined ? [] : [`--add-set ${printUse(spec.add)}`]),
      ...(spec.exist ? ['--exist'] : []),
      ...(spec.timeout === undefined ? [] : [`--timeout ${spec.timeout}`]),
      ...(spec.remove === undefined ? [] : [`--del-set ${printUse(spec.remove)}`]),
      ...(spec.map === undefined ? [] : [`--map-set ${printUse(spec.map)}`]),
      ...spec.mapped,
    ].join(' '),
  /**
   * The kernel goes on to the next rule, whatever happens to the set. Sets are data here and keep their entries, so a
   * later match sees them unchanged; a mark read from a set's skbinfo is not known at all.
   */
  fire(spec): TargetOutcome {
    if (spec.map !== undefined && spec.mapped.includes('--map-mark')) {
      return { kind: 'unknown', what: `the mark comes from the entries of set ${spec.map.set}` };
    }
    const changes = [
      ...(spec.add === undefined ? [] : [`an entry added to set ${spec.add.set}`]),
      ...(spec.remove === undefined ? [] : [`an entry removed from set ${spec.remove.set}`]),
      ...(spec.map === undefined ? [] : [`metadata taken from set ${spec.map.set}`]),
    ];
    return { kind: 'alter', what: `${changes.join(', ')} (sets keep their entries in this model)` };
  },
});

function useOf(options: Options, name: string): SetUse | undefined {
  const set = options.word(name, 0);
  const words = options.word(name, 1);
  if (set === undefined || words === undefined) return undefined;
  const directions = words.split(',').filter((word) => word === 'src' || word === 'dst');
  // Six: IPSET_DIM_MAX. A name has at most 31 bytes (IPSET_MAXNAMELEN).
  if (directions.length !== words.split(',').length || directions.length > 6) {
    throw options.error(name, `"${words}" is no list of src and dst`, 'src, dst, src,dst …');
  }
  if (set === '' || set.length > 31) throw options.error(name, `"${set}" is no name of a set`);
  return { set, directions };
}

function printUse({ set, directions }: SetUse): string {
  return `${printSaveWord(set)} ${directions.join(',')}`;
}
