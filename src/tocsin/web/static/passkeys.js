// Passkeys: asks the browser to make one or to sign with one, and tells the server what it said.
// Forms say where to ask (data-options) and where to answer (data-finish); without support they stay hidden.

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
};

const text = (buffer) => {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const post = async (address, body) => {
  const shown = document.querySelector('meta[name="csrf"]');
  const headers = { "content-type": "application/json" };
  if (shown && shown.content) headers["x-csrf-token"] = shown.content;
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
  return [answer.ok, await answer.json()];
};

const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const make = async (asked) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: named(asked.excludeCredentials),
    },
  });
  const { clientDataJSON, attestationObject } = made.response;
  return {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) },
  };
};

const sign = async (asked) => {
  const signed = await navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
  const { clientDataJSON, authenticatorData, signature, userHandle } = signed.response;
  return {
    id: signed.id,
    rawId: text(signed.rawId),
    type: signed.type,
    response: {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
};

const carryOut = async (form, ceremony) => {
  const [asked, options] = await post(form.dataset.options, {});
  if (!asked) return options.next || null;
  const credential = await ceremony(options);
  const said = Object.fromEntries(new FormData(form));
  const [done, answer] = await post(form.dataset.finish, { ...said, trusted: said.trusted === "yes", credential });
  return done || answer.next ? answer.next : null;
};

const wire = (id, ceremony) => {
  const form = document.getElementById(id);
  if (!form || !window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector('[role="alert"]');
    failed.hidden = true;
    let place = null;
    try {
      place = await carryOut(form, ceremony);
    } catch {
      place = null;
    }
    if (place) location.assign(place);
    else failed.hidden = false;
  });
};

wire("add-passkey", make);
wire("by-passkey", sign);
