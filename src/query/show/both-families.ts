/** What two tools print, one for each family: IPv4's text as it is where there is nothing else, both under headings. */
import type { Family } from '../../net/address.ts';

type FamilyText = {
  /** The command that prints it on a real machine: `ip -6 route`. */
  readonly command: string;
  readonly text: string;
};

/** @param wanted -4 or -6: that family's text alone, fit for the tool that reads it */
export function printFamilies(version4: FamilyText, version6: FamilyText, wanted: Family | undefined): string {
  if (wanted !== undefined) return wanted === 4 ? version4.text : version6.text;
  if (version6.text === '') return version4.text;
  return [version4, version6].map(({ command, text }) => `# ${command}\n${text}`).join('');
}
