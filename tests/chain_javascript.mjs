// The JavaScript SDK's own chain in the environments given on standard input, one JSON object a line:
// {"environment": {…}, "files": "…", "home": "…"}. For each, a line with the key id that it found, or its error.
// Addresses of the metadata service and of containers' credentials are answered from here; no role is assumed at STS.
import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(join(process.argv[2], "/"));
const { defaultProvider } = require("@aws-sdk/credential-provider-node");

const answer = (id) => JSON.stringify({
  Code: "Success", AccessKeyId: id, SecretAccessKey: "secret", Token: "token", Expiration: "2999-01-01T00:00:00Z",
});
const server = createServer((request, response) => {
  const path = request.url;
  if (path.startsWith("/container")) response.end(answer("CONTAINER"));
  else if (path.endsWith("/api/token")) response.end("token");
  else if (path.endsWith("/security-credentials/")) response.end("node");
  else response.end(answer("METADATA"));
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const here = `http://127.0.0.1:${server.address().port}`;

const cases = (await new Response(process.stdin).text()).trim().split("\n").map((line) => JSON.parse(line));
const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_")));
const assumed = async () => ({ accessKeyId: "WEB_IDENTITY", secretAccessKey: "s", sessionToken: "t" });
const chained = async () => ({ accessKeyId: "PROFILE_ROLE", secretAccessKey: "s", sessionToken: "t" });

for (const { environment, files, home } of cases) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, clean, environment, { HOME: home, AWS_EC2_METADATA_SERVICE_ENDPOINT: here });
  mkdirSync(join(home, ".aws"), { recursive: true });
  writeFileSync(join(home, ".aws", "credentials"), files);
  const token = join(home, "token");
  writeFileSync(token, "token");
  if (process.env.AWS_WEB_IDENTITY_TOKEN_FILE) process.env.AWS_WEB_IDENTITY_TOKEN_FILE = token;
  if (process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE) process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE = token;
  if (process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI) process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${here}/container`;
  try {
    const provider = defaultProvider({
      roleAssumerWithWebIdentity: assumed, roleAssumer: chained, ignoreCache: true, maxRetries: 0, timeout: 2000,
    });
    console.log(JSON.stringify({ found: (await provider()).accessKeyId }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.name }));
  }
}
server.close();
