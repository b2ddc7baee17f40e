// An OpenID certified provider (npm: oidc-provider) on a loopback port, for the tests of the facade and of the relying party.
//
//     node server.mjs --key FILE [--port PORT] [--tls FOLDER]
//
// Without --port it takes a free one. FILE receives the private key (ES256, PKCS#8, PEM) of the clients that prove
// themselves with one, FILE.jwk the public key. When it is ready it prints one line, `ready ISSUER`, and it ends when its standard input does, so
// that it never outlives whoever started it. Everything else it has to say goes to standard error.
//
// With --tls it speaks https, as localhost, and asks for client certificates on a second port, which its metadata names
// (`mtls_endpoint_aliases`). FOLDER has server.pem and server.key, and ca.pem for the certificates of clients.
//
// README.md says who is known here and what is switched on. There are two more issuers: ISSUER/guarded, whose registration
// endpoint wants an initial access token, and ISSUER/rotating, which has new keys after each authorization request.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { parseArgs } from 'node:util';

import { Provider, errors } from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

import {
  ACCESS_TOKEN_TTL, DEVICE_CODE_TTL, INITIAL_ACCESS_TOKEN, NEEDS_NONCE, RESOURCES, RESPONSE_TYPES, SCOPES, USERS, clientKey, clients,
} from './clients.mjs';

const { values: options } = parseArgs({
  options: { key: { type: 'string' }, port: { type: 'string', default: '0' }, tls: { type: 'string' } },
});
if (!options.key) {
  console.error('usage: node server.mjs --key FILE [--port PORT] [--tls FOLDER]');
  process.exit(2);
}

const key = clientKey();
fs.writeFileSync(options.key, key.pem, { mode: 0o600 });
fs.writeFileSync(`${options.key}.jwk`, JSON.stringify(key.jwk));

const REFUSALS = [
  'authorization', 'backchannel', 'end_session', 'device_authorization', 'code_verification', 'device_resume', 'pushed_authorization_request', 'grant', 'userinfo',
  'revocation', 'introspection', 'registration_create', 'registration_read', 'registration_update', 'registration_delete',
].map((endpoint) => `${endpoint}.error`);

function signingKey(type, options, alg) {
  const { privateKey } = crypto.generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `provider-${alg}` };
}

// RFC 8705: what is known of the certificate that the client showed, on the port that asks for one.
const mTLS = {
  enabled: true,
  tlsClientAuth: true,
  selfSignedTlsClientAuth: true,
  getCertificate: (ctx) => ctx.socket.getPeerX509Certificate?.(),
  certificateAuthorized: (ctx) => ctx.socket.authorized,
  certificateSubjectMatches: (ctx, property, expected) => property === 'tls_client_auth_subject_dn'
    && ctx.socket.getPeerX509Certificate().subject === expected,
};

// `kept` is what outlives a change of keys. `aliases` is the address of the port that asks for certificates, if there is one.
function provider(issuer, { kept, initialAccessToken = false, aliases }) {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  const at = (endpoint) => `${aliases}${path}/${endpoint}`;
  const provider = new Provider(issuer, {
    adapter: kept.adapter,
    clients: clients(key.jwk),
    jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
    cookies: { keys: kept.cookieKeys },
    scopes: SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    responseTypes: RESPONSE_TYPES,
    clientAuthMethods: [
      'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none', 'tls_client_auth', 'self_signed_tls_client_auth',
    ],
    ...(aliases && { discovery: { mtls_endpoint_aliases: { token_endpoint: at('token'), revocation_endpoint: at('token/revocation') } } }),
    // Its own dispatcher asks nobody on this machine for anything; here everybody who logs out or has keys is on it.
    fetch: (url, { dispatcher, ...request }) => fetch(url, request),
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
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true },
      encryption: { enabled: true },
      jwtUserinfo: { enabled: true },
      mTLS,
      requestObjects: { enabled: true },
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

// An issuer, at a path or at none.
function mounted(issuer, path, settings = {}) {
  const kept = {
    // What has expired is kept for an hour: `expired_token` can be said of a device code only while it is known.
    adapter: createMemoryAdapter(3600),
    cookieKeys: [crypto.randomBytes(32).toString('hex')],
  };
  const here = { path };
  // Again, it has other keys; logins, codes and tokens stay.
  here.renew = () => {
    here.oidc = provider(issuer + path, { ...settings, kept });
    here.protocol = here.oidc.callback();
  };
  here.renew();
  return here;
}

const METADATA = '/.well-known/oauth-authorization-server';

function answer(issuers, req, res) {
  // Metadata of an issuer with a path has two addresses: OpenID Connect puts the well-known part behind the path, RFC 8414
  // (section 3.1) before it.
  if (req.url.startsWith(`${METADATA}/`)) req.url = req.url.slice(METADATA.length) + METADATA;
  const here = issuers.find(({ path }) => req.url.startsWith(`${path}/`));
  // Where a provider is mounted, it finds its path as the difference between these two.
  Object.assign(req, { mounted: here.path, originalUrl: req.url, url: req.url.slice(here.path.length) });
  if (req.url.startsWith('/.well-known/webfinger?')) return webFinger(here.oidc.issuer, req, res);
  if (here.isRotating && req.url.startsWith('/auth?')) here.renew();
  if (!req.url.startsWith('/interaction/')) return here.protocol(req, res);
  return interaction(here.oidc, req, res).catch((error) => {
    console.error(error);
    page(res, 400, `<h1>Error</h1><pre>${escaped(String(error))}</pre>`);
  });
}

// OpenID Connect Discovery, section 2: whatever is asked for has its provider here.
function webFinger(issuer, req, res) {
  const subject = new URL(req.url, issuer).searchParams.get('resource');
  const links = [{ rel: 'http://openid.net/specs/connect/1.0/issuer', href: issuer }];
  res.writeHead(200, { 'content-type': 'application/jrd+json' });
  res.end(JSON.stringify({ subject, links }));
}

function listening(server, port) {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });
}

// The issuer names the port, so the port has to be known before there is a provider to answer on it.
async function start() {
  const file = (name) => fs.readFileSync(`${options.tls}/${name}`);
  const identity = options.tls && { cert: file('server.pem'), key: file('server.key') };
  const server = identity ? https.createServer(identity) : http.createServer();
  const port = await listening(server, Number(options.port));
  const issuer = identity ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  const servers = [server];
  let aliases;
  if (identity) {
    servers.push(https.createServer({ ...identity, ca: file('ca.pem'), requestCert: true, rejectUnauthorized: false }));
    aliases = `https://localhost:${await listening(servers[1], 0)}`;
  }
  const issuers = [
    mounted(issuer, '/guarded', { aliases, initialAccessToken: INITIAL_ACCESS_TOKEN }),
    Object.assign(mounted(issuer, '/rotating', { aliases }), { isRotating: true }),
    mounted(issuer, '', { aliases }),
  ];
  for (const each of servers) each.on('request', (req, res) => answer(issuers, req, res));
  console.log(`ready ${issuer}`);
}

await start();
process.stdin.on('end', () => process.exit(0)).resume();
