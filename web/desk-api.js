// The desk's calls: logging in to the user pool, a fresh token before each call, retries under the same key.

import { newId } from "./common.js";

const SAVED = "santral.desk.login"; // in sessionStorage: gone with the tab
const TRIES = 4;
const EARLY = 60_000; // renew a token a minute before it ends

/** An error a person can be shown: `status` 0 means the server was not reached. */
export class Problem extends Error {
  constructor(status, title, detail = "", reference = null) {
    super(detail || title);
    Object.assign(this, { status, title, detail, reference });
  }
}

export class UserPool {
  constructor({ cognito, client_id: client }) {
    this.url = cognito;
    this.client = client;
    this.login = JSON.parse(sessionStorage.getItem(SAVED) ?? "null");
  }

  get loggedIn() { return this.login !== null; }

  /** Null when done, else the challenge to answer: {name, session, email}. */
  async start(email, password) {
    return this.#take(await this.#call("InitiateAuth", {
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: this.client,
      AuthParameters: { USERNAME: email, PASSWORD: password },
    }), email);
  }

  async answer(challenge, value) {
    const name = challenge.name === "NEW_PASSWORD_REQUIRED" ? "NEW_PASSWORD" : "SOFTWARE_TOKEN_MFA_CODE";
    return this.#take(await this.#call("RespondToAuthChallenge", {
      ChallengeName: challenge.name,
      ClientId: this.client,
      Session: challenge.session,
      ChallengeResponses: { USERNAME: challenge.user, [name]: value },
    }), challenge.email);
  }

  /** A token that is good for at least a minute. Problem 401 when the person must log in again. */
  async token() {
    if (!this.login) throw new Problem(401, "login");
    if (Date.now() > this.login.until - EARLY) {
      this.renewal ??= this.#renew().finally(() => { this.renewal = null; });
      await this.renewal;
    }
    return this.login.id;
  }

  logOut() {
    const refresh = this.login?.refresh;
    this.login = null;
    sessionStorage.removeItem(SAVED);
    if (refresh) this.#call("RevokeToken", { ClientId: this.client, Token: refresh }).catch(() => {});
  }

  async #renew() {
    const { refresh, email } = this.login;
    try {
      await this.#take(await this.#call("InitiateAuth", {
        AuthFlow: "REFRESH_TOKEN_AUTH", ClientId: this.client, AuthParameters: { REFRESH_TOKEN: refresh },
      }), email, refresh);
    } catch (error) {
      if (error.status === 0) throw error;
      this.logOut();
      throw new Problem(401, "login");
    }
  }

  async #take(answer, email, refresh = null) {
    const result = answer.AuthenticationResult;
    if (!result) {
      const user = answer.ChallengeParameters?.USER_ID_FOR_SRP ?? email;
      return { name: answer.ChallengeName, session: answer.Session, email, user };
    }
    this.login = {
      id: result.IdToken,
      refresh: result.RefreshToken ?? refresh,
      until: Date.now() + result.ExpiresIn * 1000,
      email,
    };
    sessionStorage.setItem(SAVED, JSON.stringify(this.login));
    return null;
  }

  async #call(name, body) {
    const answer = await reach(this.url, {
      method: "POST",
      headers: { "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": `AWSCognitoIdentityProviderService.${name}` },
      body: JSON.stringify(body),
    });
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Problem(answer.status, (content.__type ?? "").split("#").at(-1), content.message ?? "");
    return content;
  }
}

export class Api {
  constructor(pool) { this.pool = pool; }

  get(path, query = {}) {
    const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined));
    return this.#ask("GET", asked.size ? `${path}?${asked}` : path);
  }

  /** One intent, one key: a retry repeats the key, so the server does it once. */
  post(path, body = undefined, key = newId()) { return this.#ask("POST", path, body, key); }

  async #ask(method, path, body, key) {
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.#once(method, path, body, key);
      } catch (problem) {
        const worth = problem.status === 0 || [429, 502, 503, 504].includes(problem.status);
        if (!worth || tried >= TRIES) throw problem;
        await new Promise((done) => { setTimeout(done, Math.random() * 400 * 2 ** tried); });
      }
    }
  }

  async #once(method, path, body, key) {
    const headers = { Authorization: `Bearer ${await this.pool.token()}`, Accept: "application/json" };
    if (key) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await reach(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const content = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (answer.ok) return content;
    throw new Problem(answer.status, content?.title ?? "", content?.detail ?? content?.message ?? "", content?.request_id ?? null);
  }
}

async function reach(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new Problem(0, "network");
  }
}
