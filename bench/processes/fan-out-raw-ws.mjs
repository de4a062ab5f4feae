/** The limit: `ws` broadcasting finished bytes. */
import { broadcaster } from '../lib/broadcaster.mjs';
import { nextMove, shownMove } from '../lib/fan-out.mjs';
import { serveHarness } from '../lib/publisher.mjs';

const { listen, broadcast } = broadcaster();
serveHarness(await listen(), () => broadcast(shownMove(nextMove())));
