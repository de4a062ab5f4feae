import { createContext, type ReactNode, useCallback, useContext, useMemo, useState, useSyncExternalStore } from 'react';

import { readSetting, writeSetting } from '../settings.js';
import { Clock } from './clock.js';
import { formatInstant, type Zone } from './format.js';

interface Time {
  readonly clock: Clock;
  readonly zone: Zone;
  setZone(zone: Zone): void;
}

const TimeContext = createContext<Time | null>(null);

export function TimeProvider({ children }: { readonly children: ReactNode }) {
  const [clock] = useState(() => new Clock());
  const [zone, setState] = useState<Zone>(() => readSetting('zone', ['local', 'utc'], 'local'));
  const setZone = useCallback((next: Zone) => {
    writeSetting('zone', next);
    setState(next);
  }, []);
  const time = useMemo(() => ({ clock, zone, setZone }), [clock, zone, setZone]);
  return <TimeContext.Provider value={time}>{children}</TimeContext.Provider>;
}

function useTime(): Time {
  const time = useContext(TimeContext);
  if (time === null) throw new Error('needs a TimeProvider around it');
  return time;
}

export function useZone(): readonly [Zone, (zone: Zone) => void] {
  const { zone, setZone } = useTime();
  return [zone, setZone];
}

/** An instant in full, by the clock that the reader chose. */
export function useFormatInstant(): (iso: string) => string {
  const { zone } = useTime();
  return useCallback((iso) => formatInstant(Date.parse(iso), zone), [zone]);
}

/** The time, rounded down to `everyMs` (at least 1 s): the component renders again when that changes. */
export function useNow(everyMs = 1_000): number {
  return useClockText((now) => now - (now % everyMs));
}

/** What `read` makes of the time: the component renders again when its result changes, and not at every tick. */
export function useClockText<Value extends string | number>(read: (now: number) => Value): Value {
  const { clock } = useTime();
  return useSyncExternalStore(clock.listen, () => read(clock.now()));
}
