import type { Logger } from 'pino';

import type { Config } from '../config.js';
import { type Authentication, createAuthentication } from '../server/auth/authentication.js';

/**
 * Who callers are, by the settings.
 * @throws AuthenticationSettingsError
 */
export function createAppAuthentication(config: Config, log: Logger): Promise<Authentication> {
  const { apiKeys, apiKeysFile, jwtSecret: secret, jwtJwksUrl: jwksUrl, jwtJwksFile: jwksFile } = config;
  const asksForTokens = secret !== undefined || jwksUrl !== undefined || jwksFile !== undefined;
  return createAuthentication({
    apiKeys,
    apiKeysFile,
    jwt: asksForTokens
      ? {
          secret,
          jwksUrl,
          jwksFile,
          issuer: config.jwtIssuer,
          audience: config.jwtAudience,
          clockToleranceMs: config.jwtClockToleranceMs,
          roleClaim: config.jwtRoleClaim,
          queuesClaim: config.jwtQueuesClaim,
        }
      : undefined,
    maxFailedAttempts: config.maxFailedAuthentications,
    log,
  });
}
