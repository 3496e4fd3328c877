/** What the printed script asks first, as `lab up` does: where something is missing or in the way, it builds nothing. */
import type { Call } from './build-calls.ts';
import { type NeedCall, needCalls, neededTools } from './need-calls.ts';
import { NETNS_PREFIX, PROBE_NETNS } from './netns-names.ts';
import type { LabPlan } from './plan.ts';
import { shellLine, shellQuote } from './shell-quote.ts';
import { NETNS_FOLDER, RUNTIME_FOLDER, STATE_FILE } from './state-file.ts';
import { ASKS_WHOSE, INITIAL_MAP, UID_MAP } from './user-namespace.ts';

/** Rights and tools, the folder of the names, another lab, the kernel: each needs what comes before it. */
export function printScriptChecks(plan: LabPlan): readonly string[] {
  return [
    '# What this needs: nothing is built where something is missing, and each kind of thing is named at once',
    'missing=',
    `nothing_missing() { [ -z "$missing" ] || { echo "this machine lacks\${missing#,}" >&2; exit 1; }; }`,
    '[ "$(id -u)" = 0 ] || missing=", the rights of root"',
    `for tool in ${shellLine(neededTools(plan))}; do command -v "$tool" >/dev/null || missing="$missing, the command $tool"; done`,
    'nothing_missing',
    '# Names of namespaces live in /run/netns; a user namespace brings its own. Root in a user namespace of its own may write',
    "# to the machine's, but not remount it: names there would outlive what they name.",
    `map=$(echo $(cat ${UID_MAP} 2>/dev/null))`,
    `case $map in '${INITIAL_MAP}') ;; '0 0 '*) mount ${shellLine(ASKS_WHOSE)} ${RUNTIME_FOLDER} 2>/dev/null || mount -t tmpfs tmpfs ${RUNTIME_FOLDER} ;; esac`,
    `mkdir -p ${NETNS_FOLDER} 2>/dev/null && [ -w ${NETNS_FOLDER} ] || mount -t tmpfs tmpfs ${RUNTIME_FOLDER}`,
    '# Two labs at once would be mixed.',
    `for there in ${STATE_FILE} ${NETNS_FOLDER}/${NETNS_PREFIX}*; do`,
    '  [ ! -e "$there" ] || { echo "there is a lab already: $there (nettrace lab down removes it)" >&2; exit 1; }',
    'done',
    '# What the kernel has is tried in a namespace of its own.',
    `probe=${PROBE_NETNS}-$$`,
    'ip netns add "$probe"',
    `trap 'ip netns del "$probe" 2>/dev/null || :' EXIT`,
    'has() { lack=$1; shift; "$@" >/dev/null 2>&1 || { missing="$missing, $lack"; return 1; }; }',
    ...needCalls(plan, PROBE_NETNS).map(printNeed),
    'nothing_missing',
    'ip netns del "$probe"',
    'trap - EXIT',
  ];
}

function printNeed({ lack, call, undo }: NeedCall): string {
  return `has ${shellQuote(lack)} ${inProbe(call)}${undo === undefined ? '' : ` && ${inProbe(undo)}`} || :`;
}

function inProbe({ program, arguments: words }: Call): string {
  return [program, ...words].map((word) => (word === PROBE_NETNS ? '"$probe"' : shellQuote(word))).join(' ');
}
