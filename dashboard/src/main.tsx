import './theme/base.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createApi } from './api/api.js';
import { endpointOf } from './api/endpoint.js';
import { App } from './app.js';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const api = createApi(endpointOf(document.baseURI));
createRoot(root).render(
  <StrictMode>
    <App api={api} />
  </StrictMode>,
);
