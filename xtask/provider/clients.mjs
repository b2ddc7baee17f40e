// Who is known at the provider: its users and its clients. README.md says what each client is for.
import crypto from 'node:crypto';

export const USERS = {
  alice: { password: 'wonderland', name: 'Alice Liddell', email: 'alice@example.test' },
  bob: { password: 'builder', name: 'Bob', email: 'bob@example.test' },
};

// RFC 8707: what `resource` may name, and what kind of access token is for it.
export const RESOURCES = {
  'https://api.example/opaque': { accessTokenFormat: 'opaque' },
  'https://api.example/jwt': { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } },
};

// Whoever has this may register a client at ISSUER/guarded.
export const INITIAL_ACCESS_TOKEN = 'hallpass-initial-access-token';

export const SCOPES = ['openid', 'offline_access', 'profile', 'email', 'api:read', 'api:write'];
// OAuth 2.0 Multiple Response Types. `token` alone is no answer of OpenID Connect, and the provider has it not.
export const RESPONSE_TYPES = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'];
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

// Seconds that differ from what every other client gets.
export const ACCESS_TOKEN_TTL = { 'hallpass-short': 2, 'hallpass-native-short': 4 };
export const DEVICE_CODE_TTL = { 'hallpass-device-short': 1 };

// Whose DPoP proofs need a nonce at the token endpoint and when a request is pushed.
export const NEEDS_NONCE = new Set(['hallpass-dpop', 'hallpass-dpop-native']);

const basic = (id) => ({ client_id: id, client_secret: `${id}-secret`, token_endpoint_auth_method: 'client_secret_basic' });
const web = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1:9999/callback', 'https://client.example/callback'],
  scope: SCOPES.join(' '),
};
// RFC 8252, section 7.3: a native client's loopback redirect URI matches with any port.
const native = {
  ...web,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.hallpass:/callback'],
};
const device = { grant_types: [DEVICE_CODE, 'refresh_token'], response_types: [], redirect_uris: [], scope: SCOPES.join(' ') };
const service = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'api:read api:write' };

// OpenID Connect Core, section 3: every response type. Where tokens come in the front, a redirect URI has to be https.
const everything = {
  ...web,
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: RESPONSE_TYPES,
  redirect_uris: ['https://client.example/callback'],
  post_logout_redirect_uris: ['https://client.example/goodbye'],
};

// `key` is the public key (JWK) of the clients that prove themselves with one.
export function clients(key) {
  const signed = { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: { keys: [key] } };
  return [
    { ...web, ...basic('hallpass-basic') },
    { ...web, client_id: 'hallpass-post', client_secret: 'hallpass-post-secret', token_endpoint_auth_method: 'client_secret_post' },
    { ...web, ...signed, client_id: 'hallpass-jwt' },
    // Every character here means something in a form, in a URL or in the Basic scheme.
    { ...web, client_id: 'hallpass-odd:id with space/&', client_secret: 'odd%secret+with:colon &amp=x', token_endpoint_auth_method: 'client_secret_basic' },
    { ...web, ...basic('hallpass-short') },
    { ...native, client_id: 'hallpass-native' },
    { ...native, client_id: 'hallpass-native-short' },
    { ...service, ...basic('hallpass-service') },
    { ...service, ...signed, client_id: 'hallpass-service-jwt' },
    { ...device, client_id: 'hallpass-device', token_endpoint_auth_method: 'none' },
    { ...device, client_id: 'hallpass-device-short', token_endpoint_auth_method: 'none' },
    { ...device, ...basic('hallpass-device-basic') },
    { ...web, ...basic('hallpass-par'), require_pushed_authorization_requests: true },
    { ...web, ...basic('hallpass-dpop'), grant_types: [...web.grant_types, 'client_credentials', DEVICE_CODE], dpop_bound_access_tokens: true },
    { ...native, client_id: 'hallpass-dpop-native', dpop_bound_access_tokens: true },
    { ...everything, ...basic('hallpass-openid') },
    {
      ...everything,
      ...basic('hallpass-openid-es256'),
      id_token_signed_response_alg: 'ES256',
      userinfo_signed_response_alg: 'ES256',
    },
    { ...everything, ...basic('hallpass-openid-signed'), userinfo_signed_response_alg: 'RS256' },
    // RFC 7518, section 3.2: a secret that signs with HS256 has 256 bits.
    {
      ...everything,
      client_id: 'hallpass-openid-secret-jwt',
      client_secret: 'hallpass-openid-secret-jwt-secret',
      token_endpoint_auth_method: 'client_secret_jwt',
    },
    { ...everything, client_id: 'hallpass-openid-public', token_endpoint_auth_method: 'none' },
    { ...everything, ...signed, client_id: 'hallpass-openid-key', request_object_signing_alg: 'ES256' },
    {
      ...everything,
      client_id: 'hallpass-openid-mtls',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=hallpass-openid-mtls',
    },
    { ...basic('hallpass-api'), grant_types: [], response_types: [], redirect_uris: [] },
  ];
}

// An ES256 key pair: the private key as PKCS#8 in PEM, the public one as the JWK that `clients` takes.
export function clientKey() {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'hallpass-key' },
  };
}
