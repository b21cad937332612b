// The demo's story by one process for each part.
import { story } from './story.mjs';

story(['bptmd-http', 'bptmd-mqtt', 'bptmd-job']);
