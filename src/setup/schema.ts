// `npm run schema`: writes presets/preset.schema.json from the code.
import {writeFileSync} from 'node:fs';
import {jsonSchema} from '../preset/schema.ts';

writeFileSync(new URL('../../presets/preset.schema.json', import.meta.url), jsonSchema());
