// The demo's story by all parts in one process.
import { story } from './story.mjs';

story(['bptmd']);
