// `npm run build`: the set-up alone.
import {guarded, setUp} from './steps.mjs';

await guarded(() => setUp());
