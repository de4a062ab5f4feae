import { Button, Checkbox, MantineProvider, TextInput } from '@mantine/core';
import { type SyntheticEvent, useMemo, useState } from 'react';

import type { Session } from '../api/session.js';
import { Logo } from '../components/logo.js';
import { colorSchemeManager, theme } from '../theme/theme.js';
import styles from './sign-in.module.css';

interface SignInProps {
  readonly session: Session;
  /** Whether something was shown that the server did not take (any more). */
  readonly again: boolean;
}

/** Asks for an API key or a token. It is sent to this server only. */
function SignInForm({ session, again }: SignInProps) {
  const [token, setToken] = useState('');
  const [keeps, setKeeps] = useState(true);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (token.trim() !== '') session.signIn(token.trim(), keeps ? 'tab' : 'page');
  };
  return (
    <main className={styles['page']}>
      <form className={styles['card']} onSubmit={submit}>
        <h1 className={styles['title']}>
          <Logo size={28} /> TaskTracker
        </h1>
        <p className={styles['hint']}>Sign in with an API key or a token of this server.</p>
        {again && (
          <p className={styles['refused']} role="alert">
            The server did not take it, or does not any more.
          </p>
        )}
        <TextInput
          type="password"
          label="API key or token"
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          autoFocus
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Checkbox iconColor="var(--tt-on-accent)" label="Keep it until this tab is closed" checked={keeps} onChange={(event) => setKeeps(event.currentTarget.checked)} />
        <Button type="submit" disabled={token.trim() === ''}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

export function SignIn(props: SignInProps) {
  const schemes = useMemo(() => colorSchemeManager(), []);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} withCssVariables={false} withGlobalClasses={false}>
      <SignInForm {...props} />
    </MantineProvider>
  );
}
