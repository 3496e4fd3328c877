/** Whether the folder for names of namespaces is ours, or one that we may write to by chance. */

/** One line a range: first number inside, first number outside, how many. */
export const UID_MAP = '/proc/self/uid_map';

/** The map of the initial user namespace (kernel/user.c init_user_ns), single spaces between its numbers. */
export const INITIAL_MAP = '0 0 4294967295';

/**
 * Words of `mount` that change nothing, and are refused without CAP_SYS_ADMIN over the user namespace in which the file
 * system was mounted (fs/namespace.c do_remount()).
 */
export const ASKS_WHOSE = ['-o', 'remount'] as const;

/**
 * Whether we are root of a user namespace that root of the one around it made (unshare --map-root-user). Its /run is
 * writable to us, but names that we leave there are dead once our namespaces have ended.
 */
export function isRootInDisguise(uidMap: string): boolean {
  const map = uidMap.trim().split(/\s+/).join(' ');
  return map.startsWith('0 0 ') && map !== INITIAL_MAP;
}
