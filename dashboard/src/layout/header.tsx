import { ActionIcon, Button, useMantineColorScheme } from '@mantine/core';
import { Link, useRoute } from 'wouter';

import { useApi } from '../api/api.js';
import { useCaller } from '../api/caller.js';
import { AutoIcon, HelpIcon, MoonIcon, SunIcon } from '../components/icons.js';
import { Logo } from '../components/logo.js';
import { paths, patterns } from '../routing/paths.js';
import { useZone } from '../time/time.js';
import { FeedIndicator } from './feed-indicator.js';
import styles from './header.module.css';
import { SearchBox } from './search-box.js';

const NEXT_SCHEME = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const SCHEME_ICONS = { auto: AutoIcon, light: SunIcon, dark: MoonIcon } as const;
const SCHEME_NAMES = { auto: 'as the system', light: 'light', dark: 'dark' } as const;

function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = NEXT_SCHEME[colorScheme];
  const Icon = SCHEME_ICONS[colorScheme];
  const label = `Theme: ${SCHEME_NAMES[colorScheme]}. Change to ${SCHEME_NAMES[next]}`;
  return (
    <ActionIcon variant="subtle" color="gray" c="var(--tt-dim)" size="md" aria-label={label} title={label} onClick={() => setColorScheme(next)}>
      <Icon />
    </ActionIcon>
  );
}

function ZoneToggle() {
  const [zone, setZone] = useZone();
  const next = zone === 'utc' ? 'local' : 'utc';
  return (
    <button
      type="button"
      className={styles['zone']}
      title={`Times are shown in ${zone === 'utc' ? 'UTC' : 'your local time'}. Change to ${next === 'utc' ? 'UTC' : 'local time'}`}
      onClick={() => setZone(next)}
    >
      <span className="tt-visually-hidden">Times in </span>
      {zone === 'utc' ? 'UTC' : 'Local'}
    </button>
  );
}

function NavItem({ href, active, children }: { readonly href: string; readonly active: boolean; readonly children: string }) {
  return (
    <Link href={href} className={styles['item']} aria-current={active ? 'page' : undefined}>
      {children}
    </Link>
  );
}

function Navigation() {
  const [onOverview] = useRoute(patterns.overview);
  const [onQueue] = useRoute(patterns.queue);
  const [onTasks] = useRoute(patterns.tasks);
  const [onTask] = useRoute(patterns.task);
  const [onErrors] = useRoute(patterns.errors);
  return (
    <nav className={styles['nav']} aria-label="Views">
      <NavItem href={paths.overview()} active={onOverview || onQueue}>
        Overview
      </NavItem>
      <NavItem href={paths.tasks()} active={onTasks || onTask}>
        Tasks
      </NavItem>
      <NavItem href={paths.errors()} active={onErrors}>
        Errors
      </NavItem>
    </nav>
  );
}

function SignOut() {
  const { session } = useApi();
  const caller = useCaller();
  if (!session.signedIn) return null;
  const who = caller === null ? '' : `: ${caller.name}, ${caller.role.toLowerCase()}`;
  return (
    <Button size="compact-xs" variant="subtle" title={`Signed in${who}`} onClick={() => session.signOut()}>
      Sign out
    </Button>
  );
}

export function Header({ onHelp }: { readonly onHelp: () => void }) {
  return (
    <header className={styles['header']}>
      <Link href={paths.overview()} className={styles['brand']}>
        <Logo size={24} />
        <span>TaskTracker</span>
      </Link>
      <Navigation />
      <SearchBox />
      <div className={styles['tools']}>
        <FeedIndicator />
        <ZoneToggle />
        <ThemeToggle />
        <ActionIcon variant="subtle" color="gray" c="var(--tt-dim)" size="md" aria-label="Keyboard and help" title="Keyboard and help (?)" onClick={onHelp}>
          <HelpIcon />
        </ActionIcon>
        <SignOut />
      </div>
    </header>
  );
}
