import './theme/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { type Api, createApi } from './api/api.js';
import { endpointOf } from './api/endpoint.js';
import { Session } from './api/session.js';
import { App } from './app.js';
import { SignIn } from './sign-in/index.js';

const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no #root');
const root = createRoot(container);
const endpoint = endpointOf(document.baseURI);
const session = new Session(endpoint.basePath);
let api: Api | null = null;
let generation = 0;

/** What one caller was shown is nothing for the next: each has an API of their own. */
function render(): void {
  api?.close();
  api = session.refused ? null : createApi(endpoint, session);
  generation += 1;
  root.render(<StrictMode>{api === null ? <SignIn session={session} again={session.signedIn} key={generation} /> : <App api={api} key={generation} />}</StrictMode>);
}

session.onChange(render);
render();
