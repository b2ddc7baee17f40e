// An OpenID certified authorization server (npm: oidc-provider) on a loopback port, for the tests of the facade.
//
//     node server.mjs --key FILE [--port PORT]
//
// Without --port it takes a free one. FILE receives the private key (ES256, PKCS#8, PEM) of the client
// `hallpass-jwt`. When it is ready it prints one line, `ready ISSUER`, and it ends when its standard input does, so
// that it never outlives whoever started it. Everything else it has to say goes to standard error.
//
// Who can log in: alice / wonderland, bob / builder. A refresh token comes for `offline_access` together with
// `prompt=consent` (OpenID Connect Core, section 11), and always for `hallpass-native`; it is rotated at each use, and
// one used twice ends its whole grant. `hallpass-short` gets access tokens that live for two seconds.
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import { parseArgs } from 'node:util';

import { Provider } from 'oidc-provider';

const { values: options } = parseArgs({ options: { key: { type: 'string' }, port: { type: 'string', default: '0' } } });
if (!options.key) {
  console.error('usage: node server.mjs --key FILE [--port PORT]');
  process.exit(2);
}

const USERS = {
  alice: { password: 'wonderland', name: 'Alice Liddell', email: 'alice@example.test' },
  bob: { password: 'builder', name: 'Bob', email: 'bob@example.test' },
};

const clientKey = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
fs.writeFileSync(options.key, clientKey.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
const clientJwk = { ...clientKey.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'hallpass-key' };

const web = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1:9999/callback', 'https://client.example/callback'],
  scope: 'openid offline_access profile email api:read api:write',
};
const CLIENTS = [
  { ...web, client_id: 'hallpass-basic', client_secret: 'hallpass-basic-secret', token_endpoint_auth_method: 'client_secret_basic' },
  { ...web, client_id: 'hallpass-post', client_secret: 'hallpass-post-secret', token_endpoint_auth_method: 'client_secret_post' },
  { ...web, client_id: 'hallpass-jwt', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: { keys: [clientJwk] } },
  // Every character here means something in a form, in a URL or in the Basic scheme.
  { ...web, client_id: 'hallpass-odd:id with space/&', client_secret: 'odd%secret+with:colon &amp=x', token_endpoint_auth_method: 'client_secret_basic' },
  { ...web, client_id: 'hallpass-short', client_secret: 'hallpass-short-secret', token_endpoint_auth_method: 'client_secret_basic' },
  // RFC 8252, section 7.3: a native client's loopback redirect URI matches with any port.
  { ...web, client_id: 'hallpass-native', application_type: 'native', token_endpoint_auth_method: 'none', redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.hallpass:/callback'] },
];

function signingKey(type, options, alg) {
  const { privateKey } = crypto.generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `provider-${alg}` };
}

function provider(issuer) {
  const provider = new Provider(issuer, {
    clients: CLIENTS,
    jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
    cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'api:read', 'api:write'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    pkce: { required: () => true },
    // The default forgives 15 seconds, seven times what a token of `hallpass-short` lives.
    clockTolerance: 0,
    rotateRefreshToken: () => true,
    issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed('refresh_token')
      && (code.scopes.has('offline_access') || client.applicationType === 'native'),
    ttl: {
      AccessToken: (ctx, token, client) => (client.clientId === 'hallpass-short' ? 2 : 3600),
      AuthorizationCode: () => 60, Grant: () => 86400, IdToken: () => 3600, Interaction: () => 3600, RefreshToken: () => 86400, Session: () => 86400,
    },
    async findAccount(ctx, id) {
      const user = USERS[id];
      return user && { accountId: id, claims: async () => ({ sub: id, name: user.name, email: user.email, email_verified: true }) };
    },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
  });
  provider.on('server_error', (ctx, error) => console.error('server_error', error));
  for (const event of ['authorization.error', 'grant.error', 'userinfo.error']) {
    provider.on(event, (ctx, error) => console.error(event, error.error, error.error_description, error.error_detail ?? ''));
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
  const abort = `/interaction/${uid}/abort`;
  if (req.url === abort) {
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
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

// The issuer names the port, so the port has to be known before there is a provider to answer on it.
const server = http.createServer();
server.listen(Number(options.port), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const oidc = provider(issuer);
  const protocol = oidc.callback();
  server.on('request', (req, res) => {
    if (!req.url.startsWith('/interaction/')) return protocol(req, res);
    return interaction(oidc, req, res).catch((error) => {
      console.error(error);
      page(res, 400, `<h1>Error</h1><pre>${escaped(String(error))}</pre>`);
    });
  });
  console.log(`ready ${issuer}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
