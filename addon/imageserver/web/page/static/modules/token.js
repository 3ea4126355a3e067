/** The token of who comes directly. Behind Home Assistant's ingress there is none, and none is needed. */

const KEY = "aiframes.token";
let fallback = null;

export function heldToken() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return fallback;
  }
}

export function holdToken(token) {
  fallback = token;
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // Where a browser keeps nothing for us, the token lives as long as the page.
  }
}

export function authorization() {
  const token = heldToken();
  return token ? { Authorization: `Bearer ${token}` } : {};
}
