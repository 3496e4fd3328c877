/** IFNAMSIZ of include/uapi/linux/if.h, without the final zero byte. */
const LONGEST_NAME = 15;

/**
 * Why the kernel refuses the name, or undefined when it is valid: dev_valid_name() in net/core/dev.c.
 */
export function deviceNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return 'is reserved';
  if (Buffer.byteLength(name) > LONGEST_NAME) return `is longer than ${LONGEST_NAME} bytes`;
  if (/[/:]/.test(name)) return 'contains / or :';
  // isspace() of the kernel; other control characters would forge what a terminal shows.
  if (/[\s\u0000-\u001f\u007f]/.test(name)) return 'contains white space or a control character';
  return undefined;
}
