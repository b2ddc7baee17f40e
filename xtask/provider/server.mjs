// An OpenID certified authorization server (npm: oidc-provider) on a loopback port, for the tests of the facade.
//
//     node server.mjs --key FILE [--port PORT]
//
// Without --port it takes a free one. FILE receives the private key (ES256, PKCS#8, PEM) of the clients that prove
// themselves with one, FILE.jwk the public key. When it is ready it prints one line, `ready ISSUER`, and it ends when its standard input does, so
// that it never outlives whoever started it. Everything else it has to say goes to standard error.
//
// README.md says who is known here and what is switched on. A second issuer, ISSUER/guarded, is the same but for its
// registration endpoint, which wants an initial access token.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';

import { Provider, errors } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

import {
  ACCESS_TOKEN_TTL, DEVICE_CODE_TTL, INITIAL_ACCESS_TOKEN, NEEDS_NONCE, RESOURCES, SCOPES, USERS, clientKey, clients,
} from './clients.mjs';

const { values: options } = parseArgs({ options: { key: { type: 'string' }, port: { type: 'string', default: '0' } } });
if (!options.key) {
  console.error('usage: node server.mjs --key FILE [--port PORT]');
  process.exit(2);
}

const key = clientKey();
fs.writeFileSync(options.key, key.pem, { mode: 0o600 });
fs.writeFileSync(`${options.key}.jwk`, JSON.stringify(key.jwk));

const REFUSALS = [
  'authorization', 'device_authorization', 'code_verification', 'device_resume', 'pushed_authorization_request', 'grant', 'userinfo',
  'revocation', 'introspection', 'registration_create', 'registration_read', 'registration_update', 'registration_delete',
].map((endpoint) => `${endpoint}.error`);

function signingKey(type, options, alg) {
  const { privateKey } = crypto.generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `provider-${alg}` };
}

function provider(issuer, initialAccessToken) {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  const provider = new Provider(issuer, {
    // What has expired is kept for an hour: `expired_token` can be said of a device code only while it is known.
    adapter: createMemoryAdapter(3600),
    clients: clients(key.jwk),
    jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
    cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
    scopes: SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    pkce: { required: () => true },
    // The default forgives 15 seconds, seven times what a token of `hallpass-short` lives.
    clockTolerance: 0,
    rotateRefreshToken: () => true,
    issueRefreshToken: async (ctx, client, source) => client.grantTypeAllowed('refresh_token')
      && (source.scopes.has('offline_access') || client.applicationType === 'native'),
    ttl: {
      AccessToken: (ctx, token, client) => ACCESS_TOKEN_TTL[client.clientId] ?? 3600,
      DeviceCode: (ctx, code, client) => DEVICE_CODE_TTL[client.clientId] ?? 600,
      AuthorizationCode: () => 60, ClientCredentials: () => 600, Grant: () => 86400, IdToken: () => 3600, Interaction: () => 3600, RefreshToken: () => 86400, Session: () => 86400,
    },
    async findAccount(ctx, id) {
      const user = USERS[id];
      return user && { accountId: id, claims: async () => ({ sub: id, name: user.name, email: user.email, email_verified: true }) };
    },
    interactions: { url: (ctx, interaction) => `${path}/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true, initialAccessToken },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
      dPoP: {
        enabled: true,
        nonceSecret: crypto.randomBytes(32),
        // The userinfo endpoint asks before it has looked for the token, so it cannot tell whose it is.
        requireNonce: (ctx) => ctx.oidc.route === 'userinfo' || NEEDS_NONCE.has(ctx.oidc.client?.clientId),
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        async getResourceServerInfo(ctx, resource) {
          if (!Object.hasOwn(RESOURCES, resource)) throw new errors.InvalidTarget();
          return { ...RESOURCES[resource], audience: resource, scope: 'api:read api:write' };
        },
      },
    },
  });
  provider.on('server_error', (ctx, error) => console.error('server_error', error));
  // Whoever counts refreshes reads them here.
  provider.on('refresh_token.consumed', (token) => console.error('refresh_token.consumed', token.clientId));
  for (const event of REFUSALS) {
    provider.on(event, (ctx, error) => {
      // A device asks often, and the last words are few.
      if (error.error === 'authorization_pending') return;
      console.error(event, error.error, error.error_description, error.error_detail ?? '');
    });
  }
  return provider;
}

function page(res, status, html) {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(`<!doctype html><title>The real provider</title>${html}`);
}

async function form(req) {
  let body = '';
  for await (const chunk of req) body += chunk;
  return new URLSearchParams(body);
}

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

// The login page, then the consent page; each is a form that posts to itself, with a link that says no.
async function interaction(provider, req, res) {
  const { prompt, params, session, grantId, uid } = await provider.interactionDetails(req, res);
  const abort = `${req.mounted}/interaction/${uid}/abort`;
  if (req.url.endsWith('/abort')) {
    const denied = { error: 'access_denied', error_description: 'End-User aborted interaction' };
    return provider.interactionFinished(req, res, denied, { mergeWithLastSubmission: false });
  }
  if (req.method === 'GET') {
    return page(res, 200, prompt.name === 'login'
      ? `<h1>Login</h1><form method="post"><input name="login"><input type="password" name="password"><button type="submit">Sign in</button></form><a href="${abort}">No</a>`
      : `<h1>Consent</h1><form method="post"><p>${escaped(JSON.stringify(prompt.details))}</p><button type="submit" name="ok" value="1">Allow</button></form><a href="${abort}">No</a>`);
  }
  const answers = await form(req);
  if (prompt.name === 'login') {
    const login = answers.get('login');
    if (!Object.hasOwn(USERS, login) || USERS[login].password !== answers.get('password')) {
      return page(res, 401, '<h1>Login</h1><p>wrong name or password</p>');
    }
    return provider.interactionFinished(req, res, { login: { accountId: login } }, { mergeWithLastSubmission: false });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(' '));
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

// What comes for the guarded issuer. Its metadata has two addresses: OpenID Connect puts the well-known part behind the
// issuer's path, RFC 8414 (section 3.1) before it.
const GUARDED = '/guarded';
const METADATA = '/.well-known/oauth-authorization-server';

function isGuarded(req) {
  if (req.url === METADATA + GUARDED) req.url = GUARDED + METADATA;
  return req.url.startsWith(`${GUARDED}/`);
}

// The issuer names the port, so the port has to be known before there is a provider to answer on it.
const server = http.createServer();
server.listen(Number(options.port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const open = provider(issuer, false);
  const guarded = provider(issuer + GUARDED, INITIAL_ACCESS_TOKEN);
  const [openProtocol, guardedProtocol] = [open.callback(), guarded.callback()];
  server.on('request', (req, res) => {
    const [oidc, protocol, mounted] = isGuarded(req) ? [guarded, guardedProtocol, GUARDED] : [open, openProtocol, ''];
    // Where a provider is mounted, it finds its path as the difference between these two.
    Object.assign(req, { mounted, originalUrl: req.url, url: req.url.slice(mounted.length) });
    if (!req.url.startsWith('/interaction/')) return protocol(req, res);
    return interaction(oidc, req, res).catch((error) => {
      console.error(error);
      page(res, 400, `<h1>Error</h1><pre>${escaped(String(error))}</pre>`);
    });
  });
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
