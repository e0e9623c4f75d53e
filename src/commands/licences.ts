// `tsbpftop --licences`: of the program itself, and of all that is bundled with it.
import {licencesText} from '../native/bundled.ts';

export function printLicences(): number {
  process.stdout.write(licencesText());
  return 0;
}
